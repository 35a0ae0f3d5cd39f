"""A block from its units: what is alike is written, what differs becomes an argument."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from archcompile.importer.fold.columns import solve_step
from archcompile.importer.fold.draft_steps import Form, Writer, all_forms, branch_name
from archcompile.importer.fold.ramps import ramp_of
from archcompile.importer.fold.rules import Rule, rules_of
from archcompile.importer.fold.series import Fork, Series, Tangle, leaves
from archcompile.importer.fold.solve import Argument, Solver, defaults_of, name_all
from archcompile.importer.fold.units import Unit

POINT = "preact"  # where a skip path starts that does not start at the unit's input
NONE = "none"
INPUTS = ("current", "earlier")  # of a unit that reads the start of the one above, too


@dataclass(slots=True, kw_only=True)
class FoldedBlock:
    """A block as it will be written, with the value that each unit gives to each argument."""

    units: tuple[Unit, ...]
    forms: list[Form]
    arguments: list[Argument]
    rules: list[Rule]
    # of a rule, for each unit; None where the block has no join
    choices: list[Any] = field(default_factory=list)
    name: str = ""
    inputs: tuple[str, ...] = ()  # names of several, the unit's start first
    defaults: dict[str, Any] = field(default_factory=dict)  # of arguments, by name

    def choose(self, places: Sequence[int], count: int) -> None:
        """Set `choices`: a rule's name, or {name: {argument: value}}, or `none`.

        `places` are the numbers of the units among the `count` of all blocks that join: what a
        value may depend on.
        """
        self.choices = [NONE if self.rules else None] * len(self.units)
        for rule in self.rules:
            at = [places[unit] for unit in rule.units]
            for argument in rule.solved:
                argument.inline = ramp_of(argument.values, at, count)
            for number, unit in enumerate(rule.units):
                given = rule.unit_values(number)
                self.choices[unit] = {rule.name: given} if given else rule.name

    @property
    def lines(self) -> int:
        """About how many lines it takes."""
        return 2 + sum(1 for _ in all_forms(self.forms)) + bool(self.arguments)


def block_of(units: Sequence[Unit]) -> FoldedBlock | None:
    """The block that these units are; None where their joins are in different places of it."""
    joined = [unit for unit in units if unit.join]
    if len({unit.place for unit in joined}) > 1:
        return None
    solver = Solver(facts={"in_channels": tuple(unit.shape[-1] for unit in units)})
    columns = [unit.nodes for unit in units]
    branches = dict(_branches(units[0].items))
    values = {}
    for row, node in enumerate(columns[0]):
        solver.branch = branches.get(node.name, "")
        values[node.name] = solve_step(solver, [column[row] for column in columns], may_pad=True)
    offsets = sorted({unit.offset for unit in joined} - {0})
    points = {
        offset: POINT if not number else f"{POINT}_{number + 1}"
        for number, offset in enumerate(offsets)
    }
    forms = _forms(units[0], values, joined[0].place if joined else None, points=points)
    name_all(solver.arguments)
    shortcuts = rules_of(units, points)
    shared = FoldedBlock(
        units=tuple(units),
        forms=forms,
        arguments=solver.arguments,
        rules=shortcuts,
        defaults=defaults_of(solver.arguments),
        inputs=INPUTS if _reads_previous(units[0]) else (),
    )
    shared.choose(range(1, len(units) + 1), len(units))
    return shared


def _reads_previous(unit: Unit) -> bool:
    return any(isinstance(item, Tangle) and item.reads_previous for item in unit.items)


def _branches(items: Series) -> Iterator[tuple[str, str]]:
    """The branch in which a node lies, where that has a name."""
    for item in items:
        if isinstance(item, Fork) and all(item.branches):
            for port, branch in enumerate(item.branches):
                yield from ((node.name, branch_name(port)) for node in leaves(branch))


def _forms(
    unit: Unit,
    values: Mapping[str, Mapping[str, Any]],
    place: int | None,
    *,
    points: Mapping[int, str],
) -> list[Form]:
    """The steps of a block, with the `shortcut` step in its `place` and names for its `points`."""
    previous = {
        item.previous: INPUTS[1]
        for item in unit.items
        if isinstance(item, Tangle) and item.previous
    }
    writer = Writer(
        values=lambda node: values[node.name],
        at="input",
        taken={*points.values(), *INPUTS},
        known=previous,
    )
    for number, item in enumerate(unit.items):
        if number in points and number:
            writer.at = writer.forms[-1].name = points[number]
        if number == place:
            writer.step(Form(kind="shortcut"))
        writer.write((item,))
    if place == len(unit.items):
        writer.step(Form(kind="shortcut"))
    return writer.forms
