"""Reads lists of steps, and checks all that can be checked before values are known."""

import re
from collections.abc import Iterable
from typing import Any

from archcompile.errors import Location, did_you_mean, nearest
from archcompile.ops import REGISTRY, example
from archcompile.spec.check import attribute_names, check_attributes
from archcompile.spec.expressions import is_expression
from archcompile.spec.language import (
    NAME,
    NAMES,
    ROW_KEYS,
    SPLIT,
    PointName,
    Problems,
    Row,
    Step,
    all_steps,
    read_allowed,
    step_hint,
)
from archcompile.spec.loading.operands import check_operands
from archcompile.spec.loading.vocabulary import (
    ANY_STEP,
    OP_ONLY,
    PLACE_KEYS,
    POINTS,
    UNIT_NAMES,
    Words,
    is_unit_name,
)
from archcompile.spec.yaml import (
    Map,
    Scalar,
    Seq,
    Tree,
    empty_map,
    expect_map,
    expect_seq,
    expect_text,
    fail,
    flow,
    kind_of,
)

PARTS_HINT = "`parts: [left, right]` are equal, `parts: {left: 16, right: 48}` have so many each"


def read_steps(tree: Tree, what: str, words: Words) -> tuple[Step, ...]:
    """A list of steps. Raises SpecError with all its mistakes."""
    problems = Problems()
    if isinstance(tree, Map):
        raise fail(
            "wrong-type",
            f"{what}: expected a list, got a map",
            tree.at,
            hint="begin each step with `- `",
        )
    read = [problems.attempt(_step, item, words) for item in expect_seq(tree, what)]
    steps = [step for step in read if step]
    problems.attempt(_check_unique_names, steps, words)
    problems.raise_any()
    return tuple(steps)


def _check_unique_names(steps: Iterable[Step], words: Words) -> None:
    """Raises SpecError for a name that two steps have, or that a block has."""
    seen = set(words.inputs)
    for step in all_steps(steps):
        for name in step.names():
            if name in seen:
                what = "points" if name in words.inputs or step.parts else "steps"
                raise fail(
                    "defined-twice",
                    f"two {what} are called '{name}'",
                    step.at,
                    hint="names are unique within their list",
                )
            if name in words.blocks:
                raise fail(
                    "reserved-name",
                    f"'{name}' is a block, so it cannot be the name of a step",
                    step.at,
                )
            seen.add(name)


def _step(tree: Tree, words: Words) -> Step:
    """One step: a word, or a map of one word to its attributes."""
    written: Tree | None = None
    if isinstance(tree, Scalar) and isinstance(tree.value, str):
        kind, at = tree.value, tree.at
    else:
        entries = expect_map(tree, "a step").entries if not isinstance(tree, Scalar) else {}
        if len(entries) != 1:
            raise fail(
                "wrong-type",
                f"a step: expected a word or a map with one key, got {_keys(tree)}",
                tree.at,
                hint=_keys_hint(tree),
            )
        ((kind, entry),) = entries.items()
        at, written = entry.at, entry.value
        if not re.fullmatch(NAME, kind):
            _attributes(kind, written, at)  # where a space is missing, what is behind it says so
    if kind == "shortcut" and not words.is_in_block:
        raise fail(
            "unknown-step",
            "`shortcut` as a step belongs in a block",
            at,
            hint="in a stage, `shortcut: RULE` chooses the rule",
        )
    if kind not in words.all():
        raise fail(
            "unknown-step",
            f"there is no op or block '{kind}'",
            at,
            hint=step_hint(kind, words.all()),
        )
    attributes = _attributes(kind, written, at)
    if kind in REGISTRY:
        return _op_step(kind, attributes, at, words=words)
    if kind == "shortcut":
        return _shortcut_step(attributes, at)
    if kind == SPLIT:
        return _split_step(attributes, at)
    return _block_step(kind, attributes, at)


