"""What a run shows on stderr: a live line on a terminal, a plain line per epoch anywhere else."""

import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TextIO

from archcompile.report import duration
from archcompile.run_folder import EpochRow, State

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
            self._line(
                f"epoch {state.epoch + 1}/{state.epochs}  {part:3d}%  {rate * batch:.0f} images/s  "
                f"loss {means['loss']:.4f}  accuracy {means['accuracy']:.4f}  {left} left"
            )

    def note(self, text: str) -> None:
        """Shows what happens between epochs, on a terminal only."""
        if self.live:
            self._line(text)

    def epoch(self, row: EpochRow, state: State) -> None:
        """One line that stays."""
        what = self.measured
        self.say(
            f"epoch {row.epoch}/{state.epochs}  {duration(row.seconds)}  "
            f"{row.images_per_second:.0f} images/s  "
            f"lr {row.learning_rate:.4g}  loss {row.loss:.4f}  accuracy {row.accuracy:.4f}  "
            f"{what} loss {row.val_loss:.4f}  {what} accuracy {row.val_accuracy:.4f}  "
            f"[{self.label}]"
        )

    def say(self, text: str) -> None:
        """A line of its own, in the place of the live one."""
        if not self.is_silent:
            print(f"\r\x1b[K{text}" if self.live else text, file=self.stream, flush=True)

    def clear(self) -> None:
        if self.live:
            print("\r\x1b[K", end="", file=self.stream, flush=True)

    def _line(self, text: str) -> None:
        width = shutil.get_terminal_size().columns - 1
        print(f"\r\x1b[K{text[:width]}", end="", file=self.stream, flush=True)
