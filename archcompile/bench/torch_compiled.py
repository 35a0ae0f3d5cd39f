"""PyTorch as in `torch_eager`, its network compiled by `torch.compile`."""

from archcompile.bench.task import Task
from archcompile.bench.torch_eager import run_net
from archcompile.bench.turns import Turns


def run(task: Task, turns: Turns) -> None:
    run_net(task, turns, is_compiled=True)
