"""The recipe as JSON Schema, for editors."""

from archcompile.recipe.model import Recipe
from archcompile.spec.schema import Schema, document, of_model


def recipe_schema() -> Schema:
    """The schema of a recipe file; its name comes from the file where it is not written."""
    schema = of_model(Recipe)
    needed = [key for key in schema["required"] if key != "name"]
    return document({**schema, "required": needed}, "How a network is trained.")
