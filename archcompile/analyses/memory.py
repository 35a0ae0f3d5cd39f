"""How much memory training takes, estimated from the graph.

A step is played through, forward and backward, layer by layer: a tensor lies in memory from the
layer that makes it to the last one that reads it. Which ones the backward pass reads is what each
op says it has `held`: inputs of convolutions, dense layers and norms and outputs of activations
above all. Behind the last layer the held tensors are all there; what lies beside them where a step
needs most is the working memory: gradients on their way, values read once, and the copies that a
convolution's gradients make of its input and of its output's gradient, in the layout of their
kernel (docs/results/memory.md has what is measured without and with them).

Weights, gradients of weights and the optimizer's numbers are float32 whatever the precision of the
layers. What the framework itself takes, other scratch space of kernels, and the images before the
network are not counted.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from archcompile.analyses.precision import float32_nodes
from archcompile.choices import Precision
from archcompile.graph import LayerGraph, Node

SLOTS = {"adam": 2, "momentum": 1, "sgd": 0}  # numbers that Keras' optimizer keeps for each weight


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Bytes of a batch; `activations` are held for the backward pass, `working` is on top."""

    weights: int
    gradients: int
    optimizer: int
    activations: int
    working: int

    @property
    def total(self) -> int:
        return self.weights + self.gradients + self.optimizer + self.activations + self.working


def training_memory(
    graph: LayerGraph, batch: int = 1, optimizer: str = "adam", *, precision: Precision = "float32"
) -> Memory:
    """The memory of a training step; `optimizer` is one of SLOTS."""
    tensors = [weight for node in graph for weight in graph.weights(node)]
    trained = sum(prod(weight.shape) for weight in tensors if weight.trainable)
    step = _TrainingStep(graph, precision)
    held = sum(step.held.values())
    return Memory(
        weights=4 * sum(prod(weight.shape) for weight in tensors),
        gradients=4 * trained,
        optimizer=4 * SLOTS[optimizer] * trained,
        activations=batch * held,
        working=batch * (step.peak() - held),
    )


def activations(graph: LayerGraph, precision: Precision = "float32") -> Mapping[str, int]:
    """Bytes per image that are held for the backward pass, by the node that made them."""
    return _TrainingStep(graph, precision).held


class _TrainingStep:
    """One step for one image. Times count the layers forward, then backward."""

    def __init__(self, graph: LayerGraph, precision: Precision) -> None:
        self.graph, self.order = graph, list(graph)
        exact = float32_nodes(graph) if precision != "float32" else graph.nodes
        self.owner: dict[str, str] = {}  # the node whose memory a node's output lies in
        self.size: dict[str, int] = {}  # bytes of that memory
        # nodes with trainable weights in or before them: the ones with a gradient
        self.learns: set[str] = set()
        inner: dict[str, int] = {}
        for node in self.order:
            width = 4 if node.name in exact else 2
            self.owner[node.name] = self.owner[node.inputs[0]] if node.op.is_view else node.name
            self.size[node.name] = 0 if node.op.is_view else width * prod(node.shape)
            if any(w.trainable for w in graph.weights(node)) or self.learns.intersection(
                node.inputs
            ):
                self.learns.add(node.name)
            kept = node.op.kept_for_backward(*graph.input_shapes(node))
            inner[node.name] = (width * kept.values + kept.masks) * (node.name in self.learns)
        self.last_read = self._last_reads()
        lasting = {name for name, time in self.last_read.items() if time >= len(self.order)}
        self.held = {
            name: inner[name] + self.size[name] * (name in lasting) for name in graph.nodes
        }
        self.inner = inner

    def _backward_time(self, place: int) -> int:
        """When the layer at a place has its turn in the backward pass."""
        return 2 * len(self.order) - 1 - place

    def _last_reads(self) -> dict[str, int]:
        """When each node's memory is read, or written, for the last time."""
        last: dict[str, int] = {}
        for place, node in enumerate(self.order):
            last.update(
                dict.fromkeys((self.owner[name] for name in (node.name, *node.inputs)), place)
            )
        for place, node in enumerate(self.order):
            kept = node.op.kept_for_backward(*self.graph.input_shapes(node))
            read = (node.inputs if kept.inputs else ()) + ((node.name,) if kept.output else ())
            for name in read if node.name in self.learns else ():
                last[self.owner[name]] = max(last[self.owner[name]], self._backward_time(place))
        return last

    def peak(self) -> int:
        """The most bytes that lie in memory at a time."""
        freed: Counter[int] = Counter()
        for name, time in self.last_read.items():
            freed[time] += self.size[name]
        alive = most = 0
        for place, node in enumerate(self.order):
            alive += self.size[node.name] + self.inner[node.name]
            most = max(most, alive)
            alive -= freed[place]
        gradients = {
            name: self.size[self.owner[name]]
            for name in self.graph.outputs.values()
            if name in self.learns
        }
        alive += sum(gradients.values())
        for place in reversed(range(len(self.order))):
            node = self.order[place]
            alive += self._enter_gradients(node, gradients)
            most = max(most, alive + self._gradient_copies(node))
            alive -= (
                gradients.pop(node.name, 0)
                + self.inner[node.name]
                + freed[self._backward_time(place)]
            )
        return most

    def _gradient_copies(self, node: Node) -> int:
        """Bytes that lie in memory only while the gradients of a convolution are worked out."""
        if node.op.role != "conv" or node.name not in self.learns:
            return 0
        return sum(self.size[self.owner[name]] for name in (node.name, *node.inputs))

    def _enter_gradients(self, node: Node, gradients: dict[str, int]) -> int:
        """Enters the gradients of a node's inputs, one sum per tensor; returns their bytes."""
        new = [
            name
            for name in dict.fromkeys(node.inputs)
            if name in self.learns and name not in gradients
        ]
        gradients.update((name, self.size[self.owner[name]]) for name in new)
        return sum(gradients[name] for name in new)
