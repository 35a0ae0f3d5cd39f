"""Functions at the top of emitted source that make layers: what all layers of a kind share is
written once in them.
"""

import keyword
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from archcompile.keras_model import NamedCall
from archcompile.source.printer import Expr, Group, flat, lines, literal

# What Keras takes for a setting that is left out.
DEFAULTS: Mapping[str, Any] = {
    "strides": 1,
    "dilation_rate": 1,
    "groups": 1,
    "depth_multiplier": 1,
    "use_bias": True,
    "activation": None,
    "kernel_initializer": "glorot_uniform",
    "depthwise_initializer": "glorot_uniform",
    "pointwise_initializer": "glorot_uniform",
    "bias_initializer": "zeros",
    "kernel_regularizer": None,
    "depthwise_regularizer": None,
    "pointwise_regularizer": None,
    "momentum": 0.99,
    "epsilon": 0.001,
    "scale": True,
    "center": True,
    "offset": 0.0,
    "keepdims": False,
}
NO_DEFAULTS = {  # where it takes something else: pools their size, group norm 32
    "layers.MaxPooling2D": {"strides"},
    "layers.AveragePooling2D": {"strides"},
    "layers.GroupNormalization": {"groups"},
}
FIRST = {  # settings that Keras takes by place, too
    "Input": ("shape",),
    "layers.Conv2D": ("filters", "kernel_size"),
    "layers.SeparableConv2D": ("filters", "kernel_size"),
    "layers.DepthwiseConv2D": ("kernel_size",),
    "layers.Dense": ("units",),
    "layers.Activation": ("activation",),
    "layers.MaxPooling2D": ("pool_size",),
    "layers.AveragePooling2D": ("pool_size",),
    "layers.Dropout": ("rate",),
    "layers.ZeroPadding2D": ("padding",),
    "layers.Cropping2D": ("cropping",),
    "layers.Reshape": ("target_shape",),
    "layers.Permute": ("dims",),
    "layers.Rescaling": ("scale",),
    "layers.UpSampling2D": ("size",),
    "layers.GroupNormalization": ("groups",),
}
RESERVED = {
    *keyword.kwlist,
    "keras",
    "layers",
    "sys",
    "model",
    "range",
    "enumerate",
    "int",
    "map",
    "max",
    "tuple",
    "inputs",
    "name",
}

Settings = Mapping[str, Expr]


class Names:
    """Identifiers that are given out once each."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.taken = {*RESERVED, *taken}

    def new(self, wanted: str) -> str:
        """An identifier like `wanted` that nothing else has."""
        name = re.sub(r"\W", "_", wanted, flags=re.ASCII)
        name = name if name[:1].isalpha() or name[:1] == "_" else f"net_{name}"
        free = f"{name}_" if name in RESERVED else name
        number = 1
        while free in self.taken:
            number += 1
            free = f"{name}_{number}"
        self.taken.add(free)
        return free


@dataclass(frozen=True, kw_only=True)
class Maker:
    """A function that makes the layers of one Keras class: `fixed` are the settings within, `open`
    those it is given.
    """

    name: str
    path: str
    fixed: Settings
    open: tuple[str, ...]
    is_merge: bool

    def source(self) -> list[str]:
        """Its definition."""
        first = [key for key in FIRST.get(self.path, ()) if key in self.open]
        rest = [key for key in self.open if key not in first]
        inputs = "inputs" if self.is_merge else "x"
        parameters = [
            inputs,
            *first,
            "*",
            *(
                f"{key}={flat(d)}" if (d := default(self.path, key)) is not None else key
                for key in rest
            ),
            "name",
        ]
        given = [
            (key, self.fixed.get(key, key))
            for key in _in_order(self.path, [*self.fixed, *self.open])
        ]
        body = layer(self.path, dict(given), "name", inputs=inputs)
        head = Group(head=f"def {self.name}(", items=tuple(("", p) for p in parameters), tail="):")
        return [*lines(head, 0), *lines(body, 1, "return ")]

    def call(self, settings: Settings, name: str, inputs: Expr) -> Group:
        """What calls it; settings that it has by itself are left out."""
        first = [key for key in FIRST.get(self.path, ()) if key in self.open]
        places = [("", inputs), *(("", settings[key]) for key in first)]
        rest = [
            (f"{key}=", settings[key])
            for key in self.open
            if key not in first and not is_default(self.path, key, settings[key])
        ]
        return Group(head=f"{self.name}(", items=(*places, *rest, ("name=", name)), tail=")")


def default(path: str, key: str) -> Expr | None:
    """What Keras takes for a setting that is left out, as text; None where that is not known."""
    return (
        literal(DEFAULTS[key]) if key in DEFAULTS and key not in NO_DEFAULTS.get(path, ()) else None
    )


def is_default(path: str, key: str, value: Expr) -> bool:
    return value == default(path, key)


def layer(path: str, settings: Settings, name: str, *, inputs: Expr) -> Group:
    """A layer made and applied: `layers.Conv2D(16, 3, padding="same", name="conv1")(x)`."""
    first = FIRST.get(path, ())
    order = _in_order(path, settings)
    items = [("" if key in first else f"{key}=", settings[key]) for key in order]
    then = Group(head="(", items=(("", inputs),), tail=")") if inputs else None
    return Group(
        head=f"{'keras.' if path == 'Input' else ''}{path}(",
        items=(*items, ("name=", name)),
        tail=")",
        then=then,
    )


def _in_order(path: str, keys: Iterable[str]) -> list[str]:
    """Settings by place first, in Keras' order."""
    known, first = list(keys), FIRST.get(path, ())
    return [*(key for key in first if key in known), *(key for key in known if key not in first)]


