"""Units behind one another as loops: over the repeats of a stage, and over stages that are alike."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from archcompile.emit.blocks import Function, Unit
from archcompile.emit.calls import NamedCall
from archcompile.emit.makers import Names
from archcompile.emit.printer import INDENT, WIDTH, Choice, Expr, Group, flat, lines, quoted, statement
from archcompile.errors import Location

FIRST = "unit == 1"
REPEATS = 3  # calls that differ in their arguments become a loop from this many on
Readers = Mapping[str, set[str]]
Place = Callable[[Location], str]


@dataclass(frozen=True)
class Stage:
    """Units of one stage, from the first on, that one function makes, each of the one before."""

    function: Function
    units: tuple[Unit, ...]

    def column(self, parameter: str) -> tuple[Expr, ...]:
        return tuple(self.function.arguments(unit)[parameter] for unit in self.units)


@dataclass(frozen=True)
class Loop:
    """Stages that one loop makes, or one stage whose units a loop makes."""

    stages: tuple[Stage, ...]

    @property
    def part(self) -> str:
        return self.stages[0].units[0].part

    @property
    def source(self) -> str:
        return self.stages[0].units[0].source

    @property
    def end(self) -> str:
        return self.stages[-1].units[-1].end


# ---- which units are loops -------------------------------------------------------------------------------------------


def loops(pieces: Sequence[Unit | NamedCall], known: Sequence[Function], readers: Readers) -> list[Loop | Unit | NamedCall]:
    """The pieces of a network with units in loops where that is shorter."""
    of_prefix = {unit.prefix: function for function in known for unit in function.units}
    stages: list[Stage | NamedCall] = []
    for piece in pieces:
        before = stages[-1] if stages else None
        if isinstance(piece, NamedCall):
            stages.append(piece)
            continue
        function = of_prefix[piece.prefix]
        if isinstance(before, Stage) and _is_next(before.units[-1], piece) and _follows(before, function, piece, readers):
            stages[-1] = Stage(function, (*before.units, piece))
        else:
            stages.append(Stage(function, (piece,)))
    found: list[Loop | NamedCall] = []
    for stage in stages:
        last = found[-1] if found else None
        if isinstance(stage, NamedCall):
            found.append(stage)
        elif isinstance(last, Loop) and _goes_on(last, stage, readers):
            found[-1] = Loop((*last.stages, stage))
        else:
            found.append(Loop((stage,)))
    return [part for one in found for part in (_unrolled(one) if isinstance(one, Loop) else [one])]


def _is_next(before: Unit, unit: Unit) -> bool:
    """Whether it is the next unit of the stage; units without layers leave gaps, over which no loop can count."""
    return before.part == unit.part and before.place + 1 == unit.place


def _follows(before: Stage, function: Function, unit: Unit, readers: Readers) -> bool:
    """Whether a unit is made by the same function, from the last one, which nothing else reads."""
    end, own = before.units[-1].end, {one.name for one in unit.calls.values()}
    return before.function is function and unit.source == end and readers[end] <= own


def _goes_on(loop: Loop, stage: Stage, readers: Readers) -> bool:
    """Whether a stage can be a further round of a loop over stages."""
    stages = (*loop.stages, stage)
    return (
        _follows(loop.stages[-1], stage.function, stage.units[0], readers)
        and len({one.units[0].part for one in stages}) == len(stages)
        and len({one.units[0].prefix == one.units[0].part for one in stages}) == 1
        and all(one.units[0].place == 1 for one in stages)
        and all(_edge(one.column(p)) for one in stages for p in stage.function.parameters)
    )


def _edge(column: Sequence[Expr]) -> bool:
    """Whether at most the first value differs from the others."""
    return all(value == column[-1] for value in column[1:])


def _unrolled(loop: Loop) -> list[Loop | Unit]:
    """The units of what is too short for a loop."""
    (stage, *others) = loop.stages
    alike = all(len(set(stage.column(p))) == 1 for p in stage.function.parameters)
    if others or len(stage.units) >= REPEATS or (len(stage.units) > 1 and alike):
        return [loop]
    return [*stage.units]


# ---- their text ------------------------------------------------------------------------------------------------------


def loop_source(loop: Loop, target: str, place: Place, names: Names) -> list[str]:
    """The lines of a loop, one step indented; `target` holds the value it begins and ends with."""
    return (_over_units if len(loop.stages) == 1 else _over_stages)(loop, target, place, Names(names.taken))


def called(function: Function, value: str, arguments: Mapping[str, Expr], name: Expr) -> Group:
    """A call of a block's function; the first argument goes by place, those that it has by itself are left out."""
    first = next((key for key in arguments if key not in function.defaults), None)
    places = [("", argument) for key, argument in arguments.items() if key == first]
    rest = [(f"{key}=", argument) for key, argument in arguments.items()
            if key != first and argument != function.defaults.get(key)]  # fmt: skip
    return Group(f"{function.name}(", (("", value), *places, *rest, ("name=", name)), ")")


def used_at(unit: Unit) -> Location:
    """The row that names the unit's block."""
    origin = next(iter(unit.calls.values())).node.origin
    return origin.used_at or origin.location


