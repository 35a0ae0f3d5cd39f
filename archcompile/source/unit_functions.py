"""Units that are alike but for settings and a few layers, as one function with parameters.

The units of a block are laid over one another, by the names of their layers. Where one lacks
layers, its wiring must be that of all together with those layers skipped; each run of them then
stands under an `if`. Settings that differ become parameters.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby, takewhile

from archcompile.keras_model import NamedCall
from archcompile.source.identifiers import Names
from archcompile.source.layer_settings import default_setting
from archcompile.source.parameters import Parameters, Shared, settings_of_layers, short_name
from archcompile.source.stage_units import INPUT, Unit
from archcompile.source.syntax import Expr, Group


@dataclass(frozen=True, kw_only=True)
class UnitFunction:
    """One function for `units`, of which `base` has all layers.

    `settings` has an expression for every setting of every layer. `parameters` maps names to
    values, one per unit. `flags` maps the layers that some units lack to a parameter; `skips` maps
    them to the layer whose value is used where they are missing.
    """

    name: str
    units: tuple[Unit, ...]
    base: Unit
    settings: Mapping[str, Mapping[str, Expr]]
    parameters: Mapping[str, tuple[Expr, ...]]
    defaults: Mapping[str, Expr]
    flags: Mapping[str, str]
    skips: Mapping[str, str]

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The place of each unit among `units`, by its prefix."""
        return {unit.prefix: place for place, unit in enumerate(self.units)}

    def arguments(self, unit: Unit) -> dict[str, Expr]:
        place = self.places[unit.prefix]
        return {name: values[place] for name, values in self.parameters.items()}

    def call(self, value: str, arguments: Mapping[str, Expr], *, name: Expr) -> Group:
        """A call: the first argument goes by position, defaults are left out."""
        first = next((key for key in arguments if key not in self.defaults), None)
        positional = [("", argument) for key, argument in arguments.items() if key == first]
        keywords = [
            (f"{key}=", argument)
            for key, argument in arguments.items()
            if key != first and argument != self.defaults.get(key)
        ]
        items = (("", value), *positional, *keywords, ("name=", name))
        return Group(head=f"{self.name}(", items=items, tail=")")


def unit_functions(units: Sequence[Unit], names: Names, shared: Shared) -> list[UnitFunction]:
    """As few functions as units allow, in order of their first unit."""
    families: list[tuple[Unit, list[Unit]]] = []  # the base of each, and its units
    for unit in units:
        for place, (base, family) in enumerate(families):
            united = _unite(base, unit) if base.row == unit.row else None
            if united is None:
                continue
            changed = [*family, unit] if united != base else [unit]
            if all(_fits(member, united, shared) for member in changed):
                families[place] = united, [*family, unit]
                break
        else:
            families.append((unit, [unit]))
    return [_unit_function(base, family, names, shared=shared) for base, family in families]


# ---- laying units over one another ---------------------------------------------------------------


def _unite(left: Unit, right: Unit) -> Unit | None:
    """A unit with the layers of both, in an order that agrees with both; None if there is none.

    Where what a layer reads differs, the source that comes last is taken: what lies in front of it
    can be skipped.
    """
    order = _common_order(list(left.calls), list(right.calls))
    if order is None:
        return None
    rank = {local: place for place, local in enumerate([INPUT, *order])}
    links = {}
    for local in order:
        sides = [unit.links[local] for unit in (left, right) if local in unit.links]
        if len({len(side) for side in sides}) != 1:
            return None
        pairs = zip(*sides, strict=True)
        links[local] = tuple(max(sources, key=rank.__getitem__) for sources in pairs)
    calls = {local: left.calls.get(local) or right.calls[local] for local in order}
    return replace(left, calls=calls, links=links)


def _common_order(first: Sequence[str], second: Sequence[str]) -> list[str] | None:
    """One order of the names of both lists that agrees with both."""
    order: list[str] = []
    left, right = list(first), list(second)
    while left and right:
        if left[0] == right[0]:
            order.append(left.pop(0))
            right.pop(0)
        elif left[0] not in right:
            order.append(left.pop(0))
        elif right[0] not in left:
            order.append(right.pop(0))
        else:
            return None
    return [*order, *left, *right]


