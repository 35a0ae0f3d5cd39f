"""The analysis for the structured style: which functions and loops build the network."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from archcompile.graph import LayerGraph
from archcompile.keras_model import NamedCall, calls
from archcompile.source.helpers import Helper, helpers_for
from archcompile.source.identifiers import Names
from archcompile.source.loops import Segment, segments_of
from archcompile.source.nested_blocks import nested_blocks
from archcompile.source.stage_units import INPUT, Readers, Unit, readers_of, unit_of
from archcompile.source.unit_functions import UnitFunction, unit_functions


@dataclass(frozen=True, kw_only=True)
class Structure:
    """A network as a sequence of segments, and the functions that they call.

    `graph` has the outputs of the segments; `taken` are the names that loops cannot use.
    """

    graph: LayerGraph
    helpers: Mapping[str, Helper]  # by Keras class
    nested: Mapping[str, UnitFunction]  # of blocks within blocks, by the path of their calls
    functions: Sequence[UnitFunction]  # of units
    segments: Sequence[Segment]
    main: str  # the name of the function that builds the model
    taken: frozenset[str]


def analyse(graph: LayerGraph) -> Structure:
    """The functions and the sequence of segments that build a network in Keras."""
    layers, names = list(calls(graph)), Names({INPUT, "y", "stage", "unit"})
    helpers = helpers_for(layers, names, every=False)
    return arrange(graph, layers, names, helpers=helpers)


def arrange(
    graph: LayerGraph, layers: Sequence[NamedCall], names: Names, *, helpers: Mapping[str, Helper]
) -> Structure:
    """The functions and segments that these layers make up. Outputs are names of layers."""
    shared = {path: frozenset(helper.fixed) for path, helper in helpers.items()}
    readers = readers_of(layers, graph.outputs.values())
    nested = nested_blocks(layers, readers, names, shared=shared)
    outputs = {label: nested.ends.get(end, end) for label, end in graph.outputs.items()}
    readers = readers_of(nested.calls, outputs.values())
    pieces = _pieces(nested.calls, readers)
    units = [piece for piece in pieces if isinstance(piece, Unit)]
    functions = unit_functions(units, names, shared)
    main = names.new(graph.name)
    return Structure(
        graph=replace(graph, outputs=outputs),
        helpers=helpers,
        nested=nested.functions,
        functions=functions,
        segments=segments_of(pieces, functions, readers),
        main=main,
        taken=frozenset(names.taken),
    )


def spread(graph: LayerGraph, layers: Sequence[NamedCall], names: Names) -> Structure:
    """The layers one by one, without functions and loops."""
    return Structure(
        graph=graph,
        helpers={},
        nested={},
        functions=(),
        segments=layers,
        main=names.new(graph.name),
        taken=frozenset(names.taken),
    )


def _pieces(layers: Sequence[NamedCall], readers: Readers) -> list[Unit | NamedCall]:
    """The network as units, where functions can build them, and calls."""
    runs = [list(run) for _, run in groupby(layers, key=lambda layer: layer.node.origin.place)]
    units = [unit_of(run, readers) for run in runs]
    times = Counter(unit.prefix for unit in units if unit)  # by which a unit is known
    pieces: list[Unit | NamedCall] = []
    for run, unit in zip(runs, units, strict=True):
        pieces += [unit] if unit and times[unit.prefix] == 1 else run
    return pieces
