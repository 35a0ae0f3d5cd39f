"""How much memory training takes, estimated from the graph.

A step is played through, forward and backward, layer by layer: a tensor lies in memory from the layer that makes it to
the last one that reads it. Which ones the backward pass reads is what each op says it has `held`: inputs of convolutions,
dense layers and norms and outputs of activations above all. Behind the last layer the held tensors are all there;
what lies beside them where a step needs most is the working memory: gradients on their way, values read once, and the
copies that a convolution's gradients make of its input and of its output's gradient, in the layout of their kernel
(docs/results/memory.md has what is measured without and with them).

Weights, gradients of weights and the optimizer's numbers are float32 whatever the precision of the layers. What the
framework itself takes, other scratch space of kernels, and the pictures before the network are not counted.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Literal, get_args

from archcompile.analyses.precision import float32_nodes
from archcompile.graph.ir import LayerGraph, Node

Precision = Literal["float32", "mixed_float16", "mixed_bfloat16"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
SLOTS = {"adam": 2, "momentum": 1, "sgd": 0}  # numbers that Keras' optimizer keeps for each weight


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes. `activations` are held from the forward to the backward pass, `working` lies beside them; of a whole batch."""

    weights: int
    gradients: int
    optimizer: int
    activations: int
    working: int

    @property
    def total(self) -> int:
        return self.weights + self.gradients + self.optimizer + self.activations + self.working


def training_memory(
    graph: LayerGraph, batch: int = 1, optimizer: str = "adam", precision: Precision = "float32"
) -> Memory:
    """The memory of a training step; `optimizer` is one of SLOTS."""
    tensors = [weight for node in graph for weight in graph.weights(node)]
    trained = sum(prod(weight.shape) for weight in tensors if weight.trainable)
    step = _Step(graph, precision)
    held = sum(step.held.values())
    return Memory(4 * sum(prod(weight.shape) for weight in tensors), 4 * trained, 4 * SLOTS[optimizer] * trained,
                  batch * held, batch * (step.peak() - held))  # fmt: skip


def activations(graph: LayerGraph, precision: Precision = "float32") -> Mapping[str, int]:
    """Bytes for one picture that are held for the backward pass, by the node that made them; 0 for the others."""
    return _Step(graph, precision).held


class _Step:
    """One step for one picture. Times count the layers forward, then backward."""

    def __init__(self, graph: LayerGraph, precision: Precision) -> None:
        self.graph, self.order = graph, list(graph)
        exact = float32_nodes(graph) if precision != "float32" else graph.nodes
        self.owner: dict[str, str] = {}  # the node whose memory a node's output lies in
        self.size: dict[str, int] = {}  # bytes of that memory
        self.learns: set[str] = set()  # nodes with trainable weights in or before them: the ones with a gradient
        inner: dict[str, int] = {}
        for node in self.order:
            width = 4 if node.name in exact else 2
            self.owner[node.name] = self.owner[node.inputs[0]] if node.op.is_view else node.name
            self.size[node.name] = 0 if node.op.is_view else width * prod(node.shape)
            if any(w.trainable for w in graph.weights(node)) or self.learns.intersection(node.inputs):
                self.learns.add(node.name)
            kept = node.op.held(*graph.input_shapes(node))
            inner[node.name] = (width * kept.values + kept.masks) * (node.name in self.learns)
        self.last_read = self._last_reads()
        lasting = {name for name, time in self.last_read.items() if time >= len(self.order)}
        self.held = {name: inner[name] + self.size[name] * (name in lasting) for name in graph.nodes}
        self.inner = inner

    def _back(self, place: int) -> int:
        """When the layer at a place has its turn in the backward pass."""
        return 2 * len(self.order) - 1 - place

    def _last_reads(self) -> dict[str, int]:
        """When each node's memory is read, or written, for the last time."""
        last: dict[str, int] = {}
        for place, node in enumerate(self.order):
            last.update(dict.fromkeys((self.owner[name] for name in (node.name, *node.inputs)), place))
        for place, node in enumerate(self.order):
            kept = node.op.held(*self.graph.input_shapes(node))
            read = (node.inputs if kept.inputs else ()) + ((node.name,) if kept.output else ())
            for name in read if node.name in self.learns else ():
                last[self.owner[name]] = max(last[self.owner[name]], self._back(place))
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
        gradients = {name: self.size[self.owner[name]] for name in self.graph.outputs.values() if name in self.learns}
        alive += sum(gradients.values())
        for place in reversed(range(len(self.order))):
            node = self.order[place]
            alive += self._passed_on(node, gradients)
            most = max(most, alive + self._copied(node))
            alive -= gradients.pop(node.name, 0) + self.inner[node.name] + freed[self._back(place)]
        return most

    def _copied(self, node: Node) -> int:
        """Bytes that lie in memory only while the gradients of a convolution are worked out."""
        if node.op.role != "conv" or node.name not in self.learns:
            return 0
        return sum(self.size[self.owner[name]] for name in (node.name, *node.inputs))

    def _passed_on(self, node: Node, gradients: dict[str, int]) -> int:
        """Bytes of the gradients that a node makes for its inputs, entered in `gradients`: one sum for each tensor."""
        new = [name for name in dict.fromkeys(node.inputs) if name in self.learns and name not in gradients]
        gradients.update((name, self.size[self.owner[name]]) for name in new)
        return sum(gradients[name] for name in new)
