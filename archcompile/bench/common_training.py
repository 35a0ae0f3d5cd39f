"""The training that every contender does: the spec, its recipe, and synthetic images."""

from dataclasses import replace

import numpy as np

from archcompile.bench.task import Task
from archcompile.choices import EngineName
from archcompile.data import Dataset
from archcompile.errors import UsageError
from archcompile.recipe import Augment
from archcompile.training import Plan, Training, TrainingRequest, prepare, prepare_training


def plan_of(task: Task, engine: EngineName = "tensorflow") -> Plan:
    """The plan of a task. Raises as `train` does."""
    plan, _ = prepare(_request(task, engine), lambda text: None)
    return replace(plan, data=_repeat(plan.data, task.epoch_images))


def training_of(task: Task) -> Training:
    """What a task trains, for a contender that is no engine of ours. Raises as `train` does."""
    training = prepare_training(_request(task, "tensorflow"), lambda text: None)
    return replace(training, data=_repeat(training.data, task.epoch_images))


def check_is_plain(augment: Augment) -> None:
    """Raises UsageError for what only our engines do to pictures."""
    ours = ("resized_crop", "jitter", "policy", "erase", "mix")
    asked = [name for name in ours if getattr(augment, name) is not None]
    asked += ["views"] if augment.views > 1 else []
    if asked:
        raise UsageError(
            f"this contender has no `augment.{asked[0]}`, and would do less work",
            hint=f"--set train.augment.{asked[0]}={'1' if asked[0] == 'views' else 'null'}",
        )


def _request(task: Task, engine: EngineName) -> TrainingRequest:
    """L2 is the spec's for all, since frameworks differ in their weight decay."""
    settings = [
        f"train.batch_size={task.batch}",
        f"train.precision={task.precision}",
        "train.regularisation=spec",
        "data.validation=0",
    ]
    return TrainingRequest(
        spec=task.spec,
        recipe=task.recipe,
        data="synthetic",
        sets=[*task.sets, *settings],
        engine=engine,
        device=task.device,
        kernels=task.kernels if engine == "tensorflow" else None,
    )


def _repeat(data: Dataset, least: int | None) -> Dataset:
    """The data with its training images repeated until there are so many."""
    split = data.train
    if least is None or least <= len(split):
        return data
    rows = np.arange(least) % len(split)
    return replace(data, train=split.take(rows).align())
