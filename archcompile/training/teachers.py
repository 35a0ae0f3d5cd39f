"""The run that a recipe distils: read, and checked against what it is to teach."""

from pathlib import Path

from archcompile.analyses import head
from archcompile.api import LayerGraph
from archcompile.engine import Teacher, model_tensors
from archcompile.errors import Diagnostic, SpecError
from archcompile.inference import class_differences
from archcompile.messages import Say
from archcompile.recipe import Recipe, place
from archcompile.run_folder import Saved, read_run
from archcompile.spec.yaml import Map


def read_teacher(
    recipe: Recipe, tree: Map, graph: LayerGraph, *, classes: tuple[str, ...], say: Say
) -> Teacher | None:
    """The last checkpoint of the run that the recipe distils; None where it distils none.

    Raises UsageError where there is no run, DataError where it is damaged, SpecError where it
    cannot teach this network.
    """
    rule = recipe.distill
    if rule is None:
        return None
    saved = read_run(Path(rule.teacher), "last", say)
    if unlike := _differences(saved, graph, classes):
        raise SpecError(
            [
                Diagnostic(
                    code="unfit-teacher",
                    message=f"{rule.teacher} cannot teach {graph.name}: {'; '.join(unlike)}",
                    location=place(tree, "distill", "teacher"),
                    hint="distil a run on images of this size, with the same classes in the same "
                    "order and outputs of the same kind",
                )
            ]
        )
    return Teacher(
        graph=saved.graph,
        tensors=model_tensors(saved.checkpoint.tensors),
        statistics=saved.statistics,
        scale=saved.recipe.preprocessing.scale,
    )


def _differences(saved: Saved, graph: LayerGraph, classes: tuple[str, ...]) -> list[str]:
    """In what teacher and student do not fit, each as a sentence."""
    shapes = ["x".join(map(str, each.input_shape)) for each in (saved.graph, graph)]
    outputs = [_kind(each) for each in (saved.graph, graph)]
    return [
        *([f"it takes images of {shapes[0]}, not {shapes[1]}"] if shapes[0] != shapes[1] else []),
        *class_differences(saved.classes, classes),
        *([f"it outputs {outputs[0]}, not {outputs[1]}"] if outputs[0] != outputs[1] else []),
    ]


def _kind(graph: LayerGraph) -> str:
    words = {"sigmoid": "one sigmoid", "sigmoids": "a sigmoid for each class"}
    return words.get(head(graph).output, "one class of several")
