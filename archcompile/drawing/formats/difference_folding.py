"""Units of a drawn difference that are alike, folded: layers and signs, wiring and its signs."""

from collections.abc import Hashable, Iterable, Mapping, Set
from dataclasses import dataclass, replace
from itertools import pairwise

from archcompile.analyses import Sign
from archcompile.drawing.figure import Edge, Figure, Frame
from archcompile.drawing.layout import arrange

Unit = tuple[str, int | None]
Signs = Mapping[int, Sign]  # of edges, by their place


@dataclass(frozen=True)
class _Group:
    """Units that are alike: the place of the first one, and the boxes of each."""

    unit: Unit
    members: list[list[str]]


def fold_units(fig: Figure, signs: Signs) -> tuple[Figure, dict[int, Sign]]:
    """The figure with equal neighbours drawn once, in frames, and the signs of its edges.

    A frame lies around the trunk; units beside it stay as they are.
    """
    apart: set[Unit] = set()
    while True:
        folded, kept = _fold(fig, signs, apart)
        trunk = set(arrange(folded).trunk)
        frames = (frame.boxes for frame in folded.frames)
        beside = {_unit(folded, boxes[0]) for boxes in frames if not trunk & {*boxes}}
        if not beside:
            return folded, kept
        apart |= beside


def _unit(fig: Figure, name: str) -> Unit:
    return fig.boxes[name].part, fig.boxes[name].unit


def _fold(fig: Figure, signs: Signs, apart: Set[Unit]) -> tuple[Figure, dict[int, Sign]]:
    groups = _groups(fig, signs, apart)
    same = {
        name: first
        for group in groups
        for boxes in group.members[1:]
        for name, first in zip(boxes, group.members[0], strict=True)
    }
    kept = [(i, edge) for i, edge in enumerate(fig.edges) if edge.target not in same]
    edges = [replace(edge, source=same.get(edge.source, edge.source)) for _, edge in kept]
    repeated = [group.members for group in groups if len(group.members) > 1]
    folded = replace(
        fig,
        boxes={name: box for name, box in fig.boxes.items() if name not in same},
        edges=tuple(edges),
        frames=tuple(Frame(tuple(members[0]), len(members)) for members in repeated),
    )
    return folded, {place: signs[i] for place, (i, _) in enumerate(kept) if i in signs}


def _groups(fig: Figure, signs: Signs, apart: Set[Unit]) -> list[_Group]:
    """Runs of units that are alike."""
    units: dict[Unit, list[str]] = {}
    for name in fig.boxes:
        units.setdefault(_unit(fig, name), []).append(name)
    before = {after: unit for unit, after in pairwise(units)}
    ends = [(_unit(fig, edge.source), _unit(fig, edge.target)) for edge in fig.edges]
    tapped = {a for a, b in ends if a not in (b, before.get(b))}
    forms = _forms(fig, signs, units, before=before)
    groups: list[_Group] = []
    for unit, names in units.items():
        last = before.get(unit)
        is_like = last is not None and last not in tapped and forms[last] == forms[unit]
        if is_like and unit[1] is not None and groups[-1].unit not in apart:
            groups[-1].members.append(names)
        else:
            groups.append(_Group(unit, [names]))
    return groups


def _forms(
    fig: Figure, signs: Signs, units: Mapping[Unit, list[str]], *, before: Mapping[Unit, Unit]
) -> dict[Unit, Hashable]:
    """What units must share to be alike: words, and where their edges come from."""
    place = {name: at for names in units.values() for at, name in enumerate(names)}
    into: dict[str, list[Hashable]] = {name: [] for name in fig.boxes}
    for i, edge in enumerate(fig.edges):
        source, target = _unit(fig, edge.source), _unit(fig, edge.target)
        start: Hashable = edge.source
        if source == target:
            start = place[edge.source]
        elif source == before.get(target):
            start = place[edge.source] - len(units[source])  # -1 is its last box
        into[edge.target].append((start, signs.get(i), edge.is_dashed))
    words = {name: (box.lines, box.form, *into[name]) for name, box in fig.boxes.items()}
    return {unit: (unit[0], *map(words.__getitem__, names)) for unit, names in units.items()}


def come_along(
    edges: Iterable[Edge], sign: Mapping[str, Sign], unmarked: Set[str]
) -> frozenset[str]:
    """Layers outside a paper's figure that come or go with one in it: those beside such a layer.

    `unmarked` are the layers that this figure leaves out.
    """
    beside: dict[str, set[str]] = {}
    for edge in edges:
        beside.setdefault(edge.source, set()).add(edge.target)
        beside.setdefault(edge.target, set()).add(edge.source)
    along: set[str] = set()
    waiting = [name for name in sign if name not in unmarked]
    while waiting:
        name = waiting.pop()
        for near in beside.get(name, set()) & unmarked - along:
            if sign.get(near) == sign[name] != "~":
                along.add(near)
                waiting.append(near)
    return frozenset(along)
