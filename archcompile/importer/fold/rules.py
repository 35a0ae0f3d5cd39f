"""Shortcut rules from the joins of units: one rule for all joins of one form.

Its numbers come from the facts that a rule sees.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from archcompile.importer.fold.columns import solve_step
from archcompile.importer.fold.draft_steps import Form, Writer
from archcompile.importer.fold.node_settings import step_kind
from archcompile.importer.fold.series import Series, leaves
from archcompile.importer.fold.solve import Argument, Solver, defaults_of, name_all
from archcompile.importer.fold.units import Unit, pattern_of
from archcompile.ops import DropPath, Global, Kernelled, PadChannels

PREACT = "_preact"  # ends the name of a rule whose skip path starts behind the unit's first steps
SHAPE_CHANGES = "$shape_changes"
WIDER = "out_channels - in_channels"
HALF_WIDER = f"({WIDER}) // 2"
PREFERRED = {
    "filters": "out_channels",
    "stride": "stride",
    "size": "stride",
    "after": WIDER,
    "before": HALF_WIDER,
}


@dataclass(slots=True, kw_only=True)
class Rule:
    """A rule as it will be written; `units` are the places of the units it joins among all."""

    name: str
    forms: list[Form]
    solved: list[Argument]
    units: tuple[int, ...]
    defaults: dict[str, Any]  # of arguments, by name

    @property
    def arguments(self) -> list[Argument]:
        return [argument for argument in self.solved if argument.inline is None]

    def unit_values(self, number: int) -> dict[str, Any]:
        """What the choice of this rule says for the unit `units[number]`, defaults left out."""
        values = {argument.name: argument.values[number] for argument in self.arguments}
        return {key: value for key, value in values.items() if not self._is_default(key, value)}

    def _is_default(self, key: str, value: Any) -> bool:
        return key in self.defaults and bool(self.defaults[key] == value)


def form_of(unit: Unit) -> tuple[Any, ...] | None:
    """What the joins of units must have in common to follow one rule; None where nothing joins."""
    if unit.join is None:
        return None
    join = unit.join
    return unit.offset, unit.place, join.is_skip_first, pattern_of(join.skip), pattern_of(join.tail)


def rules_of(units: Sequence[Unit], points: Mapping[int, str]) -> list[Rule]:
    """The rules that join these units, the most used first.

    `points` name the places where skip paths start, by offset.
    """
    groups: dict[tuple[Any, ...], list[int]] = {}
    for place, unit in enumerate(units):
        form = form_of(unit)
        if form is not None:
            groups.setdefault(form, []).append(place)
    separate = [_rule(units, tuple(places), points) for places in groups.values()]
    joined = _with_identity(separate, units)
    joined.sort(key=lambda rule: -len(rule.units))
    names = [rule.name.removesuffix(PREACT) for rule in joined]
    for rule in joined:
        if names.count(rule.name.removesuffix(PREACT)) == 1:
            rule.name = rule.name.removesuffix(PREACT)
    taken: dict[str, int] = {}
    for rule in joined:
        taken[rule.name] = taken.get(rule.name, 0) + 1
        if taken[rule.name] > 1:
            rule.name = f"{rule.name}_{taken[rule.name]}"
    return joined


def _rule(all_units: Sequence[Unit], places: tuple[int, ...], points: Mapping[int, str]) -> Rule:
    """The rule of the units at these places."""
    units = [all_units[place] for place in places]
    joins = [unit.join for unit in units if unit.join]
    facts: dict[str, tuple[Any, ...]] = {"out_channels": tuple(join.branch[-1] for join in joins)}
    strides = tuple(join.stride for join in joins)
    if None not in strides:
        facts["stride"] = strides
    facts["in_channels"] = tuple(unit.shape[-1] for unit in units)
    wider = tuple(a - b for a, b in zip(facts["out_channels"], facts["in_channels"], strict=True))
    facts |= {WIDER: wider, HALF_WIDER: tuple(w // 2 for w in wider)}
    solver = Solver(facts=facts, preferred=PREFERRED)
    columns = [list(leaves((*join.skip, *join.tail))) for join in joins]
    values = {}
    for row, node in enumerate(columns[0]):
        values[node.name] = solve_step(solver, [column[row] for column in columns])
    forms = _forms(units[0], values, points.get(units[0].offset))
    name_all(solver.arguments)
    name = _name(joins[0].skip, joins[0].tail, units[0].offset)
    return Rule(
        name=name,
        forms=forms,
        solved=solver.arguments,
        units=places,
        defaults=defaults_of(solver.arguments),
    )


def _forms(unit: Unit, values: dict[str, dict[str, Any]], point: str | None) -> list[Form]:
    """The steps of a rule: the skip path, the tail behind `branch`, the sum.

    The skip path starts from the unit's input, or from a point of the block.
    """
    join = unit.join
    if join is None:
        raise ValueError("a unit without a join has no rule")
    writer = Writer(values=lambda node: values[node.name], at=point or "input")
    writer.write(join.skip)
    if join.skip and point:
        writer.forms[0].source = point
    kind = step_kind(join.merge.op)
    if not join.tail and (join.is_skip_first or not join.skip):
        start = point if not join.skip else None
        if join.is_skip_first:
            return [*writer.forms, Form(kind=kind, with_=("branch",), source=start)]
        return [Form(kind=kind, with_=(start or "input",), source="branch")]
    skipped = writer.point("carried")
    first = len(writer.forms)
    writer.write(join.tail)
    if join.tail:
        writer.forms[first].source = "branch"
        branch = writer.point("survivor")
    else:
        branch = "branch"
    operands = (skipped, branch) if join.is_skip_first else (branch, skipped)
    return [*writer.forms, Form(kind=kind, source=operands[0], with_=(operands[1],))]


def _name(skip: Series, tail: Series, offset: int) -> str:
    ops = [node.op for node in leaves(skip)]
    if not ops:
        name = "identity"
    elif any(isinstance(op, Kernelled) for op in ops):
        name = "projection"
    elif any(isinstance(op, PadChannels) for op in ops):
        name = "zero_pad"
    elif all(op.role == "pool" and not isinstance(op, Global) for op in ops):
        name = "pooled"
    else:
        name = "carried"
    dropped = "dropped_" if any(isinstance(node.op, DropPath) for node in leaves(tail)) else ""
    return f"{dropped}{name}{PREACT if offset else ''}"


def _with_identity(rules: list[Rule], units: Sequence[Unit]) -> list[Rule]:
    """Identity and another rule as one, whose steps then have an `if`.

    That is so where identity joins exactly the units that keep their shape.
    """
    plain = [rule for rule in rules if rule.name == "identity"]
    changing = [rule for rule in rules if rule.name in ("projection", "zero_pad")]
    if len(plain) != 1 or len(changing) != 1:
        return rules
    identity, projection = plain[0], changing[0]
    joins = [units[place].join for place in (*identity.units, *projection.units)]
    if (
        any(_changes_shape(units[place]) for place in identity.units)
        or not all(_changes_shape(units[place]) for place in projection.units)
        or not all(join is not None and join.is_skip_first for join in joins)
        or projection.arguments
    ):
        return rules
    if any(form.branches or form.source or form.name for form in projection.forms):
        return rules
    for form in projection.forms[:-1]:
        form.extra["if"] = SHAPE_CHANGES
    projection.units = tuple(sorted(identity.units + projection.units))
    return [rule for rule in rules if rule is not identity]


def _changes_shape(unit: Unit) -> bool:
    return unit.join is not None and unit.join.start != unit.join.branch
