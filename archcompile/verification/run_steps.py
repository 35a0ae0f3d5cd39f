"""Steps of a view run on the layers that stand behind them."""

from collections.abc import Sequence
from typing import Any

from archcompile.keras_config import Live, apply
from archcompile.verification.compared_steps import ComparedStep, View


def run(side: Live, step: ComparedStep, tensors: Sequence[Any], *, training: bool) -> list[Any]:
    """The outputs of a step, its tensors given in order."""
    for number in step.calls:
        tensors = apply(side.net, side.layers, number, tensors=tensors, training=training)
    return list(tensors)


def holders(side: Live, view: View, step: ComparedStep) -> list[tuple[str, Any]]:
    """The layers of a step that hold variables, with their names."""
    layers = ((side.net.layers[number].name, side.layers[number]) for number in view.layers(step))
    return [(name, layer) for name, layer in layers if getattr(layer, "variables", None)]
