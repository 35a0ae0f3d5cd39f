"""The statements of a loop over units or over stages."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from archcompile.errors import Location
from archcompile.source.identifiers import Names
from archcompile.source.loops import Loop, Stage, differs_at_most_first
from archcompile.source.spec_places import Place
from archcompile.source.stage_units import Unit
from archcompile.source.syntax import (
    Assign,
    CodeBlock,
    CodeChoice,
    Expr,
    Line,
    Statement,
    TableLoop,
    UnitLoop,
    bracket,
    one_line,
    quote,
)
from archcompile.source.unit_functions import UnitFunction

IS_FIRST = "unit == 1"


Arguments = Mapping[str, Expr]


@dataclass(frozen=True, kw_only=True)
class Rounds:
    """What the rounds of a loop do.

    `unit` is the statement of a unit in a loop over one stage, `row` that of one in a table of
    stages (where a stage may have a single unit without a number), `stage` what a stage of several
    units does with its loop over them. `name` and `comment` are a stage's in the table.
    """

    unit: Callable[[UnitFunction, Arguments], Statement]
    row: Callable[[UnitFunction, Arguments, bool], Statement]
    stage: Callable[[Statement], tuple[Statement, ...]]
    name: Callable[[Stage], str]
    comment: Callable[[Stage], str]


def loop_statements(
    loop: Loop, target: str, source: str, *, place: Place, taken: Iterable[str]
) -> Iterator[Statement]:
    """`target` holds the value that each round reads and writes, `source` the first one.

    The loop's variables are none of the names that are `taken`.
    """

    def unit(function: UnitFunction, arguments: Arguments) -> Statement:
        name = f'f"{loop.part}_b{{unit}}"'
        return Assign(target, function.call(target, arguments, name=name))

    def row(function: UnitFunction, arguments: Arguments, is_numbered: bool) -> Statement:
        name = 'f"{stage}_b{unit}"' if is_numbered else "stage"
        return Assign(target, function.call(target, arguments, name=name))

    rounds = Rounds(
        unit=unit,
        row=row,
        stage=lambda loop_over_units: (loop_over_units,),
        name=lambda stage: stage.units[0].part,
        comment=lambda stage: place(place_of_use(stage.units[0])),
    )
    if len(loop.stages) == 1:
        yield Line(f"# {loop.part}, {place(place_of_use(loop.stages[0].units[0]))}")
    if source != target:
        yield Assign(target, source)
    yield loop_statement(loop, rounds, taken=taken)


def loop_statement(loop: Loop, rounds: Rounds, *, taken: Iterable[str]) -> Statement:
    """The loop over the units of a stage, or over a table of stages."""
    if len(loop.stages) == 1:
        return _over_units(loop, rounds, names=Names(taken))
    return _over_stages(loop, rounds, names=Names(taken))


def place_of_use(unit: Unit) -> Location:
    """The row that names the unit's block."""
    origin = next(iter(unit.calls.values())).node.origin
    return origin.used_at or origin.location


# ---- over the units of a stage -------------------------------------------------------------------


def _over_units(loop: Loop, rounds: Rounds, *, names: Names) -> CodeBlock | UnitLoop:
    """`for unit in range(1, 4):`, or `for unit, rate in enumerate([0.1, 0.2], start=1):`, with the
    call of the function of the units.
    """
    (stage,) = loop.stages
    start, stop = stage.units[0].place, stage.units[-1].place + 1
    arguments: dict[str, Expr] = {}
    listed: dict[str, tuple[Expr, ...]] = {}
    for key in stage.function.parameters:
        column = stage.column(key)
        if differs_at_most_first(column):
            arguments[key] = _choice(column[0], column[-1], f"unit == {start}")
        else:
            variable = names.new(key)
            arguments[key], listed[variable] = variable, column
    body = (rounds.unit(stage.function, arguments),)
    if not listed:
        return CodeBlock(f"for unit in range({start}, {stop}):", body)
    rows = tuple(_row(values) for values in zip(*listed.values(), strict=True))
    return UnitLoop(variables=tuple(listed), rows=rows, start=start, body=body)


