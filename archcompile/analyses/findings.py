"""Warnings and remarks about a spec, those left out that it allows."""

from collections.abc import Iterable
from dataclasses import replace

from archcompile.analyses.layer_checks import layer_findings
from archcompile.errors import Diagnostic, Location
from archcompile.graph import LayerGraph
from archcompile.spec.check import move_to_use
from archcompile.spec.expansion import Expanded, spec_findings, unused_allow
from archcompile.spec.language import Allowed, Finding, permits

OTHER_LINES = 3  # further lines named of a warning that many lines give
# come from habits or defaults: reported once for all lines
EVERYWHERE = ("bias-before-bn", "l2-is-twice-decay")


def lint(graph: LayerGraph, expanded: Expanded) -> list[Diagnostic]:
    """Warnings (severity `warning`) and remarks (`note`) that the spec does not allow."""
    needed: set[Allowed] = set()
    findings = [*expanded.changed, *spec_findings(expanded), *layer_findings(graph)]
    remaining = _remaining(findings, needed)
    remaining += _remaining(unused_allow(expanded, needed), needed)
    file = expanded.spec.file
    return sorted(
        map(move_to_use, _once(remaining)),
        key=lambda item: (item.location.file != file, item.location),
    )


def _remaining(findings: Iterable[Finding], needed: set[Allowed]) -> list[Diagnostic]:
    """Findings that no `allow:` silences; those that do are noted in `needed`."""
    remaining = []
    for item in findings:
        permit = permits(item.allow, item.diagnostic.code)
        if permit:
            needed.add(permit)
        else:
            remaining.append(item.diagnostic)
    return remaining


def _once(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    groups: dict[tuple[str, Location | None], list[Diagnostic]] = {}
    for item in diagnostics:
        place = None if item.code in EVERYWHERE else item.location
        groups.setdefault((item.code, place), []).append(item)
    return [_merge(group) for group in groups.values()]


def _merge(group: list[Diagnostic]) -> Diagnostic:
    """One diagnostic for many layers: the first, the number of others, and some of their lines."""
    first = group[0]
    if len(group) == 1:
        return first
    locations = dict.fromkeys(item.location for item in group)
    lines = [location for location in locations if location != first.location]
    layers = "1 more layer" if len(group) == 2 else f"{len(group) - 1} more layers"
    others = tuple(("also here", at) for at in lines[:OTHER_LINES])
    return replace(
        first, message=f"{first.message} (and so {layers})", notes=(*first.notes, *others)
    )
