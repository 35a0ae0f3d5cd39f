"""The network as a list of steps with every value in force, units that are alike written once."""

from archcompile.analyses import settings
from archcompile.drawing.figure import UnitGroup, fold
from archcompile.graph import LayerGraph
from archcompile.spec.yaml import flow


def settings_text(graph: LayerGraph) -> str:
    """One step a line; what nothing in the spec gives stands behind `default`."""
    lines = []
    for group in fold(graph):
        lines.append(_heading(group))
        for node in group.nodes:
            values = settings(node)
            given = f" {flow(values.given)}" if values.given else ""
            default = f"  default {flow(values.default)}" if values.default else ""
            lines.append(f"  {node.name}: {node.op.kind}{given}{default}")
    return "\n".join(lines) + "\n"


def _heading(group: UnitGroup) -> str:
    if group.block is None:
        return f"{group.part}:"
    first, last = (unit[0].origin.unit for unit in (group.units[0], group.units[-1]))
    units = (
        f"unit {first}" if first == last else f"units {first} to {last}, written as unit {first}"
    )
    return f"{group.part}: {group.block}, {units}"
