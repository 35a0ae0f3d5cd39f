"""The step of `archc train`, timed."""

from collections.abc import Iterator
from itertools import count, islice

from archcompile.bench.plan import plan_of
from archcompile.bench.task import RATE, Task
from archcompile.bench.turns import Turns
from archcompile.engine import Trainer
from archcompile.run_folder import versions
from archcompile.training import engine, statistics_of


def run(task: Task, turns: Turns) -> None:
    plan = plan_of(task)
    trainer = engine(plan, statistics_of(plan)).trainer
    steps = _endless(trainer)

    def go(number: int) -> None:
        for _ in islice(steps, number):
            pass
        trainer.means()  # waits for the device

    turns.serve(
        go,
        f"tensorflow {versions()['tensorflow']}, {task.kernels} kernels, "
        f"{plan.devices.names[0].rsplit('/', 1)[-1]}",
    )


def _endless(trainer: Trainer) -> Iterator[int]:
    for epoch in count():
        yield from trainer.epoch(epoch, lambda step: RATE)
