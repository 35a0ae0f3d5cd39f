"""One op of a network in its place, and where it comes from."""

from dataclasses import dataclass

from archcompile.errors import Location
from archcompile.ops import Op, Shape, show
from archcompile.spec.language import Allowed


@dataclass(frozen=True, slots=True)
class InnerBlock:
    """A block as a step: its place, called like its nodes begin, and what drawings call it.

    `is_labelled` says that the block itself has these words.
    """

    name: str
    words: str
    is_labelled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a node comes from.

    `part` is `input`, `stem`, a stage's name or `head`; `block` the block type the step was written
    in (None in a list of steps); `unit` its place in the stage, from 1 (None outside block stages);
    `rule` the shortcut rule it belongs to (None outside one); `location` the line of the step;
    `used_at` the row that used the block; `allow` the warnings that are meant here; `row` the block
    that the stage names, which may hold `block`; `inner` the outermost block step it belongs to;
    `rows` all rows and block steps around it, the outermost first; `l2_at` the place of the number
    that its L2 is, in the step, in defaults or in a row.
    """

    location: Location
    part: str
    block: str | None = None
    unit: int | None = None
    rule: str | None = None
    used_at: Location | None = None
    allow: tuple[Allowed, ...] = ()
    row: str | None = None
    inner: InnerBlock | None = None
    rows: tuple[Location, ...] = ()
    l2_at: Location | None = None

    @property
    def place(self) -> tuple[str, int | None]:
        """The part and, in a stage of units, the unit."""
        return self.part, self.unit


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Node:
    """One op in its place.

    `inputs` are node names in argument order, `shape` is the output without the batch.
    """

    name: str
    op: Op
    inputs: tuple[str, ...]
    shape: Shape
    origin: Origin

    def __repr__(self) -> str:
        """`s1_conv1 = conv(filters=8, kernel=3)(input) -> 8x8x8`"""
        inputs = f"({', '.join(self.inputs)})" if self.inputs else ""
        return f"{self.name} = {self.op}{inputs} -> {show(self.shape)}"
