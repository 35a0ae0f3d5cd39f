"""The forms of the language: the keys of a file, and what steps, rows and blocks are read into.

Values inside steps and rows stay marked trees, since they may hold expressions and are evaluated
again in each unit.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from archcompile.errors import Location
from archcompile.limits import MAX_NAME
from archcompile.spec.expressions import SHAPE_FACTS, shape_facts
from archcompile.spec.language import foreign_keys
from archcompile.spec.language.allow import Allowed, Finding
from archcompile.spec.yaml import Map, Scalar, Seq, Tree

NAME = r"^[a-z][a-z0-9_]{0,39}$"
# safe in paths and in every drawing
FILE_NAME = rf"^[a-zA-Z0-9][a-zA-Z0-9_.+-]{{0,{MAX_NAME - 1}}}$"
NAMES = {
    NAME: "names are lower-case letters, digits and _, begin with a letter, and have at most 40 "
    "characters",
    FILE_NAME: "the name of a spec is letters, digits and any of _.+-, begins with a letter or a "
    f"digit, and has at most {MAX_NAME} characters",
}

INPUT = "input"
BLOCK_INPUT = "block_input"  # in branches `input` is the branch's start, this the enclosing list's
SPLIT = "split"  # the step that names the parts of a map
PREVIOUS = "previous"  # in a stage's row: where the unit above starts
ROW_KEYS = ("with", "repeat", "first", "last", "shortcut", "defaults", "allow")


def _whole_number(value: object) -> object:
    """Raises where 1.0 or true stands for the number of a version."""
    if type(value) is not int:
        raise PydanticCustomError("literal_error", "expected 1", {"expected": "1"})
    return value


Version = Annotated[Literal[1], BeforeValidator(_whole_number)]
Name = Annotated[str, Field(pattern=NAME)]
SHELVES = ("blocks", "shortcuts")  # the keys that define what `uses` brings in
SPEC_ALONE = ("input", "stem", "stages", "head", "extends")  # keys that no other file has
Body = list[Any]
Steps = Body | dict[str, Any]  # a map changes named steps of the parent's list
BlockForm = dict[str, Any] | Body
EXAMPLE = [{"conv": {"filters": 16, "kernel": 3}}, "bn", "relu"]
Choice = str | dict[str, Any]


class File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    archc: Annotated[Version, Field(description="Version of the language; required.")]
    about: Annotated[str, Field(description="What this is, with paper and section.")] = ""
    uses: Annotated[
        list[str], Field(description="Libraries whose blocks and shortcut rules are brought in.")
    ] = []
    blocks: Annotated[
        dict[Name, BlockForm], Field(description="Block types: lists of steps with arguments.")
    ] = {}
    shortcuts: Annotated[
        dict[Name, BlockForm], Field(description="Rules by which a unit joins its shortcut.")
    ] = {}


class Library(File):
    """A file that is only `uses`d."""


class SpecFile(File):
    """A spec, before `extends` is followed."""

    ELSEWHERE: ClassVar[Mapping[str, str]] = foreign_keys.KEYS
    LENGTHS: ClassVar[Mapping[str, str]] = foreign_keys.LENGTHS

    name: Annotated[
        str | None, Field(pattern=FILE_NAME, description="Defaults to the file's name.")
    ] = None
    extends: Annotated[str | None, Field(description="The spec this one changes.")] = None
    remove: Annotated[list[str], Field(description="Dotted paths deleted from the parent.")] = []
    vars: Annotated[dict[Name, Any], Field(description="The numbers the spec is written in.")] = {}
    input: Annotated[
        list[Any] | None,
        Field(
            min_length=3,
            max_length=3,
            description="[height, width, channels]",
            examples=[[32, 32, 3]],
        ),
    ] = None
    defaults: Annotated[
        dict[str, dict[str, Any]], Field(description="Attributes for every op or block of a kind.")
    ] = {}
    shortcut: Annotated[
        Choice | None, Field(description="The rule by which units join their shortcut.")
    ] = None
    stem: Annotated[
        Steps | None, Field(description="Steps before the stages.", examples=[EXAMPLE])
    ] = None
    stages: Annotated[
        dict[Name, dict[str, Any] | Body], Field(description="One row per stage, in order.")
    ] = {}
    head: Annotated[
        Steps | None,
        Field(
            description="Steps after the stages.",
            examples=[["global_avg_pool", {"dense": {"units": 10}}]],
        ),
    ] = None
    outputs: Annotated[
        dict[Name, str] | None,
        Field(min_length=1, description="All outputs, where the end is not the one."),
    ] = None
    expect: Annotated[
        dict[str, Any] | None, Field(description="Claims, checked on every compile of this file.")
    ] = None
    train: Annotated[str | None, Field(description="The recipe's name.")] = None
    allow: Annotated[list[str], Field(description="Codes of warnings that are meant.")] = []


NOT_INHERITED = ("archc", "name", "about", "extends", "remove", "uses", "expect")
RECIPE_KEYS = ("data", "train")  # what `--set KEY.…` sets in the recipe instead of the spec


@dataclass(frozen=True, slots=True)
class PointName:
    """The name of a point, where a step or row names it."""

    name: str
    at: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a list: an op, a block, `shortcut` or `split`, with attributes and modifiers."""

    kind: str
    attributes: Map
    at: Location
    name: str | None = None
    source: PointName | None = None  # `from`
    operands: tuple[PointName, ...] = ()  # `with`
    branches: "Mapping[str, tuple[Step, ...]] | None" = None
    condition: Tree | None = None  # `if`
    repeat: Tree | None = None
    allow: tuple[Allowed, ...] = ()
    row: "Row | None" = None  # how a block is used
    # of `split`: the parts by name, with their channels; None for equal ones
    parts: "Mapping[str, Tree | None] | None" = None

    def names(self) -> tuple[str, ...]:
        """The names that the step gives to points."""
        return (self.name,) if self.name else tuple(self.parts or ())

    def references(self) -> tuple[PointName, ...]:
        """The points that the step names, in `from` and in `with`."""
        sources = (self.source,) if self.source else ()
        return (*sources, *self.operands, *(self.row.operands if self.row else ()))

    def walk(self) -> "Iterator[Step]":
        """This step, then those in its branches, as they are written."""
        yield self
        for body in (self.branches or {}).values():
            yield from all_steps(body)


