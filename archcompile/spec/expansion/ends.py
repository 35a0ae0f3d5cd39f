"""The outputs of a spec that was written out, and whether all that was written takes part."""

from collections.abc import Container, Mapping

from archcompile.errors import did_you_mean
from archcompile.spec.expansion.node import Node
from archcompile.spec.expansion.scope import misfit
from archcompile.spec.language import INPUT, Problems, Spec
from archcompile.spec.yaml import Tree, expect_map, expect_text, fail


def named_outputs(spec: Spec, end: str, points: Mapping[str, str]) -> dict[str, str]:
    """The nodes of the outputs by label; `end` where the spec names none. Raises SpecError."""
    if "outputs" not in spec.tree:
        return {"output": end}
    problems = Problems()
    outputs = expect_map(spec.tree["outputs"], "`outputs`").items()
    nodes = {label: problems.attempt(_output, tree, points) for label, tree in outputs}
    problems.raise_any()
    return {label: node for label, node in nodes.items() if node}


def _output(tree: Tree, points: Mapping[str, str]) -> str:
    name = expect_text(tree, "an output")
    if name not in points:
        hint = "the input cannot be an output" if name == INPUT else did_you_mean(name, points)
        raise fail("unknown-point", f"there is no part or point '{name}'", tree.at, hint=hint)
    return points[name]


def check_nothing_lost(nodes: Mapping[str, Node], outputs: Mapping[str, str]) -> None:
    """Raises SpecError for an op that leads to no output: it was written but would not be built."""
    used = {source for node in nodes.values() for source in node.inputs} | set(outputs.values())
    lost = next((node for node in nodes.values() if node.name not in used), None)
    if lost:
        raise misfit(
            "unused-step",
            f"the result of this step does not reach an output ({lost.name})",
            lost.origin.location,
            used_at=lost.origin.used_at,
            hint="refer to it with `from` or the `with` of a merge, list it in `outputs`, or "
            "remove it",
        )


def check_shortcuts_reached(spec: Spec, reached: Container[int]) -> None:
    """Raises SpecError for a choice of shortcut that no block asks for."""
    whole_spec = spec.tree.get("shortcut")
    stages = [part.row for part in spec.parts if part.row]
    for tree in (whole_spec, *(choice for row in stages for choice in row.choices())):
        if tree is not None and id(tree) not in reached:
            raise fail(
                "no-shortcut-step",
                "no block uses this shortcut: no unit has a `shortcut` step that joins",
                tree.at,
                hint="remove it, or add a step `shortcut` where the skip path should join",
            )
