"""An epoch of a trainer, step by step."""

from collections.abc import Callable, Iterator

from archcompile.engine import Trainer


def epoch_of(
    trainer: Trainer, epoch: int, rate: Callable[[int], float], *, first: int = 0
) -> Iterator[int]:
    """Does the steps of an epoch from its step `first` on, and yields the number of each."""
    start = epoch * trainer.steps
    for step in range(start + first, start + trainer.steps):
        trainer.run(step, [rate(step)])
        yield step
