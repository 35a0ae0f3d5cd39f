"""What can be checked of a whole spec before values are known: arguments, recursion of blocks,
defaults.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from archcompile.errors import Location, did_you_mean, nearest
from archcompile.ops import REGISTRY
from archcompile.spec.check.attributes import check_attributes
from archcompile.spec.check.sources import is_set, outside
from archcompile.spec.language import (
    ROW_KEYS,
    Block,
    Part,
    Problems,
    Row,
    Step,
    rule_hint,
    step_hint,
)
from archcompile.spec.yaml import Entry, Map, Scalar, Tree, empty_map, expect_map, expect_text, fail


def check_uses(
    blocks: Mapping[str, Block],
    rules: Mapping[str, Block],
    parts: Sequence[Part],
    *,
    defaults: Map | None,
    shortcut: Tree | None,
    broken: Collection[str],
    problems: Problems,
) -> None:
    """Notes arguments that blocks do not have, blocks that contain themselves, defaults and rules
    that are not there.

    `broken` are rules whose own mistakes have been noted.
    """
    bodies = [(b.name, b.body) for b in (*blocks.values(), *rules.values())]
    bodies += [("", p.content) for p in parts if isinstance(p.content, tuple)]
    inner: dict[str, set[str]] = {}
    for name, body in bodies:
        for row in _rows(body):
            problems.attempt(check_row, row, blocks, rules)
            problems.attempt(_check_asked, row, blocks)
            inner.setdefault(name, set()).add(row.block)
    for part in parts:
        if isinstance(part.content, Row):
            problems.attempt(check_row, part.content, blocks, rules)
    rows = [row for _, body in bodies for row in _rows(body)]
    rows += [part.content for part in parts if isinstance(part.content, Row)]
    choices = [shortcut, *(tree for row in rows for tree in _choices(row))]
    choices += [
        step.attributes.get("rule")
        for _, body in bodies
        for step in all_steps(body)
        if step.kind == "shortcut"
    ]
    for tree in choices:
        if choice_name(tree) not in broken:
            problems.attempt(check_choice, tree, rules)
    for name, block in blocks.items():
        if _reaches(name, name, inner):
            problems.found.extend(
                fail("cycle", f"the block '{name}' contains itself", block.at).diagnostics
            )
    for name, entry in defaults.entries.items() if defaults else ():
        problems.attempt(check_default, name, entry, blocks, rules=rules)


def all_steps(steps: Iterable[Step]) -> Iterable[Step]:
    for step in steps:
        yield step
        for branch in (step.branches or {}).values():
            yield from all_steps(branch)


def _rows(steps: Iterable[Step]) -> Iterable[Row]:
    return (step.row for step in all_steps(steps) if step.row)


def _choices(row: Row) -> Iterable[Tree | None]:
    return (row.shortcut, *(edge.get("shortcut") for edge in (row.first, row.last) if edge))


def check_choice(tree: Tree | None, rules: Mapping[str, Block]) -> None:
    """Raises SpecError unless a choice of shortcut is `RULE` or `{RULE: {argument: value}}`, and
    the rule has them.
    """
    if tree is None:
        return
    if isinstance(tree, Map):
        if len(tree.entries) != 1:
            raise fail("wrong-type", f"`shortcut` names one rule, got {len(tree.entries)}", tree.at)
        ((name, entry),) = tree.entries.items()
        given = expect_map(entry.value, f"the arguments of '{name}'")
    else:
        name, given = expect_text(tree, "`shortcut`"), empty_map(tree.at)
    if name != "none" and name not in rules:
        raise fail(
            "unknown-rule",
            f"there is no shortcut rule '{name}'",
            tree.at,
            hint=rule_hint(name, [*rules, "none"]),
        )
    known = rules[name].arguments if name != "none" else {}
    for key, item in given.entries.items():
        if key not in known:
            raise fail(
                "unknown-argument",
                f"the rule '{name}' has no argument '{key}'",
                item.at,
                hint=did_you_mean(key, known, "it has"),
            )


def choice_name(tree: Tree | None) -> str | None:
    """The rule a choice names: `RULE` or `{RULE: {arg: value}}`."""
    if isinstance(tree, Map):
        return next(iter(tree.entries), None)
    return str(tree.value) if isinstance(tree, Scalar) else None


def _reaches(start: str, target: str, inner: dict[str, set[str]]) -> bool:
    seen: set[str] = set()
    todo = list(inner.get(start, ()))
    while todo:
        name = todo.pop()
        if name == target:
            return True
        if name not in seen:
            seen.add(name)
            todo.extend(inner.get(name, ()))
    return False


def check_row(row: Row, blocks: Mapping[str, Block], rules: Mapping[str, Block]) -> None:
    """Raises SpecError for arguments the block does not have."""
    block = blocks.get(row.block)
    if block is None:
        return  # its own mistake has been noted
    problems = Problems()
    for given in (row.arguments, row.first, row.last):
        for key, entry in given.entries.items() if given else ():
            if key not in block.arguments and not (
                given is not row.arguments and key == "shortcut"
            ):
                problems.attempt(
                    _unknown_argument,
                    key,
                    entry.at,
                    block,
                    besides=ROW_KEYS if given is row.arguments else ("shortcut",),
                )
    for name, entry in row.defaults.entries.items() if row.defaults else ():
        problems.attempt(check_default, name, entry, blocks, rules=rules)
    # a child that names another block keeps its parent's arguments: the mistake stands there, its
    # cause here
    problems.found = [
        outside(
            replace(
                d,
                hint=f"{d.hint}; else `remove:` the row, or this argument, first",
                notes=(*d.notes, ("the block is named here", row.at)),
            ),
            row.at,
        )
        if d.location.file != row.at.file and not is_set(d.location)
        else d
        for d in problems.found
    ]
    problems.raise_any()


def _check_asked(row: Row, blocks: Mapping[str, Block]) -> None:
    """Raises SpecError for a step's choice of shortcut where neither its block nor one within has a
    `shortcut` step.
    """
    choice = next((tree for tree in _choices(row) if tree is not None), None)
    if choice is not None and not _has_shortcut(row.block, blocks):
        raise fail(
            "no-shortcut-step",
            f"the block '{row.block}' asks for no shortcut: it has no `shortcut` step",
            choice.at,
            hint="remove this, or put a step `shortcut` where the skip path is to join",
        )


def _has_shortcut(name: str, blocks: Mapping[str, Block]) -> bool:
    seen: set[str] = set()
    todo = [name]
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        if name not in blocks:
            return True  # its own mistake has been noted
        steps = list(all_steps(blocks[name].body))
        if any(step.kind == "shortcut" for step in steps):
            return True
        todo += [step.row.block for step in steps if step.row]
    return False


def _unknown_argument(key: str, at: Location, block: Block, *, besides: Iterable[str] = ()) -> None:
    """`besides` are the keys that may stand there and are no arguments."""
    # `filters` is no typo of `first`
    near = nearest(key, [*block.arguments, *besides], cutoff=0.75)
    hint = f"did you mean `{near}`?" if near else did_you_mean(key, block.arguments, "it has")
    raise fail(
        "unknown-argument",
        f"the block '{block.name}' has no argument '{key}'",
        at,
        hint=hint,
        notes=(("the block", block.at),),
    )


def check_default(
    name: str, entry: Entry, blocks: Mapping[str, Block], *, rules: Mapping[str, Block]
) -> None:
    """Raises SpecError unless the defaults are for an op or a block, with attributes it has."""
    attributes = expect_map(entry.value, f"`defaults` of '{name}'")
    if name in REGISTRY:
        check_attributes(REGISTRY[name], attributes, f"'{name}'")
    elif name in blocks:
        for key, item in attributes.entries.items():
            if key not in blocks[name].arguments:
                _unknown_argument(key, item.at, blocks[name])
    elif name in rules:
        raise fail(
            "unknown-step",
            f"`defaults` for '{name}', which is a shortcut rule",
            entry.at,
            hint=f"arguments of a rule stand where it is chosen: `shortcut: {{{name}: {{…}}}}`",
        )
    else:
        raise fail(
            "unknown-step",
            f"`defaults` for '{name}', which is neither an op nor a block in scope",
            entry.at,
            hint=step_hint(name, [*REGISTRY, *blocks]),
        )
