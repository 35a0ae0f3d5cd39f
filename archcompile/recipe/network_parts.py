"""What a recipe says of the parts of a network, and of what it outputs."""

from typing import TYPE_CHECKING

from archcompile.analyses import head
from archcompile.errors import Diagnostic, Location, SpecError, did_you_mean
from archcompile.recipe.metric_names import TOP
from archcompile.recipe.model import Recipe
from archcompile.recipe.resolved import place
from archcompile.spec.yaml import Map

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archcompile.analyses import Head
    from archcompile.graph import LayerGraph


def check_parts(recipe: Recipe, tree: Map, graph: "LayerGraph") -> None:
    """Raises SpecError at each part that the network does not have, and at a loss of other outputs.

    What a network outputs is looked at only where the recipe says what it is to be.
    """
    wrong = [
        Diagnostic(
            code="unknown-key",
            message=f"{graph.name} has no part `{part}`",
            location=place(tree, "part_rates", part),
            hint=did_you_mean(part, graph.parts, "its parts are"),
        )
        for part in recipe.part_rates
        if part not in graph.parts
    ]
    if wrong:
        raise SpecError(wrong)
    if recipe.loss.kind is not None or recipe.loss.focal is not None:
        _check_loss(recipe, tree, head(graph))


def check_class_weights(recipe: Recipe, tree: Map, classes: "Sequence[str]") -> None:
    """Raises SpecError at each class with a weight that the data does not have."""
    weights = recipe.loss.class_weights
    names = weights if isinstance(weights, dict) else {}
    wrong = [
        Diagnostic(
            code="unknown-key",
            message=f"the data has no class `{name}`",
            location=place(tree, "loss", "class_weights", name),
            hint=did_you_mean(name, classes, "its classes are"),
        )
        for name in names
        if name not in classes
    ]
    if wrong:
        raise SpecError(wrong)


def check_metrics(recipe: Recipe, tree: Map, *, classes: int, has_several_labels: bool) -> None:
    """Raises SpecError at each metric that says nothing of such data."""
    wrong = []
    for place_of, name in enumerate(recipe.metrics):
        top = TOP.fullmatch(name)
        if has_several_labels and (top or name == "calibration_error"):
            reason = f"images have several labels, which `{name}` does not measure"
            hint = "the metrics of such data are macro_f1 and auc; accuracy is the exact match"
        elif top and int(top[1]) >= classes:
            reason = f"with {classes} classes, `{name}` is always 1"
            hint = "choose a smaller number"
        else:
            continue
        location = place(tree, "metrics", place_of)
        wrong.append(
            Diagnostic(code="unknown-metric", message=reason, location=location, hint=hint)
        )
    if wrong:
        raise SpecError(wrong)


def _check_loss(recipe: Recipe, tree: Map, ends: "Head") -> None:
    """Raises SpecError where the loss is one of other outputs than the network's."""
    loss, node = recipe.loss, ends.node
    notes = (("the last layer", node.origin.location),)
    of_head = "binary" if ends.has_sigmoids else "categorical"
    if loss.kind is not None and loss.kind != of_head:
        needed, output = ("softmax", "sigmoids") if ends.has_sigmoids else ("sigmoid", "a softmax")
        output = "logits" if ends.output == "logits" else output
        raise _loss_error(
            tree,
            ("loss", "kind"),
            message=f"`{loss.kind}` is the loss of a {needed}, and {node.name} outputs {output}",
            hint=f"write `kind: {of_head}`, or end the network in `activation: {needed}`",
            notes=notes,
        )
    if loss.focal is not None and loss.focal.alpha is not None and not ends.has_sigmoids:
        raise _loss_error(
            tree,
            ("loss", "focal", "alpha"),
            message="`alpha` weighs classes that are there against those that are not, which a "
            f"softmax does not tell apart, and {node.name} outputs no sigmoids",
            hint="weigh classes with `class_weights`",
            notes=notes,
        )


def _loss_error(
    tree: Map,
    path: tuple[str, ...],
    *,
    message: str,
    hint: str,
    notes: tuple[tuple[str, Location], ...],
) -> SpecError:
    return SpecError(
        [
            Diagnostic(
                code="unfit-loss",
                message=message,
                location=place(tree, *path),
                hint=hint,
                notes=notes,
            )
        ]
    )
