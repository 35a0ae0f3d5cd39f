"""The training that every contender does: the spec, its recipe, and synthetic images."""

from archcompile.bench.task import Task
from archcompile.choices import EngineName
from archcompile.training import Plan, TrainingRequest, prepare


def plan_of(task: Task, engine: EngineName = "tensorflow") -> Plan:
    """The plan of a task. Raises as `train` does.

    L2 is the spec's for all, since frameworks differ in their weight decay.
    """
    settings = [
        f"train.batch_size={task.batch}",
        f"train.precision={task.precision}",
        "train.regularisation=spec",
        "data.validation=0",
    ]
    request = TrainingRequest(
        spec=task.spec,
        recipe=task.recipe,
        data="synthetic",
        sets=[*task.sets, *settings],
        engine=engine,
        device=task.device,
        kernels=task.kernels if engine == "tensorflow" else None,
    )
    plan, _ = prepare(request, lambda text: None)
    return plan
