"""What a drawing shows, before layout: boxes with a few words, and the edges between them.

A figure has one of three levels: `layer`, where a box is a layer; `block`, where a unit's layers
are one box and equal units are drawn once; `stage`, where a part of the network is one box.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from archcompile.choices import Level
from archcompile.ops import Shape

Style = Literal["paper", "full"]
Form = Literal["input", "layer", "plain", "step", "join", "block", "part", "end"]
"""`layer` has weights, `plain` is a pool or a merge, `step` anything else that leaves the trunk
of a paper's figure; `block` and `part` hold several layers; `end` is where an edge enters or leaves
what is drawn."""


Size = tuple[int, int]  # height and width of a map; (1, 1) of a vector


def map_size(shape: Shape) -> Size:
    return (shape[0], shape[1]) if len(shape) == 3 else (1, 1)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text in a box: its `title`, a `label`, or a smaller `fact` (a shape, a number)."""

    words: str
    kind: Literal["title", "label", "fact"] = "label"


@dataclass(frozen=True, slots=True)
class Loop:
    """Shortcuts within a box that are alike, drawn as one arc beside it.

    It `is_branch` if they end in merges that join branches only.
    """

    words: str
    is_dashed: bool
    is_branch: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One or several nodes as drawn: `form` is its look, `tip` the text shown on hovering.

    `name` is that of its first node; `nodes` are those it stands for, `shape` is what they lead to.
    What leads to a box that `is_ordered` stands side by side in the order of its edges. A box that
    `is_whole` says all that it holds, and how this is wired.
    """

    name: str
    lines: tuple[Line, ...]
    form: Form
    part: str
    unit: int | None
    tip: str
    shape: Shape
    nodes: tuple[str, ...]
    loops: tuple[Loop, ...] = ()
    is_ordered: bool = False
    is_whole: bool = True

    @property
    def label(self) -> str:
        """What it says first."""
        return self.lines[0].words if self.lines else ""


@dataclass(frozen=True, slots=True)
class Edge:
    """One argument of one node; `is_dashed` if a shortcut carries weights or changes the shape."""

    source: str
    target: str
    is_dashed: bool

    @property
    def is_beside(self) -> bool:
        """Whether it runs beside the trunk, if another edge can be part of that."""
        return self.is_dashed


class SideEdge(Edge):
    """An edge that runs beside the trunk in any case."""

    __slots__ = ()

    @property
    def is_beside(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Frame:
    """Boxes that stand for `times` units which follow one another and are drawn alike.

    `notes` say in what these units differ.
    """

    boxes: tuple[str, ...]
    times: int
    notes: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        return f"\N{MULTIPLICATION SIGN}{self.times}"

    @property
    def caption(self) -> str:
        """Words and notes in one line."""
        return ", ".join([self.words, *self.notes])


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A drawing without places: `boxes` in topological order, `parts` with words for their shape.

    `sizes` are those of all maps that any level draws, in order.
    `has_only_identities` says that every shortcut without weights is an identity, `has_shortcuts`
    that there are any, `has_branches` that merges without a rule join branches of which none is a
    shortcut, as in the cells of NAS nets. `forked` are parts with several outputs.
    """

    title: str
    subtitle: str
    level: Level
    boxes: Mapping[str, Box]
    edges: tuple[Edge, ...]
    parts: Mapping[str, str]
    sizes: tuple[Size, ...] = ()
    frames: tuple[Frame, ...] = ()
    has_only_identities: bool = True
    has_shortcuts: bool = True
    has_branches: bool = False
    forked: frozenset[str] = frozenset()

    @property
    def has_dashes(self) -> bool:
        """Whether anything is dashed, which a legend then explains."""
        return any(edge.is_dashed for edge in self.edges) or any(
            loop.is_dashed for box in self.boxes.values() for loop in box.loops
        )
