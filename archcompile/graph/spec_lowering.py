"""From a spec written out to a checked layer graph."""

from archcompile.graph.checks import check
from archcompile.graph.ir import LayerGraph
from archcompile.spec.check import mistakes_at_use
from archcompile.spec.expansion import Expanded
from archcompile.spec.language import resolved_text


def lower(expanded: Expanded) -> LayerGraph:
    """The layer graph of a spec. Raises SpecError (from the checker)."""
    spec = expanded.spec
    graph = LayerGraph(
        name=spec.name,
        nodes=expanded.nodes,
        outputs=expanded.outputs,
        parts=expanded.parts,
        joins=expanded.joins,
        about=spec.about,
        recipe=spec.recipe,
        spec_text=resolved_text(spec),
        is_labelled="outputs" in spec.tree,
    )
    with mistakes_at_use(spec.extends_at):
        check(graph)
    return graph
