"""What a run shows on stderr: a live line on a terminal, a plain line per epoch anywhere else."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from archcompile.messages import write_line
from archcompile.report import duration
from archcompile.run_folder import EpochRow, State
from archcompile.terminal import fit, is_coloured, paint
from archcompile.training.live_line import LiveLine, first_that_fits

BEAT = 0.5  # seconds between two looks at the device: each look waits for the step in flight


@dataclass(kw_only=True)
class Progress:
    """`measured` is what is not trained on: `test` or `validation`."""

    measured: str = "test"
    line: LiveLine = field(default_factory=LiveLine)
    clock: Callable[[], float] = time.perf_counter

    def __post_init__(self) -> None:
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
        if not self.line.is_live:
            return
        rate = (self.done - self.first) / (self.clock() - self.began)
        left = f"{duration((state.pace.total - state.step) / rate)} left"
        place = f"{state.step - state.epoch_start}/{state.epoch_end - state.epoch_start}"
        epoch = f"epoch {state.epoch + 1}/{state.epochs}"
        speed = f"{rate * batch:.0f} images/s"
        loss, accuracy = f"loss {means['loss']:.4f}", f"{means['accuracy']:.4f}"
        self.line.show(
            f"{epoch}  step {place}  {loss}  accuracy {accuracy}  {speed}  {left}",
            f"{epoch}  step {place}  {loss}  acc {accuracy}  {left}",
            f"{epoch}  {loss}  acc {accuracy}  {left}",
            f"{epoch}  {left}",
        )

    def note(self, text: str) -> None:
        """Shows what happens while nothing moves, on a terminal only."""
        self.line.show(text)

    def epoch(self, row: EpochRow, state: State) -> None:
        """One line that stays: all figures into a pipe, as many as fit on a terminal."""
        what, number = self.measured, f"epoch {row.epoch}/{state.epochs}"
        epoch = f"{number}  {duration(row.seconds)}"
        loss, accuracy = f"loss {row.loss:.4f}", f"{row.accuracy:.4f}"
        val_loss, val_accuracy = f"{what} loss {row.val_loss:.4f}", f"{row.val_accuracy:.4f}"
        whole = (
            f"{epoch}  {row.images_per_second:.0f} images/s  lr {row.learning_rate:.4g}  "
            f"{loss}  accuracy {accuracy}  {val_loss}  {what} accuracy {val_accuracy}"
        )
        lines = (
            whole,
            f"{epoch}  {loss}  accuracy {accuracy}  {val_loss}  {what} accuracy {val_accuracy}",
            f"{epoch}  {loss} acc {accuracy}  {val_loss} acc {val_accuracy}",
            f"{epoch}  acc {accuracy}  {what} acc {val_accuracy}",
        )
        text = first_that_fits(lines, self.line.width) if self.line.is_live else lines[0]
        heading = paint("heading", text[: len(number)], is_coloured(self.line.stream))
        self.say(f"{heading}{text[len(number) :]}")

    def say(self, text: str) -> None:
        """A line of its own, in the place of the live one."""
        if not self.line.is_silent:
            self.line.clear()
            write_line(fit(text, self.line.stream), self.line.stream)

    def clear(self) -> None:
        """Leaves the live line empty."""
        self.line.clear()
