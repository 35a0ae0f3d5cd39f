"""Whether every name is known, before anything is evaluated: in expressions, `from` and `with`.

What a name means where depends on the place alone, so that all mistakes of a file are reported
in one go, also those in blocks that are not used and in steps that an `if` leaves out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from archcompile.errors import Location, SpecError, did_you_mean
from archcompile.spec.expressions import (
    RULE_FACTS,
    SHAPE_FACTS,
    TURN_FACTS,
    UNIT_FACTS,
    ExpressionError,
    hand_over_hint,
    is_expression,
    name_hint,
    parse,
)
from archcompile.spec.language import (
    BLOCK_INPUT,
    INPUT,
    PREVIOUS,
    Block,
    Part,
    PointName,
    Problems,
    Row,
    Step,
    all_steps,
)
from archcompile.spec.yaml import Map, Scalar, Seq, Tree, empty_map, fail, submap

Names = tuple[str, ...]


def check_names(
    tree: Map,
    blocks: Iterable[Block],
    rules: Iterable[Block],
    *,
    parts: Sequence[Part],
    problems: Problems,
) -> None:
    """Notes every name that is not known where it stands (codes unknown-name, unknown-point)."""
    hidden = submap(tree, "vars")
    for block in (*blocks, *rules):
        _block(block, _InBlock(problems.diagnostics, block, hidden))
    variables = _variables(tree, problems)
    for key in ("input", "defaults"):
        _values(tree.get(key), variables, problems)
    _values(tree.get("shortcut"), (*variables, *UNIT_FACTS), problems)
    points = [INPUT, BLOCK_INPUT]
    for part in parts:
        names = (*variables, *SHAPE_FACTS)
        if isinstance(part.content, Row):
            row, choice_names = part.content, (*variables, *UNIT_FACTS)
            seen = [*points, PREVIOUS]
            for point in row.operands:
                if point.name not in seen:
                    hint = did_you_mean(point.name, seen)
                    _note_unknown_point(point, hint=hint, problems=problems)
            _values(row.repeat, names, problems)
            _values(row.defaults, variables, problems)
            _row(row, (*names, *UNIT_FACTS), choice_names, problems=problems)
        else:
            _steps(part.content, names, list(points), problems=problems)
        points.append(part.name)


@dataclass
class _InBlock(Problems):
    """The mistakes in a block or rule, which does not see the variables `hidden` from it."""

    block: Block | None = None
    hidden: Map = field(default_factory=empty_map)


def _variables(tree: Map, problems: Problems) -> Names:
    variables = submap(tree, "vars")
    names = tuple(variables.entries)
    for i, (_, value) in enumerate(variables.items()):
        _values(value, names[:i], problems, later=names)
    return names


def _block(block: Block, problems: Problems) -> None:
    facts = (*block.shape_facts(), *UNIT_FACTS, *(RULE_FACTS if block.is_rule else ()))
    known: list[str] = []
    for name, argument in block.arguments.items():
        _values(argument.default, (*known, *facts), problems)
        known.append(name)
    # a rule also sees the points of the block that joins, which is not known here
    _steps(
        block.body,
        (*known, *facts),
        None if block.is_rule else [INPUT, BLOCK_INPUT, *block.inputs],
        problems=problems,
    )


def _row(row: Row, names: Names, choices: Names, *, problems: Problems) -> None:
    """The arguments of a row, and the choices of shortcut in it."""
    for arguments in (row.arguments, *row.edges()):
        _values(arguments.without("shortcut"), names, problems)
    for choice in row.choices():
        _values(choice, choices, problems)


def _steps(
    steps: Iterable[Step],
    names: Names,
    points: list[str] | None,
    *,
    problems: Problems,
    beside: Names = (),
) -> None:
    """A list of steps; `points` grows with the names it gives.

    `points` is None where other points may be seen too. `beside` are the points of the branches
    beside it, which it does not see.
    """
    steps = tuple(steps)
    for step in steps:
        for point in step.references():
            if points is not None and point.name not in points:
                hint = _point_hint(point.name, points, steps, beside=beside)
                _note_unknown_point(point, hint=hint, problems=problems)
        _values(step.condition, names, problems)
        _values(step.repeat, names, problems)
        inner = (*names, *TURN_FACTS)
        _values(step.attributes, inner, problems)
        if step.row:
            _row(step.row, inner, inner, problems=problems)
            _values(step.row.defaults, inner, problems)
        _branches(step.branches or {}, names, points, problems=problems)
        for size in (step.parts or {}).values():
            _values(size, names, problems)  # it has no turns
        if points is not None:
            points.extend(step.names())


def _note_unknown_point(point: PointName, *, hint: str, problems: Problems) -> None:
    message = f"no point here is named '{point.name}'"
    error = fail("unknown-point", message, point.at, hint=hint)
    problems.diagnostics.extend(error.diagnostics)


def _branches(
    branches: Mapping[str, Iterable[Step]],
    names: Names,
    points: list[str] | None,
    *,
    problems: Problems,
) -> None:
    """The branches of a merge; what they name is seen below it."""
    named = {key: _given_names(body) for key, body in branches.items()}
    for key, body in branches.items():
        beside = tuple(name for branch in named if branch != key for name in named[branch])
        above = None if points is None else list(points)
        _steps(body, names, above, problems=problems, beside=beside)
    if points is not None:
        points.extend(name for branch in named.values() for name in branch)


def _given_names(body: Iterable[Step]) -> list[str]:
    return [name for step in all_steps(body) for name in step.names()]


def _point_hint(name: str, points: Iterable[str], steps: Iterable[Step], *, beside: Names) -> str:
    if name == PREVIOUS:
        return "`previous` is where the unit above starts, so it stands in a stage's row"
    if name in beside:
        return "a branch does not see the points of its sibling branches"
    if any(name in step.names() for step in steps):
        return "it is named further down: a step sees only the points above it"
    return did_you_mean(name, points)


def _names_of(text: str) -> frozenset[str]:
    try:
        return parse(text).names
    except ExpressionError:
        return frozenset()  # noted when its file was read


def _values(tree: Tree | None, names: Names, problems: Problems, *, later: Names = ()) -> None:
    match tree:
        case Scalar(str() as text, at) if is_expression(text):
            for name in sorted(_names_of(text) - set(names)):
                problems.diagnostics.extend(
                    _name_error(name, at, names, later=later, problems=problems).diagnostics
                )
        case Seq(items):
            for item in items:
                _values(item, names, problems, later=later)
        case Map(entries):
            for entry in entries.values():
                _values(entry.value, names, problems, later=later)


def _name_error(
    name: str, at: Location, names: Names, *, later: Names, problems: Problems
) -> SpecError:
    """The mistake of a name that is not known, with what it may have meant."""
    if name in later:
        return fail(
            "unknown-name",
            f"'{name}' has no value yet",
            at,
            hint="a variable sees only those above it",
        )
    block = problems.block if isinstance(problems, _InBlock) else None
    if not (isinstance(problems, _InBlock) and block and name in problems.hidden):
        return fail("unknown-name", f"'{name}' is not known here", at, hint=name_hint(name, names))
    what = "rule" if block.is_rule else "block"
    value = getattr(problems.hidden[name], "value", None)
    kind = type(value).__name__ if isinstance(value, int | float) else "int"
    return fail(
        "unknown-name",
        f"'{name}' is a variable of the spec, which the {what} '{block.name}' does not see",
        at,
        hint=hand_over_hint(name, kind, block.name, is_rule=block.is_rule),
        notes=(("the variable", problems.hidden[name].at),),
    )
