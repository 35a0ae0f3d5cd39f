"""What a list of steps sees while a spec is written out, and what that leaves behind."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from archcompile.errors import Diagnostic, Location, SpecError
from archcompile.spec.check import Sources
from archcompile.spec.expansion.node import InnerBlock, Node
from archcompile.spec.expressions import Env
from archcompile.spec.language import Allowed, Finding, Spec
from archcompile.spec.yaml import Tree

MORE_NODES = "`--max-nodes` allows more"  # the hint where there are too many


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A value, a choice of shortcut or a level of defaults, with the names that it sees.

    `before` and `sources` are explained at `Scope`.
    """

    tree: Tree
    env: Env
    sources: Sources
    before: Env = field(default_factory=dict)


ValueUse = tuple[str, int | None, Written]  # a value in the part and the unit where it is used


@dataclass(frozen=True, slots=True, kw_only=True)
class Expanded:
    """A spec written out: nodes in order, outputs, the last node of each part, joins.

    `reached` are the values of defaults and choices, by identity of their trees, that some op or
    block was given; `changed` are findings of `changed_meaning`; `uses` are the values with
    expressions, as often as they were worked out; `ends` are the rows and block steps, each with
    the node that it ended in.
    """

    spec: Spec
    nodes: Mapping[str, Node]
    outputs: Mapping[str, str]
    parts: Mapping[str, str]
    joins: tuple[str, ...]
    variables: Mapping[str, Any]
    reached: frozenset[int]
    changed: tuple[Finding, ...]
    uses: tuple[ValueUse, ...] = ()
    ends: tuple[tuple[Location, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a list of steps sees, and where it stands."""

    env: Env
    points: dict[str, str]  # named points; grows while the list is walked
    part: str
    shortcut: Written | None = None
    overridden: tuple[Tree, ...] = ()  # choices that `shortcut` replaces
    defaults: tuple[Written, ...] = ()  # nearest last
    unit_env: Env = field(default_factory=dict)
    # what names of `env`, and `input`, meant under older rules (`changed_meaning`)
    before: Env = field(default_factory=dict)
    block: str | None = None
    unit: int | None = None
    rule: str | None = None
    used_at: Location | None = None
    allow: tuple[Allowed, ...] = ()
    row: str | None = None  # the block that the stage names
    inner: InnerBlock | None = None  # the outermost block step
    rows: tuple[Location, ...] = ()  # all rows and block steps around, the outermost first
    nesting: int = 0  # blocks around this one
    sources: Sources = field(default_factory=dict)  # where the names of `env` come from


def misfit(
    code: str,
    message: str,
    at: Location,
    *,
    used_at: Location | None = None,
    hint: str | None = None,
    notes: tuple[tuple[str, Location], ...] = (),
) -> SpecError:
    """A SpecError that also names the row that used the block."""
    used = (("used here", used_at),) if used_at and used_at != at else ()
    return SpecError(
        [Diagnostic(code=code, message=message, location=at, hint=hint, notes=(*notes, *used))]
    )