def _attributes(kind: str, tree: Tree | None, at: Location) -> Map:
    """What is written behind a step. Raises SpecError where it is no map."""
    if tree is None or _is_empty(tree):
        return empty_map(at)
    if isinstance(tree, Map):
        return tree
    hint = PARTS_HINT if kind == SPLIT else None
    if kind in REGISTRY and attribute_names(REGISTRY[kind]):
        hint = f"attributes have names, as in `{flow(example(REGISTRY[kind]))}`"
    message = f"the attributes of '{kind}': expected a map, got {kind_of(tree)}"
    raise fail("wrong-type", message, tree.at, hint=hint)


def _keys(tree: Tree) -> str:
    if not isinstance(tree, Map):
        return kind_of(tree)
    return f"the keys {', '.join(tree.entries)}" if tree.entries else "an empty map"


def _keys_hint(tree: Tree) -> str:
    kind, value = next(iter(tree.items()), ("", tree)) if isinstance(tree, Map) else ("", tree)
    if kind and _is_empty(value):
        return f"indent the attributes further than `{kind}:`, or put them in {{ }} behind it"
    return "begin each step with `- `, and put its attributes in { }"


def _is_empty(tree: Tree) -> bool:
    """Whether nothing is written behind a key."""
    return isinstance(tree, Scalar) and tree.value is None


def _common(attributes: Map, at: Location) -> dict[str, Any]:
    """What steps of every kind have."""
    name = _name(attributes["name"]) if "name" in attributes else None
    source = _reference(attributes["from"], "from") if "from" in attributes else None
    return {
        "at": at,
        "name": name,
        "source": source,
        "condition": attributes.get("if"),
        "allow": read_allowed(attributes.get("allow")),
    }


def _op_step(kind: str, attributes: Map, at: Location, *, words: Words) -> Step:
    """A step that is an op, with its operands or branches."""
    values = attributes.without(*ANY_STEP, *OP_ONLY)
    check_attributes(REGISTRY[kind], values, f"'{kind}'")
    check_operands(kind, attributes, at)
    branches = None
    if "branches" in attributes:
        branches = _branches(attributes["branches"], words)
    return Step(
        kind=kind,
        attributes=values,
        **_common(attributes, at),
        operands=_operands(attributes),
        branches=branches,
        repeat=attributes.get("repeat"),
    )


def _operands(attributes: Map) -> tuple[PointName, ...]:
    """The points that `with` names."""
    points = attributes.get("with")
    if points is None:
        return ()
    items = points.items if isinstance(points, Seq) else (points,)
    return tuple(_reference(item, "with") for item in items)


def _branches(tree: Tree, words: Words) -> dict[str, tuple[Step, ...]]:
    lists = expect_map(tree, "`branches`")
    branches = {name: read_steps(body, f"branch '{name}'", words) for name, body in lists.items()}
    for name in branches:
        if not re.fullmatch(NAME, name):
            raise fail(
                "reserved-name",
                f"'{name}' is not a valid name for a branch",
                lists.entries[name].at,
                hint=NAMES[NAME],
            )
    return branches


def _shortcut_step(attributes: Map, at: Location) -> Step:
    for key, entry in attributes.entries.items():
        if key not in (*ANY_STEP, "rule"):
            near = nearest(key, (*ANY_STEP, "rule"))
            known = f"there are {', '.join(ANY_STEP)}, and `rule: NAME` for the block's own rule"
            hint = f"did you mean `{near}`?" if near else known
            raise fail("unknown-attribute", f"`shortcut` has no '{key}'", entry.at, hint=hint)
    rule = attributes.without(*ANY_STEP)
    return Step(kind="shortcut", attributes=rule, **_common(attributes, at))