def texts(made: NamedCall) -> Settings:
    """The settings of a call, as text."""
    return {key: literal(value) for key, value in made.call.kwargs.items()}


def makers(made: Sequence[NamedCall], names: Names, all_of_them: bool) -> dict[str, Maker]:
    """Makers, by their path, for Keras classes that are used more than once: all of them, or those
    that share settings.

    To share is to have two settings in common, or one that takes a call to make. A class gets none
    where calls leave out a setting whose value in Keras is not known here.
    """
    uses: dict[str, list[NamedCall]] = defaultdict(list)
    for one in made:
        if one.call.path.startswith("layers."):
            uses[one.call.path].append(one)
    found: dict[str, Maker] = {}
    for path, calls in uses.items():
        keys = list(dict.fromkeys(key for one in calls for key in one.call.kwargs))
        vectors = {key: [texts(one).get(key, default(path, key)) for one in calls] for key in keys}
        fixed = {
            key: v[0]
            for key, v in vectors.items()
            if v[0] is not None and all(value == v[0] for value in v)
        }
        merges = {len(one.sources) > 1 for one in calls}
        if (
            len(calls) < 2
            or not (all_of_them or _saves(fixed))
            or len(merges) > 1
            or any(None in v for v in vectors.values())
        ):
            continue
        name = names.new(_name(path, calls))
        found[path] = Maker(
            name=name,
            path=path,
            fixed=fixed,
            open=tuple(key for key in keys if key not in fixed),
            is_merge=merges.pop(),
        )
    return found


def _saves(fixed: Settings) -> bool:
    return len(fixed) >= 2 or any(not isinstance(value, str) for value in fixed.values())


def _name(path: str, calls: Sequence[NamedCall]) -> str:
    """As specs call it where the class is one op's alone, else as Keras does."""
    kinds = {one.node.op.kind if one.name == one.node.name else "" for one in calls}
    if len(kinds) == 1 and (kind := kinds.pop()):
        return kind
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", path.rpartition(".")[2]).lower()


def expression(
    made: NamedCall,
    known: Mapping[str, Maker],
    sources: Sequence[str],
    *,
    settings: Settings | None = None,
    name: str | None = None,
) -> Group:
    """The call of a layer on variables; `settings` and `name` stand for its own where they are
    given.
    """
    path = made.call.path
    own = {**texts(made), **(settings or {})}
    if made.is_function:
        return Group(
            head=f"keras.{path}(",
            items=(*(("", s) for s in sources), *((f"{k}=", v) for k, v in own.items())),
            tail=")",
        )
    called = name or str(literal(made.name))
    inputs: Expr = (
        Group(head="[", items=tuple(("", s) for s in sources), tail="]")
        if len(sources) > 1
        else "".join(sources)
    )
    if path in known:
        maker = known[path]
        full = {key: own.get(key, default(path, key) or "") for key in maker.open}
        return maker.call(full, called, inputs)
    kept = {
        key: value
        for key, value in own.items()
        if key in made.call.kwargs or not is_default(path, key, value)
    }
    return layer(path, kept, called, inputs=inputs)
