"""The step of `archc train`, timed."""

from archcompile.bench.common_training import plan_of
from archcompile.bench.task import RATE, Task
from archcompile.bench.turns import Turns
from archcompile.choices import EngineName
from archcompile.engine import WholeBatches
from archcompile.training import statistics_of, trainer_of


def run(task: Task, turns: Turns) -> None:
    run_under("tensorflow", task, turns)


def run_under(engine: EngineName, task: Task, turns: Turns) -> None:
    plan = plan_of(task, engine)
    statistics = statistics_of(plan)
    turns.begin()
    steps = WholeBatches(trainer_of(plan, statistics), RATE)
    version = plan.engine.read_platform().packages[engine]
    kernels = f"{plan.kernels} kernels, " if engine == "tensorflow" else ""
    device = plan.devices.names[0].rsplit("/", 1)[-1]
    turns.serve(steps.start, steps.finish, f"{engine} {version}, {kernels}{device}")
