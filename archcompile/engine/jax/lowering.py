"""The lowering for training under JAX: stock layers, since XLA joins what it can by itself."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from archcompile.analyses import HeadOutput, float32_nodes, head
from archcompile.choices import Kernels
from archcompile.engine import draw_on_host
from archcompile.graph import LayerGraph
from archcompile.keras_model import NamedCall, realise, to_keras
from archcompile.ops import Call

KERNELS: tuple[Kernels, ...] = ("xla",)
# What a model's outputs are: numbers in front of a last activation of this name, which the loss
# computes with itself, or the probabilities themselves.
Last = Literal["softmax", "sigmoid", "none"]


@dataclass(frozen=True, kw_only=True)
class Lowered:
    """The model of a graph, to be trained, without its last activation where that is a share."""

    graph: LayerGraph
    model: Any
    last: Last


def lower_for_training(graph: LayerGraph, seed: int, precision: str) -> Lowered:
    """The model that is trained, with initial weights that depend on `seed` alone.

    Seed generators draw theirs from Python's `random`; Keras' function that sets all global seeds
    would import TensorFlow where it is installed.
    """
    random.seed(seed)
    output, exact = head(graph).output, float32_nodes(graph)
    (end,) = graph.outputs.values()
    last = _last(graph, end, output)

    def make(named: NamedCall, keras: Any) -> Any:
        if named.call.path == "Input":
            return realise(named.call, keras, name=named.name)
        dtype = "float32" if named.node.name in exact else precision
        call = named.call
        if named.node.name == end and "activation" in call.kwargs and last != "none":
            call = Call(call.path, {**call.kwargs, "activation": "linear"})
        return draw_on_host(realise(call, keras, name=named.name, dtype=dtype), seed)

    return Lowered(graph=graph, model=to_keras(graph, make), last=last)


def _last(graph: LayerGraph, end: str, output: HeadOutput) -> Last:
    if output == "logits":
        return "softmax"
    node = graph.nodes[end]
    kwargs: Mapping[str, Any] = node.op.pieces(*graph.input_shapes(node))[-1].call.kwargs
    activation = kwargs.get("activation")
    if activation in ("softmax", "sigmoid"):
        return "softmax" if output == "probabilities" else "sigmoid"
    return "none"
