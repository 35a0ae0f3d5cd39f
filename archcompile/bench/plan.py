"""The training that every contender does: the spec, its recipe, and made-up pictures."""

from archcompile.bench.task import Task
from archcompile.training import Plan, Request, prepare


def plan_of(task: Task) -> Plan:
    """The plan of a task. L2 is the spec's for all, since each framework has a decay of its own
    kind. Raises as `train` does.
    """
    settings = [
        f"train.batch_size={task.batch}",
        f"train.precision={task.precision}",
        "train.regularisation=spec",
        "data.validation=0",
    ]
    wanted = Request(
        spec=task.spec,
        recipe=task.recipe,
        data="synthetic",
        sets=[*task.sets, *settings],
        device=task.device,
        kernels=task.kernels,
    )
    plan, _ = prepare(wanted, lambda text: None)
    return plan
