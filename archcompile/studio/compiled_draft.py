"""What a text means with the settings that are tried: its network, its claims, its variables.

Claims that fail are no errors here: the page shows them in red beside the network that breaks them.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal

from archcompile.analyses import check_claims, layers, totals
from archcompile.api import LayerGraph
from archcompile.errors import ArchError, Diagnostic, SpecError
from archcompile.graph import ir, lower
from archcompile.ops import show
from archcompile.spec import expand, from_text
from archcompile.spec.check import has_expression
from archcompile.spec.expressions import evaluate
from archcompile.spec.language import Spec
from archcompile.spec.yaml import Entry, Map, Scalar, Tree, flow, plain

PATIENCE = 1.0  # seconds to look for a value that makes a network
Verdict = Literal["holds", "fails", "of-the-file"]


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A claim of `expect`: `words` is what it says, `reason` why it does not hold.

    One that is `of-the-file` speaks of the text without the settings that are tried.
    """

    name: str
    words: str
    verdict: Verdict
    reason: str
    line: int


@dataclass(frozen=True, kw_only=True)
class Variable:
    """A variable that can be tried; the text gives it a value, or a parent does."""

    name: str
    value: int | float | bool | str


@dataclass(frozen=True, kw_only=True)
class DraftNetwork:
    """The network of a text, what it claims, and what can be tried."""

    graph: LayerGraph
    claims: tuple[Claim, ...]
    variables: tuple[Variable, ...]


def try_settings(text: str, file: Path, sets: Sequence[str]) -> DraftNetwork:
    """The network of a text with settings. Raises SpecError, UsageError."""
    spec = from_text(text, str(file), sets)
    expanded = expand(spec)
    return describe_network(spec, lower(expanded), expanded.variables)


def first_that_compiles(text: str, file: Path, tries: Iterable[Sequence[str]]) -> int | None:
    """The place of the first settings with which a text makes a network; None where none does.

    It is looked for while somebody waits, so not for long.
    """
    end = time.monotonic() + PATIENCE
    for place, sets in enumerate(tries):
        try:
            lower(expand(from_text(text, str(file), sets)))
        except ArchError:
            if time.monotonic() > end:
                return None
        else:
            return place
    return None


def describe_network(
    spec: Spec, lowered: ir.LayerGraph, variables: Mapping[str, Any]
) -> DraftNetwork:
    """A spec's network for the page. `variables` are all values that claims may name."""
    graph = LayerGraph(**{f.name: getattr(lowered, f.name) for f in fields(ir.LayerGraph)})
    return DraftNetwork(
        graph=graph,
        claims=tuple(_claims(graph, spec, variables)),
        variables=tuple(read_variables(spec)),
    )


def read_variables(spec: Spec) -> Iterator[Variable]:
    """The variables whose value is written out, here or in a parent, in order."""
    tree = spec.tree.get("vars")
    for name, entry in tree.entries.items() if isinstance(tree, Map) else ():
        leaf = entry.value
        if isinstance(leaf, Scalar) and leaf.value is not None and not has_expression(leaf):
            yield Variable(name=name, value=leaf.value)


def _claims(graph: LayerGraph, spec: Spec, variables: Mapping[str, Any]) -> Iterator[Claim]:
    check = partial(
        check_claims,
        graph,
        variables=variables,
        changed=bool(spec.sets),
        sum_up=cache(lambda: totals(layers(graph))),  # once for all claims
    )
    for name, entry in (spec.expect.entries if spec.expect else {}).items():
        if name == "shapes" and isinstance(entry.value, Map):
            for part, shape in entry.value.entries.items():
                alone = Map({name: Entry(Map({part: shape}, entry.at), entry.at)}, entry.at)
                yield _judge(check, alone, variables=variables, name=f"shapes.{part}")
        else:
            alone = Map({name: entry}, entry.at)
            yield _judge(check, alone, variables=variables, name=name)


def _judge(
    check: Callable[[Map], Sequence[Diagnostic]],
    alone: Map,
    *,
    variables: Mapping[str, Any],
    name: str,
) -> Claim:
    """The verdict on one claim, which stands `alone` in a map."""
    (value,) = (entry.value for entry in alone.entries.values())
    verdict: Verdict = "holds"
    reason = ""
    try:
        notes = check(alone)
        if notes:
            verdict, reason = "of-the-file", notes[0].message
    except SpecError as error:
        verdict, reason = "fails", error.diagnostics[0].message
    if isinstance(value, Map) and "." in name:
        (value,) = (entry.value for entry in value.entries.values())
    words = _words(value, variables)
    return Claim(name=name, words=words, verdict=verdict, reason=reason, line=value.at.line)


def _words(tree: Tree, variables: Mapping[str, Any]) -> str:
    try:
        value = evaluate(tree, variables)
    except ArchError:
        return flow(plain(tree))
    if value is None:  # nothing stands there yet
        return ""
    if isinstance(value, list) and all(isinstance(size, int) for size in value):
        return show(tuple(value))
    is_count = isinstance(value, int) and not isinstance(value, bool)
    return f"{value:,}" if is_count else str(value)
