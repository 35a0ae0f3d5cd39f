"""Mistakes collected, so that all of a file are reported at once."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import ParamSpec, TypeVar

from archcompile.errors import Diagnostic, SpecError

MOST = 100  # mistakes after which a file is not read on: nobody reads more, and each costs time
T = TypeVar("T")
P = ParamSpec("P")


@dataclass
class Problems:
    """Collects mistakes, so that all of a file are reported in one go; beyond MOST nothing more is
    looked at.
    """

    found: list[Diagnostic] = field(default_factory=list)

    def attempt(self, action: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """The action's result, or None with its mistakes noted."""
        if len(self.found) >= MOST:
            return None
        try:
            return action(*args, **kwargs)
        except SpecError as error:
            self.found.extend(error.diagnostics)
            return None

    def raise_any(self) -> None:
        """Raises SpecError where mistakes were noted; each is told once, in the order of their
        places.
        """
        if self.found:
            first_in = {d.location.file: i for i, d in reversed(list(enumerate(self.found)))}
            unique = {(d.location, d.code, d.message): d for d in self.found}
            told = sorted(unique.values(), key=lambda d: (first_in[d.location.file], d.location))
            end = ("no further was looked than this", told[-1].location)
            if len(self.found) >= MOST and end not in told[-1].notes:
                told[-1] = replace(told[-1], notes=(*told[-1].notes, end))
            raise SpecError(told)
