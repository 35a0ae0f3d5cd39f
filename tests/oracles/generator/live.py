"""A list of steps that is interpreted as it grows: what the interpreter refuses is taken back."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from ..language.errors import IllFormed
from ..language.rows import parts_of
from ..language.scope import Place
from ..language.shapes import Shape
from ..language.steps import write_step


def undone_if_ill_formed(place: Place, action: Callable[[], Any]) -> Any:
    """What the action gives back; None, and everything as it was, where it is ill-formed."""
    nodes, joins, points = len(place.net.nodes), len(place.net.joins), dict(place.points)
    try:
        return action()
    except (IllFormed, KeyError, ValueError, TypeError, OverflowError):
        undo(place, nodes, joins)
        place.points.clear()
        place.points.update(points)
        return None


def undo(place: Place, nodes: int, joins: int) -> None:
    for name in list(place.net.nodes)[nodes:]:
        del place.net.nodes[name]
    del place.net.joins[joins:]


class LiveList:
    def __init__(self, place: Place) -> None:
        self.place = place
        self.steps: list[Any] = []
        self.counts: Counter[str] = Counter()
        self.current = place.start

    @property
    def shape(self) -> Shape:
        return self.place.shape(self.current)

    def add(self, *steps: Any) -> bool:
        """Adds the steps if they are well-formed, all or none."""
        counts, current = Counter(self.counts), self.current

        def write() -> bool:
            for step in steps:
                kind, settings = parts_of(step)
                self.current = write_step(
                    kind, settings, current=self.current, place=self.place, counts=self.counts
                )
            return True

        done = undone_if_ill_formed(self.place, write) is not None
        if done:
            self.steps += steps
        else:
            self.counts, self.current = counts, current
        return done

    def scratch(self, action: Callable[[], Any]) -> Any:
        """What the action gives back; what it wrote is taken back in any case."""
        nodes, joins, points = (
            len(self.place.net.nodes),
            len(self.place.net.joins),
            dict(self.place.points),
        )
        try:
            return action()
        finally:
            undo(self.place, nodes, joins)
            self.place.points.clear()
            self.place.points.update(points)