def _split_step(attributes: Map, at: Location) -> Step:
    """A map in parts along its channels, each with a name."""
    keys = ("from", "if", "allow", "parts")
    for key, entry in attributes.entries.items():
        if key not in keys:
            hint = did_you_mean(key, keys)
            if key == "name":
                hint = "its parts have names: `split: {parts: [left, right]}`"
            raise fail("unknown-attribute", f"`split` has no '{key}'", entry.at, hint=hint)
    tree = attributes.get("parts")
    if tree is None:
        raise fail("missing-key", "`split` needs `parts`", at, hint=PARTS_HINT)
    sizes = _sizes_of_parts(tree)
    if len(sizes) < 2:
        raise fail("wrong-type", f"`parts`: expected two or more, got {len(sizes)}", tree.at)
    return Step(
        kind=SPLIT, attributes=attributes.without(*keys), **_common(attributes, at), parts=sizes
    )


def _sizes_of_parts(tree: Tree) -> dict[str, Tree | None]:
    """The parts by name, with their channels where they are written."""
    sizes: dict[str, Tree | None] = {}
    if isinstance(tree, Seq):
        for item in tree:
            name = expect_text(item, "each name of `parts`")
            check_point_name(name, "a part", item.at)
            if name in sizes:
                raise fail("defined-twice", f"two parts are called '{name}'", item.at)
            sizes[name] = None
        return sizes
    if not isinstance(tree, Map):
        message = f"`parts`: expected a list or a map of names, got {kind_of(tree)}"
        raise fail("wrong-type", message, tree.at, hint=PARTS_HINT)
    for name, entry in tree.entries.items():
        check_point_name(name, "a part", entry.at)
        sizes[name] = entry.value
    return sizes


def _block_step(kind: str, attributes: Map, at: Location) -> Step:
    if "branches" in attributes:
        raise fail(
            "unknown-attribute",
            f"'{kind}' is a block, so it has no `branches`",
            attributes.entries["branches"].at,
            hint="name the ends of the branches, and give a block of several inputs `with`",
        )
    row = read_row(kind, attributes.without("name", "from", "if"), at)
    return Step(
        kind=kind, attributes=empty_map(at), **_common(attributes, at), row=row, repeat=row.repeat
    )


def read_row(block: str, tree: Map, at: Location) -> Row:
    """How a block is used: modifiers apart from arguments."""

    def map_at(key: str) -> Map | None:
        return expect_map(tree[key], f"`{key}`") if key in tree else None

    return Row(
        block=block,
        arguments=tree.without(*ROW_KEYS),
        at=at,
        operands=_operands(tree),
        repeat=tree.get("repeat"),
        first=map_at("first"),
        last=map_at("last"),
        shortcut=tree.get("shortcut"),
        defaults=map_at("defaults"),
        allow=read_allowed(tree.get("allow")),
    )


def _name(tree: Tree) -> str:
    """The name of a step, which must not look like a word of the language."""
    name = expect_text(tree, "`name`")
    check_point_name(name, "a step", tree.at)
    return name


def check_point_name(name: str, what: str, at: Location) -> None:
    """Raises SpecError for the name of a point that is not valid, or a word of the language."""
    if not re.fullmatch(NAME, name):
        raise fail("reserved-name", f"'{name}' is not a valid name", at, hint=NAMES[NAME])
    bare = name.rstrip("0123456789")
    if (
        name in (*POINTS, *PLACE_KEYS)
        or name in REGISTRY
        or is_unit_name(name)
        or (bare != name and (bare in REGISTRY or bare == "shortcut"))
    ):
        raise fail(
            "reserved-name",
            f"'{name}' cannot name {what}: it looks like a word of the language or an automatic "
            "name",
            at,
            hint=UNIT_NAMES if is_unit_name(name) else "choose a name that says what the point is",
        )


def _reference(tree: Tree, key: str) -> PointName:
    name = expect_text(tree, f"`{key}`")
    if is_expression(name):
        raise fail("wrong-type", f"`{key}`: expected a name, got an expression", tree.at)
    return PointName(name, tree.at)
