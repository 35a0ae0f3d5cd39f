"""What a run shows on stderr: a live line on a terminal, a plain line per epoch anywhere else."""

import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TextIO

from archcompile.report import duration
from archcompile.run_folder import EpochRow, State
from archcompile.terminal import fit, fit_fields, width_of
from archcompile.training.epoch_line import epoch_line

BEAT = 0.5  # seconds between two looks at the device: each look waits for the step in flight


@dataclass(kw_only=True)
class Progress:
    """`label` names the data, `measured` what is not trained on: `test` or `validation`."""

    label: str
    measured: str = "test"
    is_silent: bool = False
    stream: TextIO = field(default_factory=lambda: sys.stderr)
    clock: Callable[[], float] = time.perf_counter

    def __post_init__(self) -> None:
        self.live = self.stream.isatty() and os.environ.get("TERM") != "dumb" and not self.is_silent
        self.began = self.last = self.clock()
        self.done = 0  # steps of this session
        self.first = 0  # those that were done before the clock began

    def is_due(self, count: int) -> bool:
        """Counts steps, and says whether it is time to look at the device again."""
        is_first, now = self.done == 0, self.clock()
        self.done += count
        if is_first:
            # the first step includes its building, which says nothing about the others
            self.began, self.first = now, count
        if is_first or now - self.last < BEAT:
            return False
        self.last = now
        return True

    def step(self, state: State, batch: int, means: Mapping[str, float]) -> None:
        """Shows how far an epoch is; `batch` is the number of images in a step."""
        if self.live:
            rate = (self.done - self.first) / (self.clock() - self.began)
            left = duration((state.pace.total - state.step) / rate)
            part = 100 * (state.step - state.epoch_start) // (state.epoch_end - state.epoch_start)
            fields = [  # those with the highest rank are left out first
                (f"epoch {state.epoch + 1}/{state.epochs}", 1),
                (f"{part:3d}%", 0),
                (f"{rate * batch:.0f} images/s", 5),
                (f"loss {means['loss']:.4f}", 4),
                (f"accuracy {means['accuracy']:.4f}", 2),
                (f"{left} left", 3),
            ]
            self._line(fit_fields(fields, _room(self.stream)))

    def note(self, text: str) -> None:
        """Shows what happens between epochs, on a terminal only."""
        if self.live:
            self._line(text)

    def epoch(self, row: EpochRow, state: State) -> None:
        """One line that stays."""
        width = width_of(self.stream)
        self.say(
            epoch_line(row, state.epochs, measured=self.measured, label=self.label, width=width)
        )

    def say(self, text: str) -> None:
        """A line of its own, in the place of the live one."""
        if not self.is_silent:
            fitting = fit(text, self.stream)
            print(f"\r\x1b[K{fitting}" if self.live else fitting, file=self.stream, flush=True)

    def clear(self) -> None:
        if self.live:
            print("\r\x1b[K", end="", file=self.stream, flush=True)

    def _line(self, text: str) -> None:
        print(f"\r\x1b[K{text}", end="", file=self.stream, flush=True)


def _room(stream: TextIO) -> int | None:
    """The columns of a live line: a terminal breaks a line that fills it."""
    width = width_of(stream)
    return None if width is None else width - 1