def _over_units(loop: Loop, target: str, place: Place, names: Names) -> list[str]:
    (stage,) = loop.stages
    start, stop = stage.units[0].place, stage.units[-1].place + 1
    arguments: dict[str, Expr] = {}
    listed: dict[str, tuple[Expr, ...]] = {}
    for key in stage.function.parameters:
        column = stage.column(key)
        if _edge(column):
            arguments[key] = _choice(column[0], column[-1], f"unit == {start}")
        else:
            variable = names.new(key)
            arguments[key], listed[variable] = variable, column
    counted = f"unit in range({start}, {stop})"
    head: Expr = f"for {counted}:"
    if listed:
        rows: list[Expr] = [values[0] if len(values) == 1 else Group("(", tuple(("", v) for v in values), ")")
                            for values in zip(*listed.values(), strict=True)]  # fmt: skip
        variables = ", ".join(listed) if len(listed) == 1 else f"({', '.join(listed)})"
        items = Group("[", tuple(("", row) for row in rows), "]")
        head = Group(f"for unit, {variables} in enumerate(", (("", items), ("start=", str(start))), "):")
    call = called(stage.function, target, arguments, f'f"{loop.part}_b{{unit}}"')
    return [f"{INDENT}# {loop.part}, {place(used_at(stage.units[0]))}", *lines(head, 1), *lines(call, 2, f"{target} = ")]


def _over_stages(loop: Loop, target: str, place: Place, names: Names) -> list[str]:
    function, table = loop.stages[0].function, _Table(names)
    counts = [str(len(stage.units)) for stage in loop.stages]
    several = {*counts} != {"1"}
    stop = table.add("units", counts)
    arguments = {key: _argument(key, loop, table, several) for key in _numbers_first(function, loop)}
    arguments = {key: arguments[key] for key in function.parameters}
    parts = [quoted(stage.units[0].part) for stage in loop.stages]
    rows: list[Expr] = [Group("(", tuple(("", value) for value in row), ")") if len(row) > 1 else row[0]
                        for row in zip(parts, *table.columns.values(), strict=True)]  # fmt: skip
    found = _head(["stage", *table.columns])
    for row, stage in zip(rows, loop.stages, strict=True):
        found += statement(row, 2, comment=place(used_at(stage.units[0])), suffix=",")
    found.append(f"{INDENT}]:")
    many = loop.stages[0].units[0].prefix != loop.part
    call = called(function, target, arguments, 'f"{stage}_b{unit}"' if many else "stage")
    if not many:
        return [*found, *lines(call, 2, f"{target} = ")]
    last = str(int(stop) + 1) if stop.isdecimal() else f"{stop} + 1"
    return [*found, f"{INDENT * 2}for unit in range(1, {last}):", *lines(call, 3, f"{target} = ")]


def _head(variables: Sequence[str]) -> list[str]:
    """`for stage, filters in [`."""
    line = f"{INDENT}for {', '.join(variables)} in ["
    if len(line) <= WIDTH:
        return [line]
    return lines(Group("(", tuple(("", v) for v in variables), ") in ["), 1, "for ")


class _Table:
    """The variables of a loop over stages, with a value for each stage."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.columns: dict[str, Sequence[Expr]] = {}

    def add(self, wanted: str, values: Sequence[Expr]) -> str:
        """A variable for values that differ from stage to stage; the value itself where they do not."""
        if _alike(values):
            return flat(next(iter(values)))
        for name, column in self.columns.items():
            if list(column) == list(values):
                return name
        name = self.names.new(wanted)
        self.columns[name] = values
        return name

    def larger(self, truths: Sequence[Expr], among: Sequence[str]) -> str | None:
        """`strides > 1` where that says for each stage whether something is true."""
        for name in (name for name in among if name in self.columns):
            column = [flat(value) for value in self.columns[name]]
            if not all(value.isdecimal() for value in column):
                continue
            least = min(map(int, column))
            if [str(int(value) > least) for value in column] == list(truths):
                return f"{name} > {least}"
        return None


def _numbers_first(function: Function, loop: Loop) -> list[str]:
    """Parameters, those that are true or false last, so that they may be told by others."""
    return sorted(function.parameters, key=lambda key: set(function.parameters[key]) <= {"True", "False"})


def _argument(key: str, loop: Loop, table: _Table, several: bool) -> Expr:
    columns = [stage.column(key) for stage in loop.stages]
    firsts, rests = [column[0] for column in columns], [column[-1] for column in columns if len(column) > 1]
    if all(_alike(column) for column in columns):
        return _variable(key, firsts, loop, table)
    if _alike(rests):
        return _choice(_variable(key, firsts, loop, table), next(iter(rests)), FIRST)
    rest = table.add(key, [column[-1] for column in columns])
    return _choice(table.add(f"first_{key}", firsts), rest, FIRST)


def _variable(key: str, values: Sequence[Expr], loop: Loop, table: _Table) -> str:
    return table.larger(values, [*loop.stages[0].function.defaults]) or table.add(key, values)


def _alike(column: Sequence[Expr]) -> bool:
    return all(value == column[0] for value in column)


def _choice(first: Expr, rest: Expr, is_first: str) -> Expr:
    """`first if unit == 1 else rest`."""
    if first == rest:
        return first
    if rest == "False":
        return is_first if first == "True" else f"{flat(first)} and {is_first}"
    if rest == "True":
        behind = is_first.replace("==", ">")
        return behind if first == "False" else f"{flat(first)} or {behind}"
    return Choice(flat(first), is_first, flat(rest))
