"""Recipes and experiments as JSON Schema, for editors."""

from archcompile.recipe.model import Recipe
from archcompile.spec.json_schema import Schema, document, of_model
from archcompile.train.experiment import Experiment


def recipe_schema() -> Schema:
    """The schema of a recipe file; its name comes from the file where it is not written."""
    schema = of_model(Recipe)
    needed = [key for key in schema["required"] if key != "name"]
    return document({**schema, "required": needed}, "How a network is trained.")


def experiment_schema() -> Schema:
    """The schema of an experiment file."""
    return document(of_model(Experiment), "Which networks are trained by which recipes.")