def _row(values: Sequence[Expr]) -> Expr:
    return values[0] if len(values) == 1 else bracket("(", values, ")")


# ---- over stages ---------------------------------------------------------------------------------


def _over_stages(loop: Loop, rounds: Rounds, *, names: Names) -> TableLoop:
    """A loop over a table of stages, with a loop over the units of each in it."""
    function, table = loop.stages[0].function, _Table(names)
    counts = [str(len(stage.units)) for stage in loop.stages]
    stop = table.add("units", counts)
    by_key = {key: _argument(key, loop, table) for key in _in_order(function)}
    arguments = {key: by_key[key] for key in function.parameters}
    parts = [quote(rounds.name(stage)) for stage in loop.stages]
    rows = [_row(values) for values in zip(parts, *table.columns.values(), strict=True)]
    comments = [rounds.comment(stage) for stage in loop.stages]
    is_numbered = loop.stages[0].units[0].prefix != loop.part
    body: tuple[Statement, ...] = (rounds.row(function, arguments, is_numbered),)
    if is_numbered:
        end = str(int(stop) + 1) if stop.isdecimal() else f"{stop} + 1"
        body = rounds.stage(CodeBlock(f"for unit in range(1, {end}):", body))
    return TableLoop(("stage", *table.columns), tuple(zip(rows, comments, strict=True)), body)


class _Table:
    """The variables of a loop over stages, with a value for each stage."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.columns: dict[str, Sequence[Expr]] = {}

    def add(self, preferred: str, values: Sequence[Expr]) -> str:
        """A variable for values that differ from stage to stage, else the value itself."""
        if _is_uniform(values):
            return one_line(next(iter(values)))
        for name, column in self.columns.items():
            if list(column) == list(values):
                return name
        name = self.names.new(preferred)
        self.columns[name] = values
        return name

    def comparison(self, truths: Sequence[Expr], among: Sequence[str]) -> str | None:
        """`strides > 1`, where that says for each stage whether something is true."""
        for name in among:
            if name not in self.columns:
                continue
            column = [one_line(value) for value in self.columns[name]]
            if not all(value.isdecimal() for value in column):
                continue
            least = min(map(int, column))
            if [str(int(value) > least) for value in column] == list(truths):
                return f"{name} > {least}"
        return None


def _in_order(function: UnitFunction) -> list[str]:
    """Parameters in the order in which they get their variables.

    PyTorch's `in_channels` comes late, since later units of a stage take what the first gives out;
    what is true or false comes last, since others may imply it.
    """

    def rank(key: str) -> tuple[bool, bool]:
        is_switch = set(function.parameters[key]) <= {"True", "False"}
        return is_switch, key == "in_channels"

    return sorted(function.parameters, key=rank)


def _argument(key: str, loop: Loop, table: _Table) -> Expr:
    columns = [stage.column(key) for stage in loop.stages]
    firsts = [column[0] for column in columns]
    rests = [column[-1] for column in columns if len(column) > 1]
    if all(_is_uniform(column) for column in columns):
        return _variable(key, firsts, loop, table=table)
    if _is_uniform(rests):
        return _choice(_variable(key, firsts, loop, table=table), next(iter(rests)), IS_FIRST)
    rest = table.add(key, [column[-1] for column in columns])
    return _choice(table.add(f"first_{key}", firsts), rest, IS_FIRST)


def _variable(key: str, values: Sequence[Expr], loop: Loop, *, table: _Table) -> str:
    defaults = [*loop.stages[0].function.defaults]
    return table.comparison(values, defaults) or table.add(key, values)


def _is_uniform(column: Sequence[Expr]) -> bool:
    return all(value == column[0] for value in column)


def _choice(first: Expr, rest: Expr, is_first: str) -> Expr:
    """`first if unit == 1 else rest`."""
    if first == rest:
        return first
    if rest == "False":
        return is_first if first == "True" else f"{one_line(first)} and {is_first}"
    if rest == "True":
        is_later = is_first.replace("==", ">")
        return is_later if first == "False" else f"{one_line(first)} or {is_later}"
    return CodeChoice(one_line(first), is_first, one_line(rest))
