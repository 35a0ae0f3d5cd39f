"""A block from its units: what is alike is written, what differs is an argument or follows from one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from archcompile.graph.ir import Node
from archcompile.importer.attributes import SPELLINGS, attributes, spellings
from archcompile.importer.forms import Form, Writer, all_forms
from archcompile.importer.rules import Rule, rules
from archcompile.importer.solve import Argument, Solver
from archcompile.importer.units import Unit
from archcompile.ops.conv import Windowed
from archcompile.ops.pool import Window

POINT = "preact"  # where a skip path starts that does not start at the unit's input
WIDTHS = ("filters", "units")  # attributes of which a block has several more often than not
NONE = "none"


@dataclass(slots=True)
class Block:
    """A block as it will be written, with what each of its units gives it: argument -> value, and the rule's name."""

    units: tuple[Unit, ...]
    forms: list[Form]
    arguments: list[Argument]
    rules: list[Rule]
    choices: list[Any]  # a rule's name, or {name: {argument: value}}; none; None where the block has no join
    name: str = ""
    defaults: dict[str, Any] = field(default_factory=dict)  # of arguments, by name

    def given(self, unit: int) -> dict[str, Any]:
        """What the row of a unit says, defaults left out."""
        values = {argument.name: argument.values[unit] for argument in self.arguments}
        return {name: value for name, value in values.items() if not (name in self.defaults and self.defaults[name] == value)}

    @property
    def lines(self) -> int:
        """About how many lines it takes."""
        return 2 + sum(1 for _ in all_forms(self.forms)) + bool(self.arguments)


def block(units: Sequence[Unit]) -> Block | None:
    """The block that these units are; None where their joins are in different places of it."""
    joined = [unit for unit in units if unit.join]
    if len({unit.place for unit in joined}) > 1:
        return None
    solver = Solver({"in_channels": tuple(unit.shape[-1] for unit in units)})
    columns = [unit.nodes for unit in units]
    solved = {node.name: _solved(solver, [column[row] for column in columns]) for row, node in enumerate(columns[0])}
    offsets = sorted({unit.offset for unit in joined} - {0})
    points = {offset: POINT if not number else f"{POINT}_{number + 1}" for number, offset in enumerate(offsets)}
    forms = _forms(units[0], solved, joined[0].place if joined else None, points)
    _name(solver.arguments)
    found = rules(units, points)
    made = Block(tuple(units), forms, solver.arguments, found, _choices(units, found))
    made.defaults = {a.name: default for a in made.arguments if (default := _default(a)) is not None}
    return made


def _solved(solver: Solver, nodes: Sequence[Node]) -> dict[str, Any]:
    """The attributes of one step of all units."""
    columns = [attributes(node.op) for node in nodes]
    ops = [node.op for node in nodes]
    if isinstance(ops[0], Windowed):
        spelled = _padding([op for op in ops if isinstance(op, Windowed)])
        columns = [{**column, "padding": value} for column, value in zip(columns, spelled, strict=True)]
    if isinstance(ops[0], Window) and len({column["stride"] is None for column in columns}) > 1:
        columns = [{**column, "stride": column["stride"] or column["size"]} for column in columns]
    return {key: solver.solve(key, [column[key] for column in columns]) for key in columns[0]}


def _padding(ops: list[Windowed]) -> list[Any]:
    """One way to write the padding that does for all, where there is one."""
    ways = [spellings(op) for op in ops]
    common = [way for way in ways[0] if all(way in others for others in ways)]
    if common:
        best = min(common, key=lambda way: SPELLINGS.index(way) if way in SPELLINGS else len(SPELLINGS))
        return [best] * len(ops)
    return [way[0] for way in ways]


def _forms(unit: Unit, solved: Mapping[str, Mapping[str, Any]], place: int | None, points: Mapping[int, str]) -> list[Form]:
    writer = Writer(lambda node: solved[node.name], "input", taken=set(points.values()))
    for number, item in enumerate(unit.items):
        if number in points and number:
            writer.at = writer.forms[-1].name = points[number]
        if number == place:
            writer.step(Form("shortcut"))
        writer.write((item,))
    if place == len(unit.items):
        writer.step(Form("shortcut"))
    return writer.forms


def _name(arguments: list[Argument]) -> None:
    """Names that say what an argument is: the attribute's, and of several widths the last is `out`, two are `mid` and `out`."""
    by_attribute: dict[str, list[Argument]] = {}
    for argument in arguments:
        by_attribute.setdefault(argument.attribute, []).append(argument)
    for attribute, found in by_attribute.items():
        word = {"kind": "act", "repeat": "times"}.get(attribute, attribute)
        names = [word, *(f"{word}_{number}" for number in range(2, len(found) + 1))]
        if attribute in WIDTHS and len(found) == 2:
            names = ["mid", "out"]
        for argument, name in zip(found, names, strict=True):
            argument.name = name


def _default(argument: Argument) -> Any:
    """What most units have, for all but widths; an argument that may be a list must have a list as its default."""
    lists = [value for value in argument.values if isinstance(value, list)]
    if lists:
        return lists[0]
    if argument.attribute in WIDTHS:
        return None
    counts: dict[Any, int] = {}
    for value in argument.values:
        counts[value] = counts.get(value, 0) + 1
    return max(counts, key=lambda value: counts[value])


def _choices(units: Sequence[Unit], found: Sequence[Rule]) -> list[Any]:
    if not found:
        return [None] * len(units)
    choices: list[Any] = [NONE] * len(units)
    for rule in found:
        _name(rule.arguments)
        for number, place in enumerate(rule.units):
            given = {argument.name: argument.values[number] for argument in rule.arguments}
            choices[place] = {rule.name: given} if given else rule.name
    return choices
