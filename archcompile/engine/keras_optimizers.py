"""The optimizer a recipe asks for."""

from typing import Any

from archcompile.quiet import load_keras
from archcompile.recipe import Recipe


def make_optimizer(recipe: Recipe) -> Any:
    """A Keras optimizer with the recipe's settings, whose learning rate each step sets.

    In float16 it scales the loss.
    """
    optimizers = load_keras().optimizers
    # only now: it is a class of Keras, which must have been started
    from archcompile.engine.muon import Muon

    kinds = {"adam": optimizers.Adam, "muon": Muon, "sgd": optimizers.SGD}
    values = recipe.optimizer.model_dump(exclude={"kind"})
    optimizer = kinds[recipe.optimizer.kind](**values)
    if recipe.precision == "mixed_float16":
        return optimizers.LossScaleOptimizer(optimizer)
    return optimizer
