"""Where a network repeats: which stretches of its cells are units of one block.

The shortest description wins.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from archcompile.importer.fold.block_folding import FoldedBlock, block_of
from archcompile.importer.fold.rows import VALUE, FoldedRow, fold_rows
from archcompile.importer.fold.series import Single, Tangle, leaves
from archcompile.importer.fold.solve import WIDTHS
from archcompile.importer.fold.units import Cell, Unit, pattern_of, unit_of
from archcompile.ops import Shape, Window

MOST_BLOCKS = 6  # block types in one network
LEAST = 3  # steps of a body that is worth a block, equal ones behind one another counted once
MOST = 80  # steps of a body; longer ones are networks, not blocks
TRIED = 24  # candidates that are worked out in full, by how much they promise
TRIMS = 8  # units that are taken off a candidate's ends
ARGUMENT = 0.6  # what an argument costs, in lines
RULE = 2.0
# For a body that begins with a layer of weights, as people write it where the choice is free.
HABIT = 0.3

Stretch = tuple[int, int]  # cells from, to (not included)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """One block and the stretches of cells that are its units, in order.

    `gain` is the number of lines that it saves.
    """

    block: FoldedBlock
    stretches: tuple[Stretch, ...]
    runs: tuple[range, ...]  # of the numbers of units that may be one row
    gain: float


def best_covers(
    cells: Sequence[Cell], shapes: Sequence[Shape], most: int = MOST_BLOCKS
) -> list[Cover]:
    """The blocks of a network, the one that saves most first.

    `shapes[n]` is the shape in front of cell n.
    """
    chosen = _of_chains(cells, shapes)
    free = _behind_the_stem(cells)
    for cover in chosen:
        for start, end in cover.stretches:
            free[start:end] = [False] * (end - start)
    ways = [_Way.of(cells), _Way.of([cell.with_closed_sum() for cell in cells])]
    while len(chosen) < most:
        best = _best(ways, shapes, free)
        if best is None:
            return chosen
        chosen.append(best)
        for start, end in best.stretches:
            free[start:end] = [False] * (end - start)
    return chosen


def _of_chains(cells: Sequence[Cell], shapes: Sequence[Shape]) -> list[Cover]:
    """A block for each kind of stretch in chains, whatever it saves."""
    places: dict[object, list[Stretch]] = {}
    for number, cell in enumerate(cells):
        if isinstance(cell.atom, Tangle) and cell.atom.previous is not None:
            places.setdefault(pattern_of(cell.items), []).append((number, number + 1))
    covers = (cover_of(cells, shapes, stretches) for stretches in places.values())
    return [cover for cover in covers if cover is not None]


def _behind_the_stem(cells: Sequence[Cell]) -> list[bool]:
    """Which cells may be units.

    The first layer with weights is the stem's, however much it looks like the others.
    """
    weighted = (number for number, cell in enumerate(cells) if _has_weights(cell))
    first = next(weighted, len(cells))
    return [number > first for number in range(len(cells))]


def _has_weights(cell: Cell) -> bool:
    return any(node.op.is_weighted for node in leaves((cell.atom,)))


@dataclass(frozen=True, slots=True)
class _Way:
    """The cells of a network, their sums all opened or all closed, and the patterns of their items.

    A unit with one opened sum joins by a rule. A unit with several sums, such as the encoder of a
    transformer, has them as steps.
    """

    cells: Sequence[Cell]
    items: list[tuple[object, ...]]

    @staticmethod
    def of(cells: Sequence[Cell]) -> "_Way":
        return _Way(cells, [pattern_of(cell.items) for cell in cells])


def _best(ways: Sequence[_Way], shapes: Sequence[Shape], free: list[bool]) -> Cover | None:
    best: Cover | None = None
    for way in ways:
        candidates = sorted(_candidates(way.cells, way.items, free), key=lambda c: -c[0])[:TRIED]
        for _, stretches in candidates:
            for cover in _trims(way.cells, shapes, stretches):
                if cover.gain > (best.gain if best else 0.5):
                    best = cover
    return best


def _candidates(
    cells: Sequence[Cell], items: list[tuple[object, ...]], free: list[bool]
) -> list[tuple[float, list[Stretch]]]:
    """Stretches with the same body that occur more than once, and the steps that a block saves.

    A point that is read from elsewhere has to be the end of a row, and so has a pool. Closed sums
    are units only where they are several of different kinds.
    """
    are_closed = any(cell.is_closed for cell in cells)
    names: dict[tuple[int, object], int] = {}  # a body so far and the next step -> the body
    places_of: dict[int, list[Stretch]] = {}
    sizes: dict[int, int] = {}
    lengths = [len(list(leaves(cell.items))) for cell in cells]
    for start in range(len(cells)):
        body, size, joins, lines, before = 0, 0, 0, 0, None
        sums: set[object] = set()
        for end in range(start, len(cells)):
            joins += cells[end].join is not None
            sums |= {items[end]} if cells[end].is_closed else set()
            size += lengths[end]
            if not free[end] or joins > 1 or size > MOST:
                break
            for step in items[end]:
                body = names.setdefault((body, step), len(names) + 1)
                lines += step != before
                before = step
            lines += lengths[end] - len(items[end])  # the steps within forks
            if lines >= LEAST and (len(sums) > 1 or not are_closed):
                sizes[body] = size
                places_of.setdefault(body, []).append((start, end + 1))
            if cells[end].is_tapped or (end > start and _is_pool(cells[end])):
                break
    candidates: list[tuple[float, list[Stretch]]] = []
    for body, places in places_of.items():
        for chain in _disjoint(places):
            if len(chain) > 1:
                candidates.append((sizes[body] * (len(chain) - 1) - _runs(chain), chain))
    return candidates


def _is_pool(cell: Cell) -> bool:
    """Whether a cell is a pool by itself: what is behind it belongs to the next stage."""
    return isinstance(cell.atom, Single) and isinstance(cell.atom.node.op, Window)


def _disjoint(places: list[Stretch]) -> list[list[Stretch]]:
    """Stretches that do not overlap, taken from the front and from the back."""
    front: list[Stretch] = []
    for place in places:
        if not front or front[-1][1] <= place[0]:
            front.append(place)
    back: list[Stretch] = []
    for place in sorted(places, key=lambda place: -place[1]):
        if not back or place[1] <= back[-1][0]:
            back.append(place)
    return [front] if front == back[::-1] else [front, back[::-1]]


def _runs(stretches: Sequence[Stretch]) -> int:
    return 1 + sum(a[1] != b[0] for a, b in pairwise(stretches))


def _trims(cells: Sequence[Cell], shapes: Sequence[Shape], stretches: list[Stretch]) -> list[Cover]:
    """The cover, and those without units at its ends that cost more than they save."""
    tried: list[Cover] = []
    current = cover_of(cells, shapes, stretches)
    while current is not None and len(tried) < TRIMS:
        tried.append(current)
        kept = current.stretches
        parts = [part for part in (kept[1:], kept[:-1]) if len(part) > 1]
        shorter = [cover_of(cells, shapes, part) for part in parts]
        better = [cover for cover in shorter if cover and cover.gain > current.gain]
        current = max(better, key=lambda cover: cover.gain) if better else None
    return tried


def cover_of(
    cells: Sequence[Cell], shapes: Sequence[Shape], stretches: Sequence[Stretch]
) -> Cover | None:
    """The block of these stretches and its gain; None where they are not units of one block."""
    units: list[Unit] = []
    for start, end in stretches:
        candidate = unit_of(cells[start:end], shapes[start])
        if candidate is None:
            return None
        units.append(candidate)
    shared = block_of(units)
    if shared is None:
        return None
    saved = sum(len(each.nodes) + (each.join is not None) for each in units)
    cost = (
        shared.lines
        + ARGUMENT * len(shared.arguments)
        + sum(RULE + len(rule.forms) for rule in shared.rules)
    )
    runs = _adjacent_units(cells, stretches)
    for run in runs:
        cost += sum(row.cost + VALUE * len(row.given) for row in rows_of(shared, run))
    return Cover(
        block=shared,
        stretches=tuple(stretches),
        runs=runs,
        gain=saved - cost + (HABIT if units[0].nodes[0].op.is_weighted else 0),
    )


def _adjacent_units(cells: Sequence[Cell], stretches: Sequence[Stretch]) -> tuple[range, ...]:
    """Units one behind the other, with nothing between them read elsewhere, by their numbers."""
    starts = [0]
    for number, ((_, end), (start, _)) in enumerate(pairwise(stretches), 1):
        if end != start or cells[end - 1].is_tapped:
            starts.append(number)
    return tuple(range(a, b) for a, b in zip(starts, [*starts[1:], len(stretches)], strict=True))


def rows_of(shared: FoldedBlock, run: range) -> list[FoldedRow]:
    """The rows of one run of units; the choice of a shortcut is one of their keys."""
    given = []
    for place in run:
        choice = shared.choices[place]
        values = {argument.name: argument.values[place] for argument in shared.arguments}
        given.append(values if choice is None else {**values, "shortcut": choice})
    widths = {argument.name for argument in shared.arguments if argument.attribute in WIDTHS}
    return fold_rows(given, widths)
