"""Checks of a whole spec before values are known: arguments, blocks in themselves, defaults."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from archcompile.errors import Diagnostic, Location, did_you_mean, nearest
from archcompile.ops import REGISTRY
from archcompile.spec.check.attributes import check_attributes
from archcompile.spec.check.value_sources import is_set, move_out_of_shipped
from archcompile.spec.language import (
    ROW_KEYS,
    Block,
    Part,
    Problems,
    Row,
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
    """Notes arguments that blocks do not have, blocks in themselves, unknown defaults and rules.

    `broken` are rules whose own mistakes have been noted.
    """
    definitions = [*blocks.values(), *rules.values()]
    steps = [step for block in definitions for step in block.steps()]
    steps += [step for part in parts for step in part.steps()]
    rows = [step.row for step in steps if step.row]
    for row in rows:
        problems.attempt(check_row, row, blocks, rules)
        problems.attempt(_check_shortcut_exists, row, blocks)
    for row in (part.row for part in parts if part.row):
        problems.attempt(check_row, row, blocks, rules)
        rows.append(row)
    choices = [shortcut, *(tree for row in rows for tree in row.choices())]
    choices += [step.attributes.get("rule") for step in steps if step.kind == "shortcut"]
    for tree in choices:
        if choice_name(tree) not in broken:
            problems.attempt(check_choice, tree, rules)
    within: dict[str, list[str]] = {}
    for block in definitions:
        within.setdefault(block.name, []).extend(block.blocks_within())
    for name, block in blocks.items():
        if _contains_itself(name, within):
            problems.diagnostics.extend(
                fail("cycle", f"the block '{name}' contains itself", block.at).diagnostics
            )
    for name, entry in defaults.entries.items() if defaults else ():
        problems.attempt(check_default, name, entry, blocks, rules=rules)


def check_choice(tree: Tree | None, rules: Mapping[str, Block]) -> None:
    """Raises SpecError unless a choice is `RULE` or `{RULE: {argument: value}}` of a known rule."""
    if tree is None:
        return
    if isinstance(tree, Map):
        if len(tree.entries) != 1:
            count = len(tree.entries)
            raise fail("wrong-type", f"`shortcut`: expected one rule, got {count}", tree.at)
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


def _contains_itself(block: str, within: Mapping[str, Iterable[str]]) -> bool:
    """Whether a block is among those within it; `within` has the blocks directly inside each."""
    seen: set[str] = set()
    todo = list(within.get(block, ()))
    while todo:
        name = todo.pop()
        if name == block:
            return True
        if name not in seen:
            seen.add(name)
            todo.extend(within.get(name, ()))
    return False


def check_row(row: Row, blocks: Mapping[str, Block], rules: Mapping[str, Block]) -> None:
    """Raises SpecError for arguments the block does not have."""
    block = blocks.get(row.block)
    if block is None:
        return  # its own mistake has been noted
    problems = Problems()
    problems.attempt(_check_operands, row, block)
    for key, entry in row.arguments.entries.items():
        if key not in block.arguments:
            problems.attempt(_unknown_argument, key, entry.at, block, besides=ROW_KEYS)
    for edge in row.edges():
        for key, entry in edge.entries.items():
            if key not in (*block.arguments, "shortcut"):
                problems.attempt(_unknown_argument, key, entry.at, block, besides=("shortcut",))
    for name, entry in row.defaults.entries.items() if row.defaults else ():
        problems.attempt(check_default, name, entry, blocks, rules=rules)
    problems.diagnostics = [_with_cause(diagnostic, row) for diagnostic in problems.diagnostics]
    problems.raise_any()


def _check_operands(row: Row, block: Block) -> None:
    """Raises SpecError unless `with` names as many points as the block has further inputs."""
    expected, count = block.further_inputs, len(row.operands)
    if count == len(expected):
        return
    notes = (("the block", block.at),)
    if not expected:
        raise fail(
            "unknown-attribute",
            f"the block '{block.name}' takes one input, so it has no `with`",
            row.at,
            hint="`inputs: [x, skip]` in the block names several",
            notes=notes,
        )
    if not count:
        raise fail(
            "missing-key",
            f"the block '{block.name}' needs `with` for {', '.join(expected)}",
            row.at,
            hint="`with: NAME` names the point that is joined",
            notes=notes,
        )
    raise fail(
        "wrong-type",
        f"`with` of the block '{block.name}': expected {len(expected)} "
        f"({', '.join(expected)}), got {count}",
        row.at,
        notes=notes,
    )


def _with_cause(diagnostic: Diagnostic, row: Row) -> Diagnostic:
    """A child that names another block keeps its parent's arguments: its row is then the cause."""
    at = diagnostic.location
    if at.file == row.at.file or is_set(at):
        return diagnostic
    explained = replace(
        diagnostic,
        hint=f"{diagnostic.hint}; else `remove:` the row, or this argument, first",
        notes=(*diagnostic.notes, ("the block is used here", row.at)),
    )
    return move_out_of_shipped(explained, row.at)


def _check_shortcut_exists(row: Row, blocks: Mapping[str, Block]) -> None:
    """Raises SpecError for a choice of shortcut where no block it reaches has a `shortcut` step."""
    choice = next(iter(row.choices()), None)
    if choice is not None and not _has_shortcut(row.block, blocks):
        raise fail(
            "no-shortcut-step",
            f"the block '{row.block}' does not use a shortcut: it has no `shortcut` step",
            choice.at,
            hint="remove this, or add a step `shortcut` where the skip path should join",
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
        if any(step.kind == "shortcut" for step in blocks[name].steps()):
            return True
        todo += blocks[name].blocks_within()
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
            hint=f"give arguments of a rule where it is chosen: `shortcut: {{{name}: {{…}}}}`",
        )
    else:
        raise fail(
            "unknown-step",
            f"`defaults` for '{name}', which is neither an op nor a block in scope",
            entry.at,
            hint=step_hint(name, [*REGISTRY, *blocks]),
        )
