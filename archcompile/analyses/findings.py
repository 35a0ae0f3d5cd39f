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
# come from habits or defaults: told once for all lines
EVERYWHERE = (
    "bias-before-bn",
    "l2-is-twice-decay",
)


def lint(graph: LayerGraph, expanded: Expanded) -> list[Diagnostic]:
    """Warnings (severity `warning`) and remarks (severity `note`) that the spec does not allow,
    each line told once.
    """
    needed: set[Allowed] = set()
    told = _remaining([*expanded.changed, *spec_findings(expanded), *layer_findings(graph)], needed)
    told += _remaining(unused_allow(expanded, needed), needed)
    file = expanded.spec.file
    return sorted(
        map(move_to_use, _once(told)),
        key=lambda found: (found.location.file != file, found.location),
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


def _once(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    groups: dict[tuple[str, Location | None], list[Diagnostic]] = {}
    for item in found:
        groups.setdefault(
            (item.code, None if item.code in EVERYWHERE else item.location), []
        ).append(item)
    return [_merged(group) for group in groups.values()]


def _merged(group: list[Diagnostic]) -> Diagnostic:
    """One diagnostic for many layers: the first, how many more there are, and on which other
    lines.
    """
    first = group[0]
    if len(group) == 1:
        return first
    lines = [at for at in dict.fromkeys(item.location for item in group) if at != first.location]
    layers = "1 more layer" if len(group) == 2 else f"{len(group) - 1} more layers"
    others = tuple(("also here", at) for at in lines[:OTHER_LINES])
    return replace(
        first, message=f"{first.message} (and so {layers})", notes=(*first.notes, *others)
    )
