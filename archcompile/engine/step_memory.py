"""The memory that a training step needs, by estimate."""

from math import ceil

from archcompile.analyses import Memory, training_memory
from archcompile.graph import LayerGraph
from archcompile.recipe import Adam, Lamb, Lion, Recipe, RMSprop

USABLE = 0.9  # of a device's memory; the rest is taken by the framework itself


def memory_of(graph: LayerGraph, recipe: Recipe, batch: int) -> Memory:
    """The memory of a step that works on so many images at once, in bytes."""
    return training_memory(graph, batch, slots_of(recipe), precision=recipe.precision)


def device_memory(graph: LayerGraph, recipe: Recipe, replicas: int) -> int:
    """Bytes that a step takes of each of so many devices that share its batch."""
    return memory_of(graph, recipe, ceil(recipe.images_at_once / replicas)).total


def slots_of(recipe: Recipe) -> str:
    """The optimizer among those of `archc cost` that keeps as many numbers for each weight."""
    chosen = recipe.optimizer
    match chosen:
        case Adam() | Lamb():
            return "adam"
        case RMSprop():
            return "adam" if chosen.momentum else "momentum"
        case Lion():
            return "momentum"
        case _:
            return "momentum" if chosen.momentum else "sgd"
