"""What a user is told when a device has too little memory for a step."""

from math import ceil

from archcompile.api import LayerGraph
from archcompile.engine import USABLE, Devices, device_memory, memory_of
from archcompile.errors import MissingError, plural
from archcompile.recipe import Recipe
from archcompile.report import size


def memory_error(
    graph: LayerGraph, recipe: Recipe, devices: Devices, *, outlook: str
) -> MissingError:
    """Says what a step needs, by estimate, what there is, and how many images would fit.

    `outlook` is what is left of the training.
    """
    replicas = devices.replicas
    needed = device_memory(graph, recipe, replicas)
    memory = "less" if devices.memory is None else size(devices.memory)
    return MissingError(
        f"memory of {devices.names[0]}: expected about {size(needed)} for "
        f"{_images(recipe)} over {replicas} device{'s' if replicas > 1 else ''}, got {memory}. "
        f"{outlook}",
        hint=_advice(graph, recipe, devices),
    )


def _advice(graph: LayerGraph, recipe: Recipe, devices: Devices) -> str:
    images = images_that_fit(graph, recipe, devices)
    if images < 1:
        return "its weights alone need more: choose a smaller network, or another --device"
    return (
        f"{plural(images, 'image')} at once would fit: --set "
        f"train.accumulate={ceil(recipe.batch_size / images)} takes the same steps in parts; or "
        f"--set train.batch_size={images}, and a learning rate to suit"
    )


def _images(recipe: Recipe) -> str:
    parts = f" in {recipe.accumulate} parts" if recipe.accumulate > 1 else ""
    return f"a batch of {recipe.batch_size}{parts}"


def images_that_fit(graph: LayerGraph, recipe: Recipe, devices: Devices) -> int:
    """The largest power of two that fits by estimate, and at most half of what did not.

    0 where not even one image does.
    """
    most = recipe.images_at_once // 2
    if devices.memory is not None:
        fixed, first = (memory_of(graph, recipe, batch).total for batch in (0, 1))
        fitting = int((USABLE * devices.memory - fixed) / (first - fixed)) * devices.replicas
        most = min(most, fitting)
    return 0 if most < 1 else 2 ** (most.bit_length() - 1)
