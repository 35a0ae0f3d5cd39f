"""The article's way: Keras' `fit` on ImageDataGenerator, which augments images one by one."""

from typing import Any

import numpy as np

from archcompile.bench.by_fit import compile_model, turn_callback
from archcompile.bench.common_training import check_is_plain, plan_of
from archcompile.bench.task import Task
from archcompile.bench.turns import Turns
from archcompile.errors import UsageError
from archcompile.quiet import load_tensorflow
from archcompile.recipe import Augment

MOST_BYTES = 4 * 2**30  # of float32 images: its epoch must not end within a measurement


def run(task: Task, turns: Turns) -> None:
    plan = plan_of(task)
    split, rows = plan.data.train, task.images + task.batch
    if rows * np.prod(split.shape) * 4 > MOST_BYTES:
        raise UsageError("its images would not fit into memory: use smaller ones, or fewer steps")
    stored = split.store.array
    assert stored is not None, "synthetic images are in memory"
    repeated = np.arange(rows) % len(split)
    images = stored[repeated].astype(np.float32) / plan.recipe.preprocessing.scale
    images -= images.mean(axis=0)
    generator = _generator(plan.recipe.augment)
    flow = generator.flow(images, split.labels[repeated], batch_size=task.batch)
    packages = plan.engine.read_platform().packages
    pace = turn_callback(
        turns,
        f"keras {packages['keras']} on tensorflow {packages['tensorflow']}, batch {task.batch}",
    )
    compile_model(plan).fit(flow, epochs=1, verbose=0, callbacks=[pace])


def _generator(augment: Augment) -> Any:
    check_is_plain(augment)
    shift = augment.shift or augment.pad_crop / 32
    return load_tensorflow().keras.preprocessing.image.ImageDataGenerator(
        width_shift_range=shift,
        height_shift_range=shift,
        fill_mode="nearest",
        horizontal_flip=augment.flip != "none",
    )