def all_steps(body: Iterable[Step]) -> Iterator[Step]:
    """The steps of a list, each followed by those in its branches."""
    for step in body:
        yield from step.walk()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A block in use: a stage's row, or a block as a step."""

    block: str
    arguments: Map
    at: Location
    operands: tuple[PointName, ...] = ()  # `with`: the inputs of the block but the first
    repeat: Tree | None = None
    first: Map | None = None
    last: Map | None = None
    shortcut: Tree | None = None
    defaults: Map | None = None
    allow: tuple[Allowed, ...] = ()

    def edges(self) -> tuple[Map, ...]:
        """What is given to the first and the last unit alone."""
        return tuple(edge for edge in (self.first, self.last) if edge)

    def choices(self) -> list[Tree]:
        """The choices of shortcut: the row's own, then those of the first and the last unit."""
        choices = (self.shortcut, *(edge.get("shortcut") for edge in self.edges()))
        return [choice for choice in choices if choice is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """An argument of a block or rule. `type` is None where the default is an expression."""

    type: str | None
    default: Tree | None
    options: tuple[str, ...] = ()
    at: Location = field(default_factory=lambda: Location(file="", line=1, column=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A block type or a shortcut rule."""

    name: str
    about: str
    arguments: Mapping[str, Argument]
    body: tuple[Step, ...]
    at: Location
    inputs: tuple[str, ...] = ()  # the names of several; a block of one does not name it
    is_rule: bool = False
    changes_shape: bool = False  # of a rule: it may end in another shape than that of the branch
    # as written, for the resolved spec
    source: Tree = field(default_factory=lambda: Seq((), Location(file="", line=1, column=1)))
    allow: tuple[Allowed, ...] = ()
    label: Scalar | None = None  # what drawings call it within another block

    @property
    def further_inputs(self) -> tuple[str, ...]:
        """The inputs besides the step above."""
        return self.inputs[1:]

    def shape_facts(self) -> tuple[str, ...]:
        """The facts of shape that the body sees: `in_height`, …, then `NAME_height`, ….

        The latter are those of further inputs.
        """
        further = (fact for name in self.further_inputs for fact in shape_facts(name))
        return (*SHAPE_FACTS, *further)

    def steps(self) -> Iterator[Step]:
        """All steps of the body, those in branches too."""
        return all_steps(self.body)

    def blocks_within(self) -> list[str]:
        """The blocks that the steps of the body use."""
        return [step.row.block for step in self.steps() if step.row]


@dataclass(frozen=True, slots=True)
class Part:
    """The stem, a stage or the head: a list of steps, or a row."""

    name: str
    content: tuple[Step, ...] | Row
    at: Location

    @property
    def row(self) -> Row | None:
        """The row of a stage that names its block."""
        return self.content if isinstance(self.content, Row) else None

    def steps(self) -> Iterator[Step]:
        """All steps of a list, those in branches too; none of a row."""
        return all_steps(() if isinstance(self.content, Row) else self.content)

    def rows(self) -> Iterator[Row]:
        """The part's row, or the rows of its block steps."""
        if self.row:
            yield self.row
        yield from (step.row for step in self.steps() if step.row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A spec with its parents, libraries and settings merged in; values not yet evaluated."""

    name: str
    file: str
    tree: Map
    blocks: Mapping[str, Block]
    rules: Mapping[str, Block]
    parts: tuple[Part, ...]
    expect: Map | None
    sets: tuple[str, ...] = ()
    parent: Path | None = None  # the file it extends
    extends_at: Location | None = None  # where it says so
    name_at: Location | None = None  # where its name is written; None where it is the file's
    # where the merge of its files means something else than it did (`expansion.changed_meaning`)
    changed: tuple[Finding, ...] = ()

    def definitions(self) -> tuple[Block, ...]:
        """All blocks and rules in scope."""
        return (*self.blocks.values(), *self.rules.values())

    def rows(self) -> Iterator[Row]:
        """All rows of the parts; those inside blocks are not among them."""
        for part in self.parts:
            yield from part.rows()

    @property
    def about(self) -> str:
        return _text(self.tree, "about") or ""

    @property
    def recipe(self) -> str | None:
        return _text(self.tree, "train")


def _text(tree: Map, key: str) -> str | None:
    value = getattr(tree.get(key), "value", None)
    return value if isinstance(value, str) else None
