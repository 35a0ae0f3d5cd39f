"""Blocks within blocks and lists of steps.

Each use of a block that is used more than once becomes a single call of its function.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from archcompile.keras_model import NamedCall
from archcompile.ops import Call
from archcompile.source.identifiers import Names
from archcompile.source.parameters import Shared
from archcompile.source.stage_units import Readers, Unit, closed_unit
from archcompile.source.syntax import Written
from archcompile.source.unit_functions import UnitFunction, unit_functions

PATH = "blocks."  # what the calls of such functions begin with, in place of `layers.`


@dataclass(frozen=True)
class NestedBlocks:
    """`calls` have one call for each use, called like its prefix.

    `ends` maps the last call of a use to that name.
    """

    calls: Sequence[NamedCall]
    functions: Mapping[str, UnitFunction]  # by the path of their calls
    ends: Mapping[str, str]


def nested_blocks(
    calls: Sequence[NamedCall], readers: Readers, names: Names, *, shared: Shared
) -> NestedBlocks:
    """The network with the uses of nested blocks as calls."""
    runs = [list(run) for _, run in groupby(calls, key=_use_prefix)]
    units = _units(runs, {call.name for call in calls}, readers)
    rows = Counter(unit.row for unit in units if unit)
    repeated = [unit for unit in units if unit and rows[unit.row] > 1]
    functions = unit_functions(repeated, names, shared)
    of_prefix = {unit.prefix: function for function in functions for unit in function.units}
    ends = {unit.end: unit.prefix for unit in units if unit and unit.prefix in of_prefix}
    joined: list[NamedCall] = []
    for run, unit in zip(runs, units, strict=True):
        if unit is None or unit.prefix not in of_prefix:
            joined += [replace(call, sources=_rename(call.sources, ends)) for call in run]
        else:
            joined.append(_call(run, unit, of_prefix[unit.prefix], ends=ends))
    return NestedBlocks(joined, {PATH + each.name: each for each in functions}, ends)


def _units(
    runs: Sequence[Sequence[NamedCall]], names: Collection[str], readers: Readers
) -> list[Unit | None]:
    """The unit that each run is; None for layers of no nested block.

    A call of a function is known by its prefix, and two of one prefix would be taken for each
    other: so there is none for a use that lies in several runs, as around a block within it, nor
    for one whose prefix is the name of a layer.
    """
    prefixes = [_use_prefix(run[0]) for run in runs]
    times = Counter(prefixes)
    units: list[Unit | None] = []
    for place, (prefix, run) in enumerate(zip(prefixes, runs, strict=True)):
        if not prefix or times[prefix] > 1 or prefix in names:
            units.append(None)
        else:
            block = str(run[0].node.origin.block)
            units.append(closed_unit(run, prefix, block, place=place, readers=readers))
    return units


def _use_prefix(call: NamedCall) -> str | None:
    """What the names of all layers of one use of a nested block begin with, its shortcuts' too.

    None for layers of no nested block.
    """
    origin = call.node.origin
    if origin.block is None or (origin.block == origin.row and origin.unit is not None):
        return None
    match = re.match(rf"(.*_)?{re.escape(origin.block)}[0-9]+(_b[0-9]+)?(?=_)", call.name)
    return match[0] if match else None


def _rename(sources: Sequence[str], ends: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(ends.get(source, source) for source in sources)


def _call(
    run: Sequence[NamedCall], unit: Unit, function: UnitFunction, *, ends: Mapping[str, str]
) -> NamedCall:
    arguments = {key: Written(value) for key, value in function.arguments(unit).items()}
    origin = run[0].node.origin
    node = replace(run[-1].node, origin=replace(origin, location=origin.used_at or origin.location))
    return NamedCall(
        name=unit.prefix,
        call=Call(PATH + function.name, arguments),
        sources=_rename([unit.source], ends),
        node=node,
    )
