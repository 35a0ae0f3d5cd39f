"""From a spec written out to a checked layer graph."""

from archcompile.graph.checks import check
from archcompile.graph.ir import LayerGraph, Node, Origin
from archcompile.spec.check import told_at_use
from archcompile.spec.expansion import Expanded
from archcompile.spec.language import resolved


def lower(expanded: Expanded) -> LayerGraph:
    """The layer graph of a spec. Raises SpecError (from the checker)."""
    spec = expanded.spec
    nodes = {
        p.name: Node(
            p.name,
            p.op,
            p.inputs,
            p.shape,
            Origin(p.at, p.part, p.block, p.unit, p.rule, p.used_at, p.allow, p.row),
        )
        for p in expanded.placed
    }
    graph = LayerGraph(
        spec.name,
        nodes,
        expanded.outputs,
        expanded.parts,
        expanded.joins,
        spec.about,
        spec.recipe,
        resolved(spec),
        labelled="outputs" in spec.tree,
    )
    with told_at_use(spec.extends_at):
        check(graph)
    return graph
