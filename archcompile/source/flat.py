"""The flat style: one line per layer, in variables that are called like the nodes."""

from collections.abc import Iterator

from archcompile.errors import visible
from archcompile.graph import LayerGraph
from archcompile.keras_model import NamedCall, calls
from archcompile.source.header import model_expression
from archcompile.source.helpers import call_expression, helpers_for
from archcompile.source.identifiers import Names
from archcompile.source.spec_places import Place, spec_places
from archcompile.source.syntax import EMPTY, Assign, Line, Statement, apart


def flat_statements(graph: LayerGraph) -> Iterator[Statement]:
    """Everything behind the header."""
    layers, names, place = list(calls(graph)), Names(), spec_places(graph)
    helpers = helpers_for(layers, names, every=True)
    variables = {layer.name: names.new(layer.name) for layer in layers}
    for helper in helpers.values():
        yield from apart(helper.definition())
    if helpers:
        yield EMPTY
    unit = None
    for layer in layers:
        origin = layer.node.origin
        if unit != origin.place:
            unit = origin.place
            yield from (EMPTY, Line(f"# {visible(unit_heading(layer, place))}"))
        sources = [variables[source] for source in layer.sources]
        value = call_expression(layer, helpers, sources)
        yield Assign(variables[layer.name], value, place(origin.location))
    yield EMPTY
    yield Assign("model", model_expression(graph, variables))


def unit_heading(first: NamedCall, place: Place) -> str:
    """Where a unit stands in the network, its row, and the line that uses it."""
    origin = first.node.origin
    if origin.unit is None or origin.used_at is None:
        return origin.part
    return f"{origin.part}, unit {origin.unit}: {origin.row}, used at {place(origin.used_at)}"
