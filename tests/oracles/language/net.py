"""What a spec means: nodes, outputs and joins."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from . import shapes
from .errors import IllFormed
from .ops import GLOBAL_POOLS, MERGES
from .shapes import Shape
from .weights import Weight, weights_of

STOPS = (
    "avg_pool",
    "max_pool",
    *GLOBAL_POOLS,
    "blur_pool",
    "subsample",
    "conv",
    "depthwise_conv",
    "separable_conv",
    "conv_transpose",
    "dense",
    "attention",
    "flatten",
)


@dataclass(frozen=True, kw_only=True)
class Node:
    name: str
    kind: str
    attributes: dict[str, Any]
    inputs: tuple[str, ...]
    shape: Shape
    weights: tuple[Weight, ...]
    allowed: frozenset[str] = frozenset()  # findings that are meant here


@dataclass(kw_only=True)
class Net:
    nodes: dict[str, Node] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    joins: list[str] = field(default_factory=list)
    # names of the blocks and rules that were written out
    used: set[str] = field(default_factory=set)
    # the places of choices that a join has asked for
    asked: set[tuple[str, ...]] = field(default_factory=set)

    def shape(self, name: str) -> Shape:
        return self.nodes[name].shape

    def put(
        self,
        name: str,
        kind: str,
        attributes: dict[str, Any],
        *,
        inputs: tuple[str, ...],
        allowed: frozenset[str] = frozenset(),
    ) -> str:
        """Adds a node, and in front of a conv the zeros that its layer cannot write (section 9)."""
        if name in self.nodes:
            raise IllFormed(f"two nodes are called {name}")
        if "dilation" in attributes:  # the convolutions that take zeros around their map
            inputs, attributes = self.surround(name, attributes, inputs)
        if kind == "activation":
            if attributes["kind"] == "none":
                return inputs[0]
            kind = attributes["kind"]
            attributes = {"slope": 0.2} if kind == "leaky_relu" else {}
        if kind in MERGES and len(inputs) < 2:
            raise IllFormed(f"{kind} takes at least two tensors")
        given = [self.shape(point) for point in inputs]
        shape = shapes.result(kind, attributes, given)
        if min(shape) < 1:
            raise IllFormed(f"{name} has the shape {shape}")
        attributes = shapes.shortest(kind, attributes, given)
        weights = tuple(weights_of(kind, attributes, given[0]))
        self.nodes[name] = Node(
            name=name,
            kind=kind,
            attributes=attributes,
            inputs=inputs,
            shape=shape,
            weights=weights,
            allowed=allowed,
        )
        return name

    def surround(
        self, name: str, attributes: dict[str, Any], inputs: tuple[str, ...]
    ) -> tuple[tuple[str, ...], dict[str, Any]]:
        if shapes.same_as_symmetric(attributes):
            return inputs, {**attributes, "padding": "same"}
        zeros = shapes.zeros_around(attributes)
        if zeros is None:
            return inputs, attributes
        if any(zeros):
            inputs = (self.put(f"{name}_pad", "pad", {"size": zeros}, inputs=inputs),)
        return inputs, {**attributes, "padding": "valid"}

    def lost(self) -> Iterator[str]:
        """The nodes from which no output can be reached."""
        needed = set(self.outputs.values())
        for node in reversed(self.nodes.values()):
            if node.name in needed:
                needed.update(node.inputs)
            elif node.kind != "input":
                yield node.name

    def uncovered_pools(self) -> Iterator[str]:
        """Average pools in front of a `flatten`, with nothing weighted, joined or pooled between,
        that leave part of the map.
        """
        for node in self.nodes.values():
            if node.kind != "flatten":
                continue
            above = self.nodes[node.inputs[0]]
            while above.kind not in STOPS and len(above.inputs) == 1:
                above = self.nodes[above.inputs[0]]
            covers = (
                above.kind != "avg_pool"
                or above.attributes["size"] == self.shape(above.inputs[0])[:2]
            )
            if not covers and "pool-does-not-cover" not in above.allowed:
                yield above.name
