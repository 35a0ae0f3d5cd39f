"""Checks a spec's claims: `expect: {depth: 20, params: 274442}`."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

from archcompile.analyses.cost import PartCost, layers, parts, totals
from archcompile.analyses.depths import depth
from archcompile.errors import Diagnostic, SpecError, did_you_mean
from archcompile.graph import LayerGraph
from archcompile.ops import show
from archcompile.spec.check import has_expression
from archcompile.spec.expressions import evaluate, shown
from archcompile.spec.language import number_hint
from archcompile.spec.yaml import Map, Tree, expect_map, kind_of


def figures(graph: LayerGraph) -> dict[str, Callable[[], Any]]:
    """What a spec may claim; each is worked out when it is asked for, and the sums over layers once
    for all.
    """
    sums = cache(lambda: totals(layers(graph)))
    return {
        "depth": lambda: depth(graph),
        "params": lambda: sums().params,
        "trainable": lambda: sums().trainable,
        "non_trainable": lambda: sums().non_trainable,
        "macs": lambda: sums().macs,
        "joins": lambda: len(graph.joins),
        "output": lambda: _one([list(shape) for shape in graph.output_shapes.values()]),
    }


def _one(shapes: list[list[int]]) -> Any:
    return shapes[0] if len(shapes) == 1 else shapes


def check_claims(
    graph: LayerGraph, claims: Map, variables: Mapping[str, Any], *, changed: bool
) -> list[Diagnostic]:
    """Raises SpecError for each claim that does not hold.

    Where settings have `changed` the spec, a claim without an expression speaks of the file as
    written: one that no longer holds is returned as a note.
    """
    problems: list[Diagnostic] = []
    notes: list[Diagnostic] = []
    known = figures(graph)
    for key, tree in claims.items():
        if key == "shapes":
            found = [
                _shape(graph, name, value, variables=variables)
                for name, value in expect_map(tree, "`shapes`").items()
            ]
        elif key in known:
            found = [_claim(key, known[key](), tree, variables=variables)]
        else:
            at = claims.entries[key].at
            problems.append(
                Diagnostic(
                    code="unknown-key",
                    message=f"`expect` has no '{key}'",
                    location=at,
                    hint=did_you_mean(key, [*known, "shapes"]),
                )
            )
            continue
        excused = changed and not has_expression(tree)
        for diagnostic in filter(None, found):
            (notes if excused and diagnostic.code != "wrong-type" else problems).append(diagnostic)
    if problems:
        raise SpecError(problems)
    return [
        Diagnostic(
            code=d.code,
            message=d.message,
            location=d.location,
            hint="the claim speaks of the file without --set",
            severity="note",
        )
        for d in notes
    ]


def _claim(key: str, found: Any, tree: Tree, *, variables: Mapping[str, Any]) -> Diagnostic | None:
    wanted = evaluate(tree, variables)
    if misread := _misread(key, wanted, found, tree=tree):
        return misread
    if wanted == found:
        return None
    kinds = {"output": "shape", "depth": "depth", "macs": "macs", "joins": "joins"}
    code = f"expect-{kinds.get(key, 'params')}"
    return Diagnostic(
        code=code,
        message=f"expected {key} {_said(wanted)}, found {_said(found)}",
        location=tree.at,
        hint="correct the claim, or the spec: `archc cost` shows where the numbers come from",
    )


def _misread(key: str, wanted: Any, found: Any, *, tree: Tree) -> Diagnostic | None:
    """A claim that is no number or no shape: no network could bear it out."""
    ok, kind = (
        (_is_shape(wanted), "a list of whole numbers")
        if isinstance(found, list)
        else (_is_number(wanted), "a whole number")
    )
    if ok:
        return None
    got = (
        f"the text {shown(wanted)}"
        if isinstance(wanted, str)
        else str(wanted)
        if isinstance(wanted, list)
        else kind_of(tree)
    )
    return Diagnostic(
        code="wrong-type",
        message=f"`expect.{key}` must be {kind}, got {got}",
        location=tree.at,
        hint=number_hint(wanted),
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Fraction) and not isinstance(value, bool)


def _is_shape(value: Any) -> bool:
    """Whether it is a list of numbers, or of such lists: there may be several outputs."""
    return isinstance(value, list) and all(_is_number(item) or _is_shape(item) for item in value)


def _said(value: Any) -> str:
    return (
        f"{value:,}"
        if isinstance(value, int) and not isinstance(value, bool)
        else shown(value)
        if isinstance(value, str)
        else str(value)
    )


def _shape(
    graph: LayerGraph, name: str, tree: Tree, *, variables: Mapping[str, Any]
) -> Diagnostic | None:
    known = {**graph.parts, **graph.outputs}
    if name not in known:
        return Diagnostic(
            code="unknown-point",
            message=f"there is no part or output '{name}'",
            location=tree.at,
            hint=did_you_mean(name, known),
        )
    wanted, found = evaluate(tree, variables), list(graph.nodes[known[name]].shape)
    if misread := _misread(f"shapes.{name}", wanted, found, tree=tree):
        return misread
    if wanted == found:
        return None
    return Diagnostic(
        code="expect-shape",
        message=f"expected {name} to be {wanted}, found {found}",
        location=tree.at,
    )


def beside(problem: SpecError, graph: LayerGraph, parent: LayerGraph) -> SpecError:
    """Claims that do not hold, with the parts in which a network differs from the parent it
    extends.
    """
    before = {part.name: part for part in parts(parent)}
    now = {part.name: part for part in parts(graph)}
    found = []
    for name in {**now, **before}:
        if name not in now or name not in before:
            found.append(f"{name} is only {'here' if name in now else 'there'}")
            continue
        pairs = zip(_figures(before[name]), _figures(now[name]), strict=True)
        changes = [
            f"{there} -> {here} {unit}".strip()
            for (there, unit), (here, _) in pairs
            if there != here
        ]
        if changes:
            found.append(f"{name} has {', '.join(changes)}")
    text = "; ".join(found) or "all parts have the same figures"
    hint = f"correct the claim, or the spec; from {parent.name}, which it extends, to here: {text}"
    return SpecError(
        [replace(d, hint=hint) if d.code.startswith("expect-") else d for d in problem.diagnostics]
    )


def _figures(part: PartCost) -> list[tuple[str, str]]:
    """The figures of a part, each with its unit."""
    return [
        (str(part.units or 0), "units"),
        (str(part.joins), "joins"),
        (show(part.shape), ""),
        (f"{part.totals.params:,}", "parameters"),
        (f"{part.totals.macs:,}", "MACs"),
    ]
