"""How much memory training takes, estimated from the graph.

Held from the forward to the backward pass is what each op says it `keeps`, the inputs of convolutions, dense layers and
norms and the outputs of activations above all, each tensor once. Weights, gradients and the optimizer's slots
are float32 whatever the precision of the layers. What the framework itself takes, and scratch space of single kernels,
is not counted.
"""

from dataclasses import dataclass
from math import prod

from archcompile.graph.ir import LayerGraph

BYTES = {"float32": 4, "mixed_bfloat16": 2, "mixed_float16": 2}


@dataclass(frozen=True)
class Memory:
    """Bytes. `activations` are those of a whole batch, the pictures among them."""

    weights: int
    gradients: int
    optimizer: int
    activations: int

    @property
    def total(self) -> int:
        return self.weights + self.gradients + self.optimizer + self.activations


def training_memory(graph: LayerGraph, batch: int, slots: int, precision: str = "float32") -> Memory:
    """The memory of a training step; `slots` is how many numbers the optimizer keeps for each weight."""
    tensors = [weight for node in graph for weight in graph.weights(node)]
    trained = sum(prod(weight.shape) for weight in tensors if weight.trainable)
    return Memory(4 * sum(prod(weight.shape) for weight in tensors), 4 * trained, 4 * slots * trained,
                  batch * BYTES[precision] * sum(prod(graph.nodes[name].shape) for name in _kept(graph)))  # fmt: skip


def _kept(graph: LayerGraph) -> set[str]:
    """The nodes whose outputs are held for the backward pass."""
    kept: set[str] = set()
    for node in graph:
        kept.update(node.inputs if "inputs" in node.op.keeps else ())
        kept.update((node.name,) if "output" in node.op.keeps else ())
    return kept
