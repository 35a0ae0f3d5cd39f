"""The settings of a node as a step has them, and which may differ between units of a block."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from archcompile.graph import Node
from archcompile.importer.fold.series import Atom, Fork, Series, Single, wiring
from archcompile.ops import REGISTRY, Op, Pad, Simple, Window, Windowed

# The step whose function is an attribute: activations differ between units like any setting.
ACTIVATION = "activation"
# Never an argument of a block.
FIXED = ("init", "activation", "mean", "variance", "per", "scale_at", "keep_dims")
# The order in which people write.
FIRST = ("filters", "units", "kernel", "size", "stride", "padding", "groups", "momentum")
SPELLINGS = ("same", "valid", "symmetric")  # of padding, the first that will do is written


def step_kind(op: Op) -> str:
    return ACTIVATION if isinstance(op, Simple) else op.kind


def attributes(op: Op) -> dict[str, Any]:
    """All attributes by their names in YAML, pairs and sides as one number where they are equal."""
    if isinstance(op, Simple):
        return {"kind": op.kind}
    settings = op.settings()
    names = {name: info.alias or name for name, info in type(op).model_fields.items()}
    values = {
        names[name]: _plain(value, listed=names[name] in ("shape", "mean", "variance"))
        for name, value in settings.items()
    }
    if isinstance(op, Window) and values["stride"] == values["size"]:
        values["stride"] = None  # it is the size unless given
    if isinstance(op, Windowed):
        values["padding"] = Word.of(spellings(op))
    return {key: values[key] for key in (*FIRST, *values) if key in values}


def _plain(value: Any, listed: bool = False) -> Any:
    if (
        isinstance(value, list)
        and not listed
        and len(set(map(str, value))) == 1
        and len(value) in (2, 4)
    ):
        return value[0]
    if isinstance(value, dict):
        return {key: inner for key, inner in value.items() if inner is not None}
    return value


def own_defaults(kind: str) -> dict[str, Any]:
    """What the language takes for an attribute that is not given."""
    fields = REGISTRY[kind].model_fields
    defaults = {
        info.alias or name: info.get_default()
        for name, info in fields.items()
        if not info.is_required()
    }
    return {
        name: _plain(list(value) if isinstance(value, tuple) else value)
        for name, value in defaults.items()
    }


class Word(str):
    """A word for padding that may also be written in `others`."""

    others: tuple[Any, ...] = ()

    @classmethod
    def of(cls, ways: list[Any]) -> Any:
        """The first of several ways, which knows the rest."""
        if not isinstance(ways[0], str):
            return ways[0]
        word = cls(ways[0])
        word.others = tuple(ways[1:])
        return word


def is_same_value(value: Any, written: Any) -> bool:
    """Whether a value may be written as another."""
    return bool(value == written) or (isinstance(value, Word) and written in value.others)


def spellings(op: Windowed) -> list[Any]:
    """Every way to write the zeros around a map, words first.

    `symmetric` means `same` or nothing where that is the same.
    """
    padding = op.padding
    odd = all(reach % 2 for reach in op.reach)
    if padding == "same":
        return ["same", "symmetric"] if odd and op.stride == (1, 1) else ["same"]
    if padding == "valid":
        return ["valid", "symmetric"] if op.reach == (1, 1) and op.stride != (1, 1) else ["valid"]
    if padding == "symmetric":
        return ["symmetric"]
    top, left = (reach // 2 for reach in op.reach)
    sides = list(padding)
    written = sides[0] if len(set(sides)) == 1 else sides
    # which `symmetric` would make `same`
    half = sides == [top, top, left, left] and not (odd and op.stride == (1, 1))
    return ["symmetric", written] if half else [written]


def with_padding(atoms: Series) -> Series:
    """A pad and the conv without zeros behind it as one conv, which is how people write them."""
    joined: list[Atom] = []
    for atom in atoms:
        if isinstance(atom, Fork):
            joined.append(Fork(atom.node, tuple(map(with_padding, atom.branches))))
            continue
        before = joined[-1] if joined else None
        match before, atom:
            case Single(pad), Single(conv) if _is_padded_conv(pad, conv):
                joined[-1] = Single(_conv_with_pad(pad, conv))
            case _:
                joined.append(atom)
    return tuple(joined)


def _conv_with_pad(pad: Node, conv: Node) -> Node:
    op = conv.op.model_copy(update={"padding": pad.op.size})  # type: ignore[attr-defined]
    return replace(conv, op=op, inputs=pad.inputs)


def _is_padded_conv(pad: Node, conv: Node) -> bool:
    return (
        isinstance(pad.op, Pad)
        and any(pad.op.size)
        and isinstance(conv.op, Windowed)
        and conv.op.padding == "valid"
    )


def signature(atom: Atom) -> tuple[Any, ...]:
    """What two atoms must have in common to be one step, or several, of a block."""
    if isinstance(atom, Single):
        return _op_signature(atom.node.op)
    if isinstance(atom, Fork):
        return (
            "fork",
            _op_signature(atom.node.op),
            tuple(tuple(map(signature, branch)) for branch in atom.branches),
        )
    return "tangle", wiring(atom), tuple(_op_signature(node.op) for node in atom.nodes)


def _op_signature(op: Op) -> tuple[Any, ...]:
    values: Mapping[str, Any] = attributes(op)
    fixed = tuple((key, repr(values[key])) for key in FIXED if key in values)
    lengths = tuple(
        len(value) for key, value in values.items() if isinstance(value, list) and key != "padding"
    )
    return step_kind(op), fixed, lengths
