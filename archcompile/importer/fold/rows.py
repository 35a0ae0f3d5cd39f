"""Units one behind the other as rows of stages.

Equal ones are a `repeat`, of which the first or last may differ.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Given = Mapping[str, Any]

ROW = 1.0  # what a row costs, and what `first` and `last` add to it
EDGE = 0.25
WIDTH = 0.6  # a width that only the first unit has is rarely meant
VALUE = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldedRow:
    """`count` units that are given `given`, but for what `first` and `last` change."""

    given: Given
    count: int
    first: Given
    last: Given
    cost: float


def fold_rows(units: Sequence[Given], widths: Collection[str]) -> list[FoldedRow]:
    """The fewest, simplest rows; all units have the same keys, of which some are `widths`."""
    groups: list[tuple[Given, int]] = []
    for given in units:
        if groups and groups[-1][0] == given:
            groups[-1] = (given, groups[-1][1] + 1)
        else:
            groups.append((given, 1))
    best: list[tuple[float, list[FoldedRow]]] = [(0.0, [])]
    for end in range(1, len(groups) + 1):
        options = []
        for size in (1, 2, 3):
            if size <= end:
                row = _row(groups[end - size : end], widths)
                cost, before = best[end - size]
                options += [(cost + candidate.cost, [*before, candidate]) for candidate in row]
        best.append(min(options, key=lambda option: option[0]))
    return best[-1][1]


def _row(groups: Sequence[tuple[Given, int]], widths: Collection[str]) -> list[FoldedRow]:
    """The ways to write groups of equal units as one row."""
    count = sum(number for _, number in groups)
    if len(groups) == 1:
        return [FoldedRow(given=groups[0][0], count=count, first={}, last={}, cost=ROW)]
    candidates = []
    if len(groups) == 2 and groups[0][1] == 1:
        candidates.append(
            _row_with_edges(groups[1][0], count, groups[0][0], last=groups[1][0], widths=widths)
        )
    if len(groups) == 2 and groups[1][1] == 1:
        candidates.append(
            _row_with_edges(groups[0][0], count, groups[0][0], last=groups[1][0], widths=widths)
        )
    if len(groups) == 3 and groups[0][1] == groups[2][1] == 1:
        candidates.append(
            _row_with_edges(groups[1][0], count, groups[0][0], last=groups[2][0], widths=widths)
        )
    return candidates


def _row_with_edges(
    given: Given, count: int, first: Given, *, last: Given, widths: Collection[str]
) -> FoldedRow:
    changes = [_changes(edge, given) for edge in (first, last)]
    cost = ROW + sum(_edge_cost(change, widths) for change in changes if change)
    return FoldedRow(given=given, count=count, first=changes[0], last=changes[1], cost=cost)


def _changes(edge: Given, given: Given) -> Given:
    return {key: value for key, value in edge.items() if value != given[key]}


def _edge_cost(change: Given, widths: Collection[str]) -> float:
    return EDGE + sum(WIDTH if key in widths else VALUE for key in change)
