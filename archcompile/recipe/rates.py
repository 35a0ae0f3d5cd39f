"""The learning rate as a pure function of the step: nothing to save, nothing to restore."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import ceil, cos, pi

from archcompile.data_sources import DATA_SOURCES
from archcompile.errors import UsageError
from archcompile.recipe.model import Recipe
from archcompile.recipe.schedules import Cosine, Linear, OneCycle, Piecewise, Polynomial, Wsd

RUSH = 2.0  # times as fast as in an even run
PARTS = 100  # of a schedule, where its rates are looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How far a step is into its run: `total` steps, of which an epoch has `epoch`.

    A run that is fitted to a time limit changes its total on the way: from `step` on, where
    `progress` (0 to 1) had been reached, progress grows evenly to 1 at `total`. At `rush_step`,
    with `rush_progress` behind it, it began to grow more than twice as fast as in an even run.
    """

    epoch: int
    total: int
    step: int = 0
    progress: float = 0.0
    rush_step: int = 0
    rush_progress: float = 1.0

    def at(self, step: int) -> float:
        """The part of the run that is over before a step, counted from 0."""
        left = self.total - self.step
        return self.progress + (1.0 - self.progress) * (step - self.step) / left if left else 1.0

    @property
    def is_rushed(self) -> bool:
        """Whether what was left of the schedule had to fit into less than half of its steps."""
        left = (self.total - self.rush_step) / self.total
        return 1.0 - self.rush_progress > RUSH * left


TRAINING_IMAGES = {
    name: source.size.train for name, source in DATA_SOURCES.items() if source.size is not None
}
CIFAR = TRAINING_IMAGES["cifar10"]


def known_images(recipe: Recipe) -> int | None:
    """The images in the training set, where the recipe's source tells."""
    return TRAINING_IMAGES.get(recipe.data.source or "")


def pace(recipe: Recipe, images: int) -> Pace:
    """The pace of a run on so many images, those kept for validation not counted."""
    per_epoch = ceil(images / recipe.batch_size)
    return Pace(epoch=per_epoch, total=recipe.steps or (recipe.epochs or 0) * per_epoch)


def pace_on(recipe: Recipe, images: int) -> Pace:
    """The pace on a training set of so many images. Raises UsageError if validation takes all."""
    kept = recipe.data.held_out(images)
    if images <= kept:
        raise UsageError(f"{kept:,} images for validation leave none of {images:,} to train on")
    return pace(recipe, images - kept)


def rate(recipe: Recipe, step: int, pace: Pace) -> float:
    """The learning rate of a step, counted from 0, before a plateau rule."""
    base = recipe.optimizer.learning_rate * _factor(recipe, step, pace)
    warmup = recipe.warmup
    if warmup is None or step >= warmup.steps:
        return base
    return base * (
        warmup.factor + (1 - warmup.factor) * step / warmup.steps if warmup.rise else warmup.factor
    )


def _factor(recipe: Recipe, step: int, pace: Pace) -> float:
    schedule = recipe.schedule
    if isinstance(schedule, Piecewise):
        passed = bisect_right(
            schedule.boundaries, step if schedule.unit == "steps" else step // pace.epoch
        )
        return schedule.factors[passed - 1] if passed else 1.0
    if schedule is None:
        return 1.0
    done = pace.at(step)
    if isinstance(schedule, OneCycle) and done < schedule.peak:
        return schedule.start + (1 - schedule.start) * done / schedule.peak
    return schedule.end + (1 - schedule.end) * _height(schedule, done)


def _height(schedule: OneCycle | Cosine | Linear | Polynomial | Wsd, done: float) -> float:
    """How much of a schedule's fall is left, 1 to 0, where so much of the run is over."""
    match schedule:
        case OneCycle():
            return (1 - done) / (1 - schedule.peak)
        case Cosine():
            return (1 + cos(pi * _within_cycle(schedule, done))) / 2
        case Linear():
            return 1 - done
        case Polynomial():
            return float((1 - done) ** schedule.power)
        case Wsd():
            return min(1.0, (1 - done) / schedule.decay)


def restarts(schedule: Cosine) -> list[float]:
    """Where cycles begin but for the first, as parts of the run."""
    lengths = [schedule.growth**cycle for cycle in range(schedule.cycles)]
    return [part / sum(lengths) for part in accumulate(lengths[:-1])]


def _within_cycle(schedule: Cosine, done: float) -> float:
    """The part of its cycle that is over where so much of the run is."""
    bounds = [0.0, *restarts(schedule), 1.0]
    cycle = min(bisect_right(bounds, done), schedule.cycles) - 1
    return (done - bounds[cycle]) / (bounds[cycle + 1] - bounds[cycle])


def decay_left(recipe: Recipe, progress: float) -> float:
    """How much of its fall from the peak a schedule has before it, after `progress` (0 to 1)."""
    even = Pace(epoch=1, total=PARTS)
    factors = [_factor(recipe, step, even) for step in range(PARTS + 1)]
    peak, end = max(factors), factors[-1]
    rest = max(factors[int(progress * PARTS) :])
    return (rest - end) / (peak - end) if peak > end else 0.0


# ---- over the whole run --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RatePiece:
    """Steps from `first` up to `end`, under one rule: the rates of the first and last of them."""

    first: int
    end: int
    start: float
    last: float

    @property
    def is_flat(self) -> bool:
        return self.start == self.last


def pieces(recipe: Recipe, pace: Pace) -> tuple[RatePiece, ...]:
    """The run in pieces, cut where the schedule or the warm-up turns, up to its end."""
    turns = {0, *_turning_points(recipe, pace)}
    cuts = [*sorted(step for step in turns if step < pace.total), pace.total]
    return tuple(
        RatePiece(first=a, end=b, start=rate(recipe, a, pace), last=rate(recipe, b - 1, pace))
        for a, b in pairwise(cuts)
    )


def _turning_points(recipe: Recipe, pace: Pace) -> Iterator[int]:
    schedule = recipe.schedule
    if recipe.warmup is not None:
        yield recipe.warmup.steps
    if isinstance(schedule, Piecewise):
        yield from (
            b * (1 if schedule.unit == "steps" else pace.epoch) for b in schedule.boundaries
        )
    elif isinstance(schedule, OneCycle):
        yield round(schedule.peak * pace.total)
    elif isinstance(schedule, Wsd):
        yield round((1 - schedule.decay) * pace.total)
    elif isinstance(schedule, Cosine):
        yield from (ceil(part * pace.total) for part in restarts(schedule))


def curve(recipe: Recipe, pace: Pace, points: int = 100) -> list[tuple[int, float]]:
    """(step, rate) along the run: the corners of pieces that are flat, so many points of others."""
    corners: list[tuple[int, float]] = []
    for piece in pieces(recipe, pace):
        steps = {piece.first, piece.end - 1}
        if not piece.is_flat:
            steps |= {piece.first + i * (piece.end - piece.first) // points for i in range(points)}
        corners += [(step, rate(recipe, step, pace)) for step in sorted(steps)]
    return corners
