"""The lowering for training: a graph as a model that computes for one recipe on some devices.

Its variables are those of the portable model, by name, shape and initial value. What is saved,
evaluated again and exported is always the portable one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from archcompile.analyses import HeadOutput, float32_nodes, head
from archcompile.choices import Kernels
from archcompile.engine import draw_on_host
from archcompile.engine.tensorflow.devices import Devices
from archcompile.graph import LayerGraph
from archcompile.keras_model import NamedCall, realise, to_keras
from archcompile.ops import Call, Conv
from archcompile.passes import dead_biases
from archcompile.quiet import load_keras

KERNELS: tuple[Kernels, ...] = ("fused", "portable", "xla")
# What may read a norm that has a kernel of its own in evaluation. TensorFlow puts a convolution,
# such a norm and the activation behind it into one operation. On some processors it does so with
# tanh too, for which that operation has no code. What evaluation leaves out, such as dropout, is
# not named either: anything may stand behind it.
READERS = (
    "relu",
    "relu6",
    "leaky_relu",
    "conv",
    "depthwise_conv",
    "separable_conv",
    "add",
    "max_pool",
    "global_avg_pool",
)


DROPOUT = "layers.Dropout"  # the path of all calls that draw random numbers


@dataclass(frozen=True, kw_only=True)
class Lowered:
    """The model of a graph, to be trained.

    `share` says which rows of a batch a replica works on, `is_fused` whether kernels are
    those chosen for training.
    """

    graph: LayerGraph
    model: Any
    share: Any
    is_fused: bool = False

    @property
    def output(self) -> HeadOutput:
        """What the model's outputs are. Raises SpecError where it cannot be trained to classify."""
        return head(self.graph).output


def lower_for_training(
    graph: LayerGraph, seed: int, precision: str, *, devices: Devices, kernels: Kernels = "fused"
) -> Lowered:
    """The model that is trained, with initial weights that depend on `seed` alone.

    Weights are drawn on the host. Seed generators without a seed of their own draw one from
    Python's `random` when a layer is made; Keras' public way to fix that is to set all global seeds
    first. A generator's state is a variable of the model from then on, saved and resumed like the
    others.
    """
    load_keras().utils.set_random_seed(seed)
    from archcompile.engine.tensorflow.kernels import Share

    share, exact = Share(devices.replicas), float32_nodes(graph)
    is_fused = kernels != "portable" and devices.replicas == 1
    replaced: Instead = {}
    if devices.replicas > 1:
        replaced = _share_layers(share)
    elif is_fused:
        replaced = _fuse_layers(graph)

    def make(named: NamedCall, keras: Any) -> Any:
        if named.call.path == "Input":
            return realise(named.call, keras, name=named.name)
        common = {"name": named.name, "dtype": "float32" if named.node.name in exact else precision}
        instead = replaced.get(named.call.path)
        layer = instead(named, keras, common) if instead else realise(named.call, keras, **common)
        return draw_on_host(layer, seed)

    with devices.strategy.scope():
        return Lowered(graph=graph, model=to_keras(graph, make), share=share, is_fused=is_fused)


# by the path of a call: what makes its layer
Instead = Mapping[str, Callable[[NamedCall, Any, dict[str, Any]], Any]]


def _share_layers(share: Any) -> Instead:
    """Layers that look at the whole batch where several replicas have a part of it each."""
    from archcompile.engine.tensorflow.kernels import SharedDropout

    return {
        "layers.BatchNormalization": lambda named, keras, common: realise(
            named.call, keras, synchronized=True, **common
        ),
        DROPOUT: lambda named, keras, common: SharedDropout(
            **named.call.kwargs, share=share, **common
        ),
    }


def _fuse_layers(graph: LayerGraph) -> Instead:
    """Layers that need one kernel where Keras needs several.

    They leave out biases that batch normalisation takes away.
    """
    from archcompile.engine.tensorflow.kernels import FusedBatchNormalization, FusedConv2D

    before, fusing = norms_behind_biases(graph), norms_that_fuse(graph)
    behind = {conv: norm for norm, conv in before.items()}
    layers: dict[str, Any] = {}

    def conv(named: NamedCall, keras: Any, common: dict[str, Any]) -> Any:
        norm = behind.get(named.name)
        settings = {
            key: realise(value, keras) if isinstance(value, Call) else value
            for key, value in named.call.kwargs.items()
        }
        layers[named.name] = FusedConv2D(
            **settings, is_dead=lambda: norm is not None and layers[norm].trainable, **common
        )
        return layers[named.name]

    def norm(named: NamedCall, keras: Any, common: dict[str, Any]) -> Any:
        source = before.get(named.name)
        layers[named.name] = FusedBatchNormalization(
            **named.call.kwargs,
            left_out=lambda: None if source is None else layers[source].bias,
            fuses=named.name in fusing,
            **common,
        )
        return layers[named.name]

    return {"layers.Conv2D": conv, "layers.BatchNormalization": norm}


def norms_behind_biases(graph: LayerGraph) -> dict[str, str]:
    """Each batch norm that alone reads a convolution with a bias, with that convolution."""
    return {
        norm: layer
        for layer, norm in dead_biases(graph).items()
        if isinstance(graph.nodes[layer].op, Conv)
    }


def norms_that_fuse(graph: LayerGraph) -> set[str]:
    """The norms that are read by READERS alone."""
    readers: dict[str, set[str]] = {node.name: set() for node in graph}
    for node in graph:
        for source in node.inputs:
            readers[source].add(node.op.kind)
    return {
        name
        for name, kinds in readers.items()
        if graph.nodes[name].op.kind == "bn" and kinds <= set(READERS)
    }
