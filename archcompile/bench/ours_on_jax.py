"""The step of `archc train --engine jax`, timed."""

from archcompile.bench.ours import run_under
from archcompile.bench.task import Task
from archcompile.bench.turns import Turns


def run(task: Task, turns: Turns) -> None:
    run_under("jax", task, turns)
