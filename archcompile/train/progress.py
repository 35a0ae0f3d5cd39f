"""What a run shows on stderr: a live line on a terminal, one plain line an epoch anywhere else."""

import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TextIO

from archcompile.train.state import Row

BEAT = 0.5  # seconds between two looks at the device: each look waits for the step in flight


def duration(seconds: float) -> str:
    """`42s`, `3m05s`, `2h07m`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02d}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02d}m"


@dataclass
class Progress:
    """`epochs` and `steps` (of an epoch) are totals."""

    epochs: int
    steps: int
    stream: TextIO = field(default_factory=lambda: sys.stderr)
    clock: Callable[[], float] = time.perf_counter

    def __post_init__(self) -> None:
        self.live = self.stream.isatty() and os.environ.get("TERM") != "dumb"
        self.began = self.last = self.clock()
        self.done = 0  # steps of this session

    def due(self) -> bool:
        """Counts a step, and says whether it is time to look at the device again."""
        self.done += 1
        now = self.clock()
        if self.done == 1:
            self.began = now  # the first step includes its building, which says nothing about the others
        if self.done == 1 or now - self.last < BEAT:
            return False
        self.last = now
        return True

    def step(self, epoch: int, done: int, batch: int, means: Mapping[str, float]) -> None:
        """Shows the epoch (from 1) after `done` steps of `batch` pictures."""
        if self.live:
            rate = (self.done - 1) / (self.clock() - self.began)
            left = duration(((self.epochs - epoch) * self.steps + self.steps - done) / rate)
            self._line(f"epoch {epoch}/{self.epochs}  {100 * done // self.steps:3d}%  {rate * batch:.0f} images/s  "
                       f"loss {means['loss']:.4f}  accuracy {means['accuracy']:.4f}  {left} left")  # fmt: skip

    def note(self, text: str) -> None:
        """Shows what happens between epochs, on a terminal only."""
        if self.live:
            self._line(text)

    def epoch(self, row: Row, label: str) -> None:
        """One line that stays. `label` names the data the figures were measured on."""
        self.say(f"epoch {row.epoch}/{self.epochs}  {duration(row.seconds)}  {row.images_per_second:.0f} images/s  "
                 f"lr {row.learning_rate:g}  loss {row.loss:.4f}  accuracy {row.accuracy:.4f}  "
                 f"test loss {row.val_loss:.4f}  test accuracy {row.val_accuracy:.4f}  [{label}]")  # fmt: skip

    def say(self, text: str) -> None:
        """A line of its own, in the place of the live one."""
        print(f"\r\x1b[K{text}" if self.live else text, file=self.stream, flush=True)

    def clear(self) -> None:
        if self.live:
            print("\r\x1b[K", end="", file=self.stream, flush=True)

    def _line(self, text: str) -> None:
        width = shutil.get_terminal_size().columns - 1
        print(f"\r\x1b[K{text[:width]}", end="", file=self.stream, flush=True)
