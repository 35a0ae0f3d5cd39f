"""Mistakes collected, so that all of a file are reported at once."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import ParamSpec, TypeVar

from archcompile.errors import Diagnostic, SpecError
from archcompile.limits import MAX_MISTAKES

T = TypeVar("T")
P = ParamSpec("P")


@dataclass
class Problems:
    """Collects mistakes, so that all of a file are reported at once; it stops at MAX_MISTAKES."""

    diagnostics: list[Diagnostic] = field(default_factory=list)

    def attempt(self, action: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """The action's result, or None with its mistakes noted."""
        if len(self.diagnostics) >= MAX_MISTAKES:
            return None
        try:
            return action(*args, **kwargs)
        except SpecError as error:
            self.diagnostics.extend(error.diagnostics)
            return None

    def raise_any(self) -> None:
        """Raises SpecError where mistakes were noted: each once, in the order of their places."""
        if self.diagnostics:
            first_in = {d.location.file: i for i, d in reversed(list(enumerate(self.diagnostics)))}
            unique = {(d.location, d.code, d.message): d for d in self.diagnostics}
            ordered = sorted(unique.values(), key=lambda d: (first_in[d.location.file], d.location))
            end = ("checking stopped here", ordered[-1].location)
            if len(self.diagnostics) >= MAX_MISTAKES and end not in ordered[-1].notes:
                ordered[-1] = replace(ordered[-1], notes=(*ordered[-1].notes, end))
            raise SpecError(ordered)
