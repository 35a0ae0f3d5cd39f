"""Blocks within blocks and lists of steps: each use of one that is used more than once as a single call of its function."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from archcompile.emit.blocks import Function, Readers, Shared, Unit, closed, functions
from archcompile.emit.calls import NamedCall
from archcompile.emit.makers import Names
from archcompile.emit.printer import Written
from archcompile.ops import Call

PATH = "blocks."  # what the calls of such functions begin with, in place of `layers.`


@dataclass(frozen=True)
class Inner:
    """`calls` have one call for each use, called like its prefix; `ends` maps the last call of a use to that name."""

    calls: Sequence[NamedCall]
    functions: Mapping[str, Function]  # by the path of their calls
    ends: Mapping[str, str]


def inner(made: Sequence[NamedCall], readers: Readers, names: Names, shared: Shared) -> Inner:
    """The network with the uses of inner blocks as calls."""
    runs = [list(run) for _, run in groupby(made, key=_use)]
    prefixes = _whole([_use(run[0]) for run in runs], {one.name for one in made})
    units = [closed(run, prefix, str(run[0].node.origin.block), place=place, readers=readers) if prefix else None
             for place, (prefix, run) in enumerate(zip(prefixes, runs, strict=True))]  # fmt: skip
    rows = [unit.row for unit in units if unit]
    found = functions([unit for unit in units if unit and rows.count(unit.row) > 1], names, shared)
    of_prefix = {unit.prefix: function for function in found for unit in function.units}
    ends = {unit.end: unit.prefix for unit in units if unit and unit.prefix in of_prefix}
    calls: list[NamedCall] = []
    for run, unit in zip(runs, units, strict=True):
        if unit is None or unit.prefix not in of_prefix:
            calls += [replace(one, sources=tuple(ends.get(s, s) for s in one.sources)) for one in run]
        else:
            calls.append(_call(run, unit, of_prefix[unit.prefix], ends))
    return Inner(calls, {PATH + function.name: function for function in found}, ends)


def _whole(prefixes: Sequence[str | None], names: Collection[str]) -> list[str | None]:
    """The prefixes without those of uses that lie in several runs, as around a block within, and those that are a name.

    A call of a function is known by its prefix: two of one prefix would be taken for each other.
    """
    times = Counter(prefixes)
    return [prefix if times[prefix] == 1 and prefix not in names else None for prefix in prefixes]


def _use(one: NamedCall) -> str | None:
    """The part of a name that all layers of one use of an inner block share, its shortcuts' too; None for layers of none."""
    origin = one.node.origin
    if origin.block is None or (origin.block == origin.row and origin.unit is not None):
        return None
    found = re.match(rf"(.*_)?{re.escape(origin.block)}[0-9]+(_b[0-9]+)?(?=_)", one.name)
    return found[0] if found else None


def _call(run: Sequence[NamedCall], unit: Unit, function: Function, ends: Mapping[str, str]) -> NamedCall:
    arguments = {key: Written(value) for key, value in function.arguments(unit).items()}
    origin = run[0].node.origin
    node = replace(run[-1].node, origin=replace(origin, location=origin.used_at or origin.location))
    return NamedCall(unit.prefix, Call(PATH + function.name, arguments), (ends.get(unit.source, unit.source),), node)
