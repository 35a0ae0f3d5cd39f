"""A limit on the time of a run: when to stop, and how a schedule is stretched so that it ends by then."""

import re
import time
from dataclasses import dataclass

from archcompile.errors import UsageError
from archcompile.recipe.rates import Pace

_FORM = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?\Z")
CLOSING = 4.0  # seconds kept for the model, the curves and the like once training is over
WARM = 20  # steps of a session before their speed is believed; the first one includes the building of the step
REFIT = 2.0  # seconds between two looks at how many steps are left


def seconds_of(text: str) -> float:
    """`90`, `90s`, `10m`, `1h30m` in seconds. Raises UsageError."""
    match = _FORM.match(text.strip())
    parts = [int(part or 0) for part in match.groups()] if match else [0]
    total = sum(part * unit for part, unit in zip(parts, (3600, 60, 1), strict=False))
    if not total:
        raise UsageError(f"--time-limit: expected a time such as 90s, 10m or 1h30m, received `{text}`")
    return float(total)


@dataclass
class Limit:
    """The moment, on the clock of `time.perf_counter`, by which a run is to be over; `stretches` the schedule to it or not.

    `evaluation` is what one took at last, in seconds; until then it is guessed from the speed of training.
    """

    deadline: float
    stretches: bool
    pictures: int  # of an evaluation
    evaluation: float | None = None
    steps: int = 0
    began: float = 0.0
    looked: float = 0.0

    def stepped(self, now: float) -> None:
        """Counts a step of this session."""
        self.steps += 1
        if self.steps == WARM // 4:
            self.began = now

    def step_seconds(self, now: float) -> float | None:
        """The mean time of a step but for the first ones, None before it is known."""
        return (now - self.began) / (self.steps - WARM // 4) if self.steps >= WARM else None

    def due(self, now: float) -> bool:
        """Whether to look again how many steps are left."""
        if self.steps < WARM or now - self.looked < REFIT:
            return False
        self.looked = now
        return True

    def over(self, now: float, each: float, batch: int) -> bool:
        """Whether there is time for one more step only if the evaluation at the end is to fit in."""
        return now + each + self._closing(each, batch) > self.deadline

    def steps_left(self, now: float, each: float, batch: int, epoch: int) -> int:
        """Steps of `each` seconds that still fit, every `epoch` of them with an evaluation."""
        left = self.deadline - now - self._closing(each, batch)
        return max(0, int(left / (each + self._evaluating(each, batch) / epoch)))

    def _closing(self, each: float, batch: int) -> float:
        return CLOSING + 2 * self._evaluating(each, batch)  # the last epoch's, and once more what was saved

    def _evaluating(self, each: float, batch: int) -> float:
        forward = each / batch / 3  # the backward pass takes about twice as long as the forward one
        return self.evaluation if self.evaluation is not None else self.pictures * forward


def refitted(pace: Pace, step: int, left: int) -> Pace:
    """The pace on which a run ends after `left` more steps, from where it is at `step`."""
    return Pace(pace.epoch, step + left, step, pace.at(step))


def now() -> float:
    return time.perf_counter()
