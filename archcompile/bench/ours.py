"""The step of `archc train`, timed."""

from collections.abc import Iterator
from itertools import count, islice

from archcompile.bench.plan import plan_of
from archcompile.bench.task import RATE, Task
from archcompile.bench.turns import Turns
from archcompile.choices import EngineName
from archcompile.engine import Trainer
from archcompile.training import statistics_of, trainer_of


def run(task: Task, turns: Turns) -> None:
    run_under("tensorflow", task, turns)


def run_under(engine: EngineName, task: Task, turns: Turns) -> None:
    plan = plan_of(task, engine)
    statistics = statistics_of(plan)
    turns.begin()
    trainer = trainer_of(plan, statistics)
    steps = _endless(trainer)

    def start(number: int) -> None:
        for _ in islice(steps, number):
            pass

    def finish() -> None:
        trainer.means()  # waits for the device

    version = plan.engine.read_platform().packages[engine]
    kernels = f"{task.kernels} kernels, " if engine == "tensorflow" else ""
    device = plan.devices.names[0].rsplit("/", 1)[-1]
    turns.serve(start, finish, f"{engine} {version}, {kernels}{device}")


def _endless(trainer: Trainer) -> Iterator[int]:
    for epoch in count():
        yield from trainer.epoch(epoch, lambda step: RATE)
