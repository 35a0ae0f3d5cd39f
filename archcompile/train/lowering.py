"""The lowering for training: a graph as a model that computes for one recipe on some devices.

Its variables are those of the portable model, by name, shape and initial value. What is saved, evaluated again and
exported is always the portable one.
"""

from collections.abc import Set
from dataclasses import dataclass
from typing import Any, Literal

from archcompile.emit.calls import NamedCall
from archcompile.emit.keras_model import realise, to_keras
from archcompile.graph.ir import LayerGraph
from archcompile.quiet import load_keras
from archcompile.train.devices import Devices

Kernels = Literal["portable", "fused"]


@dataclass(frozen=True)
class Lowered:
    """`share` says which rows of a batch a replica works on."""

    model: Any
    share: Any


def lowered(graph: LayerGraph, seed: int, precision: str, devices: Devices, kernels: Kernels = "fused") -> Lowered:
    """The model that is trained, with initial weights that depend on `seed` alone.

    Initialisers and seed generators without a seed of their own draw one from Python's `random` when a layer is made;
    Keras' public way to fix that is to set all global seeds first. A generator's state is a variable of the model from
    then on, saved and resumed like the others.
    """
    load_keras().utils.set_random_seed(seed)
    from archcompile.train.kernels import FusedBatchNormalization, Share, SharedDropout

    share, exact, several = Share(devices.replicas), float32_nodes(graph), devices.replicas > 1

    def make(named: NamedCall, keras: Any) -> Any:
        path, settings = named.call.path, dict(named.call.kwargs)
        if path == "Input":
            return realise(named.call, keras, name=named.name)
        common = {"name": named.name, "dtype": "float32" if named.node.name in exact else precision}
        if path == "layers.BatchNormalization" and several:
            return realise(named.call, keras, synchronized=True, **common)
        if path == "layers.BatchNormalization" and kernels == "fused":
            return FusedBatchNormalization(**settings, **common)
        if path == "layers.Dropout" and several:
            return SharedDropout(**settings, share=share, **common)
        return realise(named.call, keras, **common)

    with devices.strategy.scope():
        return Lowered(to_keras(graph, make), share)


def float32_nodes(graph: LayerGraph) -> Set[str]:
    """The nodes that compute in float32 whatever the precision: the head, and what happens to pixels before the first layer.

    A softmax in 16 bits loses the gradient of hopeless examples altogether, and bfloat16 has no room for 256 grey levels
    with a mean subtracted.
    """
    names = list(graph.nodes)
    weighted = [place for place, node in enumerate(graph) if node.op.weighted]
    if not weighted:
        return frozenset(names)
    return frozenset([*names[: weighted[0]], *names[weighted[-1] :]])
