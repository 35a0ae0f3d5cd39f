"""The batches of an epoch, and what is random in each; all engines train on the same."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from math import ceil
from typing import Any, Protocol, Self

import numpy as np

from archcompile.data import Split
from archcompile.engine.contract import Trainer
from archcompile.engine.epoch_order import mirror_mask, order, repeat_in_batches
from archcompile.engine.picture_draws import PictureDraws
from archcompile.engine.random_numbers import draw_augmentation, set_flips
from archcompile.recipe import Recipe

Draw = Callable[[int, int, int], np.ndarray]  # of a seed, a step and a number of images
Payload = tuple[Any, ...]


class Payloads(Protocol):
    """The part of an engine's feed that runs on the host."""

    def payloads(self, rows: np.ndarray, size: int, first: int) -> Iterator[Payload]:
        """A payload for each batch of `size` rows, from batch number `first` on.

        Raises DataError naming a bad file.
        """


@dataclass(frozen=True, kw_only=True)
class EpochBatches:
    """How so many `images` are cut into batches of `size`, of which the last may be smaller.

    With `has_alternating_flips` an image is mirrored in every second epoch. Of an image there are
    `views` in a batch; `pictures` draws what is done to each.
    """

    seed: int
    images: int
    size: int
    has_alternating_flips: bool
    views: int
    pictures: PictureDraws

    @classmethod
    def of(cls, recipe: Recipe, train: Split, seed: int, *, size: tuple[int, int]) -> Self:
        """Those that a recipe asks for, for a network of `size` (H, W)."""
        return cls(
            seed=seed,
            images=len(train),
            size=recipe.batch_size,
            has_alternating_flips=recipe.augment.flip == "alternating",
            views=recipe.augment.views,
            pictures=PictureDraws.of(recipe.augment, train.store.shape, size),
        )

    def rows(self, epoch: int) -> np.ndarray:
        """The images of an epoch in their order, int32."""
        rows = order(self.seed, epoch, self.images)
        return rows if self.views == 1 else repeat_in_batches(rows, self.size, self.views)

    @property
    def steps(self) -> int:
        """Steps per epoch."""
        return ceil(self.images / self.size)

    def images_in(self, steps: int) -> int:
        """The number of images that the first `steps` of an epoch see."""
        return min(steps * self.size, self.images)

    def numbers(
        self, rows: np.ndarray, epoch: int, *, first: int, draw: Draw
    ) -> Iterator[np.ndarray]:
        """The random numbers (B, K) of each step of an epoch from its step `first` on.

        `rows` is the order of the images in the epoch. The first five of an image are those of
        `draw`, the others those of `pictures`.
        """
        flips = mirror_mask(self.seed, epoch, rows) if self.has_alternating_flips else None
        for index in range(first, self.steps):
            part = slice(index * self.size, (index + 1) * self.size)
            step, count = epoch * self.steps + index, len(rows[part])
            numbers = draw(self.seed, step, count)
            if flips is not None:
                numbers = set_flips(numbers, flips[part])
            yield np.concatenate([numbers, self.pictures.draw(self.seed, step, count)], axis=1)


def parts_of(recipe: Recipe, images: int, replicas: int) -> int:
    """The parts that a batch of so many images is worked on in: of a smaller one as many fewer.

    Each replica has an image at least in each of them.
    """
    parts = ceil(images * recipe.accumulate / recipe.batch_size)
    return max(1, min(parts, images // replicas))


class StepInputs:
    """What each step gets from the host, in the order of the steps: its payload and its numbers.

    An epoch is read ahead for as long as its steps are asked for one after the other.
    """

    def __init__(self, batches: EpochBatches, feed: Payloads) -> None:
        self.batches, self.feed = batches, feed
        self.draw: Draw = draw_augmentation
        self._next: int | None = None
        self._epoch: Iterator[tuple[Payload, np.ndarray]] = iter(())

    def take(self, step: int, count: int) -> Iterator[tuple[Payload, np.ndarray]]:
        """The inputs of at most `count` steps from `step` on, to the end of its epoch."""
        epoch, first = divmod(step, self.batches.steps)
        if step != self._next or not first:
            self._epoch = self._open(epoch, first)
        for number, inputs in enumerate(islice(self._epoch, count), start=step):
            self._next = number + 1
            yield inputs

    def _open(self, epoch: int, first: int) -> Iterator[tuple[Payload, np.ndarray]]:
        rows = self.batches.rows(epoch)
        payloads = self.feed.payloads(rows, self.batches.size, first)
        numbers = self.batches.numbers(rows, epoch, first=first, draw=self.draw)
        return zip(payloads, numbers, strict=True)


class WholeBatches:
    """A trainer that does steps without end, for as long as somebody measures it.

    The last batch of an epoch is left out where it is smaller, since another size is compiled anew.
    """

    def __init__(self, trainer: Trainer, rate: float) -> None:
        self.trainer, self.rate, self.step = trainer, rate, 0
        steps, size = trainer.steps, trainer.images_in(1)
        self.whole = max(1, trainer.images_in(steps) // size)

    def run(self, count: int) -> None:
        """Does so many steps."""
        self.start(count)
        self.finish()

    def finish(self) -> None:
        """Waits for the steps that are under way."""
        self.trainer.means()

    def start(self, count: int) -> None:
        """Starts so many steps."""
        while count > 0:
            epoch, done = divmod(self.step, self.trainer.steps)
            if done >= self.whole:
                self.step = (epoch + 1) * self.trainer.steps
                continue
            some = min(count, self.whole - done, self.trainer.steps_at_once)
            self.step += self.trainer.run(self.step, [self.rate] * some)
            count -= some
