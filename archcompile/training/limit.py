"""A limit on the time of a run: when to stop, and how to stretch a schedule to end then."""

import re
import time
from dataclasses import dataclass, replace

from archcompile.errors import UsageError
from archcompile.recipe import Pace

_FORM = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?\Z")
# seconds kept for the curves and the like once training is over; more is kept of what building took
CLOSING = 4.0
# steps of a session before their speed is believed; the first one includes the building of the step
WARM = 20
REFIT = 2.0  # seconds between two looks at how many steps are left


def seconds_of(text: str) -> float:
    """`90`, `90s`, `10m`, `1h30m` in seconds. Raises UsageError."""
    match = _FORM.match(text.strip())
    parts = [int(part or 0) for part in match.groups()] if match else [0]
    total = sum(part * unit for part, unit in zip(parts, (3600, 60, 1), strict=False))
    if not total:
        raise UsageError(f"--time-limit: expected a time such as 90s, 10m or 1h30m, got `{text}`")
    return float(total)


@dataclass(kw_only=True)
class Limit:
    """The `deadline` of a run, on the clock of `time.perf_counter`.

    `stretches` says whether the schedule is stretched to it. `images` is the number of images in
    an evaluation, `outcome` that of those scored once training is over. `evaluation` is how long
    the last evaluation took, in seconds; before the first it is estimated from the speed of
    training. `opened` is when the building of the model began: as long as that took with the first
    step is kept for the end, where a model is built again.
    """

    deadline: float
    stretches: bool
    images: int
    outcome: int = 0
    opened: float | None = None
    evaluation: float | None = None
    steps: int = 0
    building: float = 0.0
    first: float = 0.0
    first_steps: int = 0
    began: float = 0.0
    began_steps: int = 0
    looked: float = 0.0

    def count_steps(self, count: int, now: float) -> None:
        """Counts steps of this session that have been done together."""
        before, self.steps = self.steps, self.steps + count
        if not before:
            self.first, self.first_steps = now, count
            self.building = 0.0 if self.opened is None else max(0.0, now - self.opened)
        if before < WARM // 4 <= self.steps:
            self.began, self.began_steps = now, self.steps

    def note_evaluation(self, seconds: float) -> None:
        """Notes an evaluation between two steps, whose time is not theirs."""
        self.evaluation = seconds
        self.first += seconds
        self.began += seconds

    def step_seconds(self, now: float) -> float | None:
        """The mean time of a step, None before there are two to compare.

        The first steps do not count, once there are others.
        """
        if self.steps <= self.first_steps:
            return None
        left_out, since = self.first_steps, self.first
        if self.is_warm and self.steps > self.began_steps:
            left_out, since = self.began_steps, self.began
        return (now - since) / (self.steps - left_out)

    @property
    def is_warm(self) -> bool:
        """Whether the speed of steps is known well enough to stretch a schedule by it."""
        return self.steps >= WARM

    def is_due(self, now: float) -> bool:
        """Whether to look again how many steps are left."""
        if not self.is_warm or now - self.looked < REFIT:
            return False
        self.looked = now
        return True

    def is_over(self, now: float, each: float, batch: int) -> bool:
        """Whether there is no time for another step, if the final evaluation is to fit in."""
        return now + each + self._closing(each, batch) > self.deadline

    def steps_left(self, now: float, each: float, batch: int, *, epoch: int) -> int:
        """Steps of `each` seconds that still fit, every `epoch` of them with an evaluation."""
        left = self.deadline - now - self._closing(each, batch)
        return max(0, int(left / (each + self._evaluating(each, batch) / epoch)))

    def _closing(self, each: float, batch: int) -> float:
        """The last epoch's evaluation, the model built again, and what is kept scored with it."""
        evaluating = self._evaluating(each, batch)
        scoring = max(evaluating, self.outcome * _forward(each, batch))
        return CLOSING + self.building + evaluating + scoring

    def _evaluating(self, each: float, batch: int) -> float:
        """The seconds of an evaluation."""
        if self.evaluation is not None:
            return self.evaluation
        return self.images * _forward(each, batch)


def _forward(each: float, batch: int) -> float:
    """The time of an image in evaluation: the backward pass takes about twice the forward one."""
    return each / batch / 3


def refit(pace: Pace, step: int, left: int) -> Pace:
    """The pace on which a run ends after `left` more steps, from where it is at `step`."""
    total, progress = step + left, pace.at(step)
    fitted = replace(pace, total=total, step=step, progress=progress)
    # a rush that began earlier goes on, unless there is time for more steps again
    return fitted if fitted.is_rushed else replace(fitted, rush_step=step, rush_progress=progress)


def now() -> float:
    return time.perf_counter()
