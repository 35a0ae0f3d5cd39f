"""A graph of ATen operations as a net of stock Keras layers, with the weights that it carries.

Every operation has a function in one of the `aten_` files; what has none is named with its module.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from typing import Any

from archcompile.errors import plural
from archcompile.keras_config import Net, Ref
from archcompile.torch_graph.aten import AtenGraph, AtenNode, Tensor, Untranslatable
from archcompile.torch_graph.axes import in_order
from archcompile.torch_graph.early_flatten import with_early_flatten
from archcompile.torch_graph.net_builder import NetBuilder, Unfit
from archcompile.torch_graph.shared_memory import SharedMemory
from archcompile.torch_graph.stored import MAP, Sizes, Stored, natural_order
from archcompile.torch_graph.used_layers import without_unused_layers
from archcompile.torch_graph.weight_turns import CarriedWeight

NAMED = 5  # operations that a message names


@dataclass(frozen=True, slots=True)
class Parts:
    """A tensor that was split along an axis: each part's start and length."""

    value: Stored
    axis: int
    parts: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class NodeValue:
    """The node that computes a tensor of the net, and how Keras holds that."""

    node: str
    order: Sizes


@dataclass(frozen=True, slots=True, kw_only=True)
class Translated:
    """A network of PyTorch as a net.

    `weights` are the variables of the net's layers; `unused` are tensors of the state dict that
    inference does not read. `values` tells of tensors of the net what node computes them.
    """

    net: Net
    graph: AtenGraph
    weights: tuple[CarriedWeight, ...]
    unused: tuple[str, ...]
    values: Mapping[Ref, NodeValue]


Result = Stored | Parts | Tensor
Translator = Callable[["Translation", AtenNode], Result]


def translate(graph: AtenGraph, label: str) -> Translated:
    """The net of a graph. Raises Untranslatable, which names every operation without layers."""
    return Translation(graph, label).result()


class Translation:
    """One graph on its way; `builder` has what stands already."""

    def __init__(self, graph: AtenGraph, label: str):
        self.graph, self.label = graph, label
        name = Path(label.rpartition(":")[2]).stem
        self.builder = NetBuilder(name, graph.state)
        self.values: dict[str, Result | None] = {}  # None: its operation is a problem already
        self.node_of: dict[Ref, NodeValue] = {}
        self.shared = SharedMemory()
        self.problems: list[tuple[str, str]] = []

    def result(self) -> Translated:
        graph, builder = self.graph, self.builder
        shape = graph.input_shape
        self.values[graph.input] = builder.input("input", shape, MAP)
        for node in graph.nodes:
            self._enter(node)
        outputs = [self._output(name) for name in graph.outputs]
        if self.problems:
            raise _untranslatable(self.label, self.problems)
        net = builder.net([value for value in outputs if value is not None], graph.keys)
        net, weights, swapped = with_early_flatten(net, builder.weights)
        nodes = {swapped.get(ref, ref): value for ref, value in self.node_of.items()}
        net, weights, moved = without_unused_layers(net, weights)
        carried = _names(self.label, weights)
        return Translated(
            net=net,
            graph=graph,
            weights=weights,
            unused=tuple(key for key in graph.state if key not in carried and not _is_counter(key)),
            values={moved[ref]: value for ref, value in nodes.items() if ref in moved},
        )

    def _enter(self, node: AtenNode) -> None:
        self.builder.module = node.module
        result: Result | None = None
        if all(self.values.get(name, 0) is not None for name in node.reads):
            try:
                self.shared.check(node)
                result = _translator(node)(self, node)
                self.shared.enter(node)
            except Unfit as unfit:
                self.problems.append((node.place, f"`{node.operation}` {unfit}"))
        self.values[node.name] = result
        if node.is_in_place:
            self.values |= dict.fromkeys(self.shared.same_as(node), result)
        is_alike = node.arguments.get("value") != -inf  # which zeros stand for
        if isinstance(result, Stored) and result.flattened is None and is_alike:
            self.node_of.setdefault(result.ref, NodeValue(node.name, result.order))

    def _output(self, name: str) -> Stored | None:
        value = self.values[name]
        if not isinstance(value, Stored):
            return None
        self.builder.module = "output"
        try:
            return in_order(self.builder, value, natural_order(value.rank))
        except Unfit as unfit:
            self.problems.append(("the output", str(unfit)))
            return None

    # ---- what the functions of operations ask ----------------------------------------------------

    def value(self, node: AtenNode) -> Stored:
        """The first argument, a tensor that is computed. Raises Unfit for a parameter."""
        stored = self.value_of(next(iter(node.arguments.values())))
        if stored is None:
            raise Unfit("reads a parameter where layers read what was computed")
        return stored

    def map(self, node: AtenNode) -> Stored:
        """The first argument, a map (N, C, H, W), held with its channels last."""
        value = self.value(node)
        if value.rank != 4:
            raise Unfit(f"takes a tensor of shape {value.shape}; layers take maps")
        return in_order(self.builder, value, MAP)

    def value_of(self, argument: Any) -> Stored | None:
        """The computed tensor that an argument is; None for anything else."""
        if not isinstance(argument, Mapping) or "node" not in argument:
            return None
        result = self.values.get(argument["node"])
        if isinstance(result, Parts):
            raise Unfit("takes several tensors as one")
        return result if isinstance(result, Stored) else None

    def parameter(self, argument: Any) -> Tensor | None:
        """The parameter that an argument is, perhaps in another shape; None for anything else."""
        name = argument.get("node") if isinstance(argument, Mapping) else None
        result = self.values.get(str(name))
        return result if isinstance(result, Tensor) else self.graph.tensors.get(str(name))

    def tensor(self, node: AtenNode, key: str) -> Tensor | None:
        """A parameter or a statistic; None where there is none. Raises Unfit for another tensor."""
        argument = node.arguments.get(key)
        if argument is None:
            return None
        tensor = self.parameter(argument)
        if tensor is None:
            raise Unfit(f"computes its {key} instead of reading a parameter")
        return tensor


def _translator(node: AtenNode) -> Translator:
    from archcompile.torch_graph.operations import OPERATIONS

    if node.operation not in OPERATIONS:
        raise Unfit("is an operation that no stock layer does")
    return OPERATIONS[node.operation]


def _names(label: str, weights: Sequence[CarriedWeight]) -> set[str]:
    """The tensors that layers hold. Raises Untranslatable for one that two layers hold."""
    names: set[str] = set()
    for weight in weights:
        if weight.tensor in names:
            raise _untranslatable(label, [(weight.tensor, "is a weight of two layers")])
        names.add(weight.tensor)
    return names


def _is_counter(key: str) -> bool:
    """Whether a tensor counts batches, which only norms without a momentum read."""
    return key.endswith("num_batches_tracked")


def _untranslatable(label: str, problems: list[tuple[str, str]]) -> Untranslatable:
    distinct = list(dict.fromkeys(problems))
    words = "; ".join(f"{place}: {reason}" for place, reason in distinct[:NAMED])
    more = len(distinct) - NAMED
    rest = f"; and {plural(more, 'other place')}" if more > 0 else ""
    return Untranslatable(f"{label} holds what no Keras layers say: {words}{rest}", places=distinct)


def positive(value: Stored, is_positive: bool = True) -> Stored:
    """The tensor with the note that nothing of it is below 0."""
    return replace(value, is_positive=is_positive)
