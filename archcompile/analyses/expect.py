"""Checks a spec's claims: `expect: {depth: 20, params: 274442}`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

from archcompile.analyses.cost import PartCost, Totals, layers, parts, totals
from archcompile.analyses.depths import depth
from archcompile.errors import Diagnostic, Location, SpecError, did_you_mean
from archcompile.graph import LayerGraph
from archcompile.ops import show
from archcompile.spec.check import has_expression
from archcompile.spec.expressions import evaluate, value_words
from archcompile.spec.language import number_hint
from archcompile.spec.yaml import Map, Tree, expect_map, kind_of


def figures(
    graph: LayerGraph, sum_up: Callable[[], Totals] | None = None
) -> dict[str, Callable[[], Any]]:
    """What a spec may claim; each is worked out when asked for, the sums over layers only once.

    `sum_up` gives these sums where they are known already.
    """
    sums = cache(sum_up or (lambda: totals(layers(graph))))
    return {
        "depth": lambda: depth(graph),
        "params": lambda: sums().params,
        "trainable": lambda: sums().trainable,
        "non_trainable": lambda: sums().non_trainable,
        "macs": lambda: sums().macs,
        "attention_macs": lambda: sums().attention_macs,
        "joins": lambda: len(graph.joins),
        "output": lambda: _one_or_all([list(shape) for shape in graph.output_shapes.values()]),
    }


def _one_or_all(shapes: list[list[int]]) -> Any:
    return shapes[0] if len(shapes) == 1 else shapes


def check_claims(
    graph: LayerGraph,
    claims: Map,
    variables: Mapping[str, Any],
    *,
    changed: bool,
    sum_up: Callable[[], Totals] | None = None,
) -> list[Diagnostic]:
    """Raises SpecError for each claim that does not hold.

    Where settings have `changed` the spec, a claim without an expression speaks of the file as
    written: one that no longer holds is returned as a note. `sum_up` is as for `figures`.
    """
    problems: list[Diagnostic] = []
    notes: list[Diagnostic] = []
    known = figures(graph, sum_up)
    for key, tree in claims.items():
        if key == "shapes":
            checked = [
                _check_shape(graph, name, value, variables=variables)
                for name, value in expect_map(tree, "`shapes`").items()
            ]
        elif key in known:
            checked = [_check_claim(key, known[key](), tree, variables=variables)]
        else:
            problems.append(_unknown_claim(key, claims.entries[key].at, known))
            continue
        excused = changed and not has_expression(tree)
        for diagnostic in filter(None, checked):
            (notes if excused and diagnostic.code != "wrong-type" else problems).append(diagnostic)
    if problems:
        raise SpecError(problems)
    hint = "the claim is about the file without --set"
    return [
        Diagnostic(
            code=note.code,
            message=note.message,
            location=note.location,
            hint=hint,
            severity="note",
        )
        for note in notes
    ]


def _unknown_claim(key: str, location: Location, known: Iterable[str]) -> Diagnostic:
    return Diagnostic(
        code="unknown-key",
        message=f"`expect` has no '{key}'",
        location=location,
        hint=did_you_mean(key, [*known, "shapes"]),
    )


def _check_claim(
    key: str, actual: Any, tree: Tree, *, variables: Mapping[str, Any]
) -> Diagnostic | None:
    claim = evaluate(tree, variables)
    if misread := _misread(key, claim, actual, tree=tree):
        return misread
    if claim == actual:
        return None
    kinds = {"output": "shape", "attention_macs": "macs"}
    alike = ("depth", "macs", "joins")
    code = f"expect-{kinds.get(key, key if key in alike else 'params')}"
    return Diagnostic(
        code=code,
        message=f"expected {key} {_value_words(claim)}, got {_value_words(actual)}",
        location=tree.at,
        hint="correct the claim, or the spec: `archc cost` shows where the numbers come from",
    )


def _misread(key: str, claim: Any, actual: Any, *, tree: Tree) -> Diagnostic | None:
    """A claim that is no number or no shape: no network could bear it out."""
    if isinstance(actual, list):
        is_readable, kind = _is_shape(claim), "a list of whole numbers"
    else:
        is_readable, kind = _is_number(claim), "a whole number"
    if is_readable:
        return None
    return Diagnostic(
        code="wrong-type",
        message=f"`expect.{key}`: expected {kind}, got {_kind_words(claim, tree)}",
        location=tree.at,
        hint=number_hint(claim),
    )


def _kind_words(claim: Any, tree: Tree) -> str:
    if isinstance(claim, str):
        return f"the text {value_words(claim)}"
    return str(claim) if isinstance(claim, list) else kind_of(tree)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Fraction) and not isinstance(value, bool)


def _is_shape(value: Any) -> bool:
    """Whether it is a list of numbers, or of such lists: there may be several outputs."""
    return isinstance(value, list) and all(_is_number(item) or _is_shape(item) for item in value)


def _value_words(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return value_words(value) if isinstance(value, str) else str(value)


def _check_shape(
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
    claim, actual = evaluate(tree, variables), list(graph.nodes[known[name]].shape)
    if misread := _misread(f"shapes.{name}", claim, actual, tree=tree):
        return misread
    if claim == actual:
        return None
    return Diagnostic(
        code="expect-shape",
        message=f"expected {name} to be {claim}, got {actual}",
        location=tree.at,
    )


def compare_with_parent(problem: SpecError, graph: LayerGraph, parent: LayerGraph) -> SpecError:
    """Claims that do not hold, with the parts in which a network differs from its parent."""
    before = {part.name: part for part in parts(parent)}
    after = {part.name: part for part in parts(graph)}
    differences = []
    for name in {**after, **before}:
        if name not in after or name not in before:
            differences.append(f"{name} is only {'here' if name in after else 'there'}")
            continue
        pairs = zip(_figures(before[name]), _figures(after[name]), strict=True)
        changes = [
            f"{old} -> {new} {unit}".strip() for (old, unit), (new, _) in pairs if old != new
        ]
        if changes:
            differences.append(f"{name} has {', '.join(changes)}")
    text = "; ".join(differences) or "all parts have the same figures"
    hint = f"correct the claim or the spec; changes from {parent.name}, which it extends: {text}"
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
        (f"{part.totals.macs:,}", "multiply-adds"),
    ]
