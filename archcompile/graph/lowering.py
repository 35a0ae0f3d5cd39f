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
            name=p.name,
            op=p.op,
            inputs=p.inputs,
            shape=p.shape,
            origin=Origin(
                location=p.at,
                part=p.part,
                block=p.block,
                unit=p.unit,
                rule=p.rule,
                used_at=p.used_at,
                allow=p.allow,
                row=p.row,
            ),
        )
        for p in expanded.placed
    }
    graph = LayerGraph(
        name=spec.name,
        nodes=nodes,
        outputs=expanded.outputs,
        parts=expanded.parts,
        joins=expanded.joins,
        about=spec.about,
        recipe=spec.recipe,
        spec_text=resolved(spec),
        labelled="outputs" in spec.tree,
    )
    with told_at_use(spec.extends_at):
        check(graph)
    return graph
