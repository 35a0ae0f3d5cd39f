"""Which units are loops: over the repeats of a stage, and over stages that are alike."""

from collections.abc import Sequence
from dataclasses import dataclass

from archcompile.keras_model import NamedCall
from archcompile.source.stage_units import Readers, Unit
from archcompile.source.syntax import Expr
from archcompile.source.unit_functions import UnitFunction

REPEATS = 3  # calls that differ in their arguments become a loop from this many on


@dataclass(frozen=True)
class Stage:
    """Units of one stage, from the first on, that one function builds, each from the one before."""

    function: UnitFunction
    units: tuple[Unit, ...]

    def column(self, parameter: str) -> tuple[Expr, ...]:
        """The values of a parameter, one per unit."""
        return tuple(self.function.arguments(unit)[parameter] for unit in self.units)


@dataclass(frozen=True)
class Loop:
    """Stages that one loop builds, or one stage whose units a loop builds."""

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


Segment = Loop | Unit | NamedCall  # what the network is a sequence of


def segments_of(
    pieces: Sequence[Unit | NamedCall], functions: Sequence[UnitFunction], readers: Readers
) -> list[Segment]:
    """The pieces of a network with units in loops where that is shorter."""
    segments: list[Segment] = []
    for piece in _loops(_stages(pieces, functions, readers), readers):
        segments += _unroll(piece) if isinstance(piece, Loop) else [piece]
    return segments


def _stages(
    pieces: Sequence[Unit | NamedCall], functions: Sequence[UnitFunction], readers: Readers
) -> list[Stage | NamedCall]:
    """The pieces, with units of one stage that one function builds as stages."""
    of_prefix = {unit.prefix: function for function in functions for unit in function.units}
    stages: list[Stage | NamedCall] = []
    for piece in pieces:
        if isinstance(piece, NamedCall):
            stages.append(piece)
            continue
        before, function = stages[-1] if stages else None, of_prefix[piece.prefix]
        if (
            isinstance(before, Stage)
            and _is_next(before.units[-1], piece)
            and _follows(before, function, piece, readers=readers)
        ):
            stages[-1] = Stage(function, (*before.units, piece))
        else:
            stages.append(Stage(function, (piece,)))
    return stages


def _loops(stages: Sequence[Stage | NamedCall], readers: Readers) -> list[Loop | NamedCall]:
    """Every stage in a loop, however short."""
    loops: list[Loop | NamedCall] = []
    for stage in stages:
        before = loops[-1] if loops else None
        if isinstance(stage, NamedCall):
            loops.append(stage)
        elif isinstance(before, Loop) and _continues(before, stage, readers):
            loops[-1] = Loop((*before.stages, stage))
        else:
            loops.append(Loop((stage,)))
    return loops


def _is_next(before: Unit, unit: Unit) -> bool:
    """Whether it is the next unit of the stage.

    Units without layers leave gaps, over which no loop can count.
    """
    return before.part == unit.part and before.place + 1 == unit.place


def _follows(before: Stage, function: UnitFunction, unit: Unit, *, readers: Readers) -> bool:
    """Whether the same function builds a unit, from the last one, which nothing else reads."""
    end, names = before.units[-1].end, {call.name for call in unit.calls.values()}
    return before.function is function and unit.source == end and readers[end] <= names


def _continues(loop: Loop, stage: Stage, readers: Readers) -> bool:
    """Whether a stage can be a further round of a loop over stages."""
    stages = (*loop.stages, stage)
    firsts = [each.units[0] for each in stages]
    columns = (each.column(key) for each in stages for key in stage.function.parameters)
    return (
        _follows(loop.stages[-1], stage.function, stage.units[0], readers=readers)
        and len({unit.part for unit in firsts}) == len(stages)
        and len({unit.prefix == unit.part for unit in firsts}) == 1
        and all(unit.place == 1 for unit in firsts)
        and all(differs_at_most_first(column) for column in columns)
    )


def differs_at_most_first(column: Sequence[Expr]) -> bool:
    """Whether at most the first value differs from the others."""
    return all(value == column[-1] for value in column[1:])


def _unroll(loop: Loop) -> list[Loop | Unit]:
    """The units of what is too short for a loop, else the loop."""
    (stage, *others) = loop.stages
    is_uniform = all(len(set(stage.column(key))) == 1 for key in stage.function.parameters)
    if others or len(stage.units) >= REPEATS or (len(stage.units) > 1 and is_uniform):
        return [loop]
    return [*stage.units]
