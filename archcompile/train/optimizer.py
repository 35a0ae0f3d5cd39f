"""The optimizer a recipe asks for."""

from typing import Any

from archcompile.quiet import load_keras
from archcompile.recipe.optimizers import SGD, Adam


def make(settings: Adam | SGD) -> Any:
    """A Keras optimizer with the recipe's settings; the loop sets its learning rate at the beginning of each epoch."""
    keras = load_keras()
    values = settings.model_dump(exclude={"kind"})
    return {"adam": keras.optimizers.Adam, "sgd": keras.optimizers.SGD}[settings.kind](**values)