def _fits(unit: Unit, base: Unit, shared: Shared) -> bool:
    """Whether a unit is the base without some layers."""
    skips = _skips(base, [local for local in base.calls if local not in unit.calls])
    if unit.last != _resolve(base.last, skips):
        return False
    for local, call in unit.calls.items():
        links = tuple(_resolve(source, skips) for source in base.links[local])
        if links != unit.links[local] or not _is_same_kind(call, base.calls[local], shared):
            return False
    return True


def _is_same_kind(left: NamedCall, right: NamedCall, shared: Shared) -> bool:
    path = left.call.path
    odd = (left.call.kwargs.keys() ^ right.call.kwargs.keys()) - shared.get(path, frozenset())
    return path == right.call.path and all(default_setting(path, key) is not None for key in odd)


def _skips(base: Unit, missing: Sequence[str]) -> dict[str, str]:
    """What stands in for each missing layer: its one source, or the first from within the unit."""
    skips = {}
    for local in missing:
        skips[local] = next((source for source in base.links[local] if source != INPUT), INPUT)
    return skips


def _resolve(local: str, skips: Mapping[str, str]) -> str:
    while local in skips:
        local = skips[local]
    return local


# ---- the function of a family --------------------------------------------------------------------


def _unit_function(
    base: Unit, units: Sequence[Unit], names: Names, *, shared: Shared
) -> UnitFunction:
    """The function of a family of units that can be laid over one another."""
    presence: dict[str, tuple[bool, ...]] = {}
    for local in base.calls:
        presence[local] = tuple(local in unit.calls for unit in units)
    optional = [local for local, present in presence.items() if not all(present)]
    variable = Parameters(Names({INPUT, "y", *names.taken}))
    settings = settings_of_layers(units, base, variable, shared=shared)
    parameters, defaults = variable.values()
    flags: dict[str, str] = {}
    for present, runs in _optional_runs(base, optional, presence).items():
        flag = variable.names.new(_flag_name(base, runs))
        parameters[flag], defaults[flag] = tuple(map(repr, present)), "False"
        for run in runs:
            flags |= dict.fromkeys(run, flag)
    return UnitFunction(
        name=names.new(base.row),
        units=tuple(units),
        base=base,
        settings=settings,
        parameters=parameters,
        defaults=defaults,
        flags=flags,
        skips=_skips(base, optional),
    )


def _optional_runs(
    base: Unit, optional: Sequence[str], presence: Mapping[str, tuple[bool, ...]]
) -> dict[tuple[bool, ...], list[list[str]]]:
    """Runs of layers that some units lack, by the units that have them."""
    runs: dict[tuple[bool, ...], list[list[str]]] = {}
    for present, run in _runs(base, optional, presence):
        runs.setdefault(present, []).append(run)
    return runs


def _runs(
    base: Unit, optional: Sequence[str], presence: Mapping[str, tuple[bool, ...]]
) -> Iterator[tuple[tuple[bool, ...], list[str]]]:
    """Layers one behind the other that the same units lack, and which units have them."""
    groups = groupby(base.calls, key=lambda local: presence[local] if local in optional else None)
    for present, run in groups:
        if present is not None:
            yield present, list(run)


def _flag_name(base: Unit, runs: Sequence[Sequence[str]]) -> str:
    """The name of the parameter that says whether runs of layers are present.

    It is called after the shortcut, if one of the runs comes from a rule.
    """
    for run in runs:
        nodes = [base.calls[local].node for local in run]
        if all(node.origin.rule for node in nodes):
            return "shortcut" if any(node.op.role == "merge" for node in nodes) else "projection"
    return f"with_{short_name('_'.join(_shared_words(runs[0])) or runs[0][0])}"


def _shared_words(names: Sequence[str]) -> list[str]:
    """The words that all names begin with."""
    columns = zip(*(name.split("_") for name in names), strict=False)
    return [words[0] for words in takewhile(lambda words: len(set(words)) == 1, columns)]
