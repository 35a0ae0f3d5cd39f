"""Parts of a network that training leaves as they are."""

from collections.abc import Sequence
from typing import Any

from archcompile.errors import UsageError, did_you_mean
from archcompile.graph import LayerGraph
from archcompile.keras_model import calls


def check_freeze(graph: LayerGraph, parts: Sequence[str]) -> None:
    """Raises UsageError unless all are parts of the network, and something is left to train."""
    for part in parts:
        if part not in graph.parts:
            hint = did_you_mean(part, graph.parts, "its parts are")
            raise UsageError(f"--freeze: {graph.name} has no part `{part}`", hint=hint)
    if not any(
        w.trainable for node in graph if node.origin.part not in parts for w in graph.weights(node)
    ):
        raise UsageError(f"--freeze {','.join(parts)} leaves nothing to train")


def freeze_parts(model: Any, graph: LayerGraph, parts: Sequence[str]) -> None:
    """Takes the weights of these parts out of training; their norms use their moving statistics."""
    for call in calls(graph) if parts else ():
        if call.node.origin.part in parts and not call.is_function:
            model.get_layer(call.name).trainable = False
