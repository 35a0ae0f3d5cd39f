"""The line of a terminal that changes while a command works; nothing of it goes anywhere else."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TextIO

from archcompile.messages import Say
from archcompile.terminal import USUAL, width_of


@dataclass(kw_only=True)
class LiveLine:
    """`is_silent` keeps it from showing anything."""

    is_silent: bool = False
    stream: TextIO = field(default_factory=lambda: sys.stderr)

    @property
    def is_live(self) -> bool:
        """Whether it is shown: on a terminal that can move its cursor."""
        return self.stream.isatty() and os.environ.get("TERM") != "dumb" and not self.is_silent

    @property
    def width(self) -> int:
        """The columns that a line may take without wrapping."""
        return (width_of(self.stream) or USUAL) - 1

    def show(self, *texts: str) -> None:
        """Shows the first of these texts that fits, in the place of the one before."""
        if self.is_live:
            text = first_that_fits(texts, self.width)
            print(f"\r\x1b[K{text}", end="", file=self.stream, flush=True)

    def clear(self) -> None:
        """Leaves the line empty."""
        if self.is_live:
            print("\r\x1b[K", end="", file=self.stream, flush=True)

    def above(self, say: Say) -> Callable[[str], None]:
        """`say`, with the line out of its way."""

        def say_above(text: str) -> None:
            self.clear()
            say(text)

        return say_above


def first_that_fits(texts: Sequence[str], width: int) -> str:
    """The first text of at most so many characters; else the last one, cut."""
    return next((text for text in texts if len(text) <= width), texts[-1][:width])
