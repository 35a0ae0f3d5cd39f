"""What steps of a list can see."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .net import Net
from .shapes import Shape, stride_between

# Of a rule as written, what its arguments see, and its place, if it is one that a join must ask
# for.
Choice = tuple[Any, Mapping[str, Any], tuple[str, ...]]


@dataclass(frozen=True)
class Library:
    blocks: Mapping[str, Any]
    rules: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Place:
    """A list of steps that is being written out."""

    net: Net
    library: Library
    prefix: str  # of the nodes' names
    start: str  # `input`
    block_start: str  # `block_input`, and where a shortcut begins
    names: dict[str, Any]  # the variables of a spec, or the arguments of a block or rule
    unit: dict[str, int]  # index, repeat, unit_index, unit_count, as far as they are known
    defaults: tuple[Mapping[str, Any], ...]  # the nearest first
    choices: tuple[Choice, ...]  # of shortcut rules, the nearest first
    points: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)  # those of a rule, and of further inputs
    allowed: frozenset[str] = frozenset()  # findings that are meant in this list
    plain: bool = False  # the spec chose `none`, for every join

    def shape(self, point: str) -> Shape:
        return self.net.shape(point)

    def scope(self) -> dict[str, Any]:
        """What an expression of this list sees."""
        return {**facts_of_shape(self.shape(self.start)), **self.unit, **self.facts, **self.names}

    def at(self, **changes: Any) -> "Place":
        return replace(self, **changes)


def facts_of_shape(shape: Shape, point: str = "in") -> dict[str, int]:
    """A vector has channels alone; the facts of a further input bear its name."""
    if len(shape) == 3:
        names = (f"{point}_height", f"{point}_width", f"{point}_channels")
        return dict(zip(names, shape, strict=True))
    return {f"{point}_channels": shape[-1]}


def facts_of_rule(start: Shape, branch: Shape) -> dict[str, Any]:
    """The stride is known by name where there is none, too: it may stand in a condition's other
    side.
    """
    return {
        "out_channels": branch[-1],
        "shape_changes": start != branch,
        "stride": stride_between(start, branch),
    }
