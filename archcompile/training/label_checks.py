"""Whether recipe and network are for labels of the kind that the data has."""

from archcompile.analyses import Head, many_sigmoids_error, no_sigmoids_error
from archcompile.data import Dataset
from archcompile.recipe import Recipe, check_class_weights, check_metrics
from archcompile.spec.yaml import Map


def check_labels(recipe: Recipe, tree: Map, ends: Head, *, data: Dataset) -> None:
    """Raises SpecError where the head or the class weights are for labels of another kind."""
    if data.has_several_labels and ends.output != "sigmoids":
        raise no_sigmoids_error(ends, data.label, len(data.classes))
    if ends.output == "sigmoids" and not data.has_several_labels and recipe.loss.kind is None:
        raise many_sigmoids_error(ends)
    check_class_weights(recipe, tree, data.classes)
    check_metrics(
        recipe, tree, classes=len(data.classes), has_several_labels=data.has_several_labels
    )
