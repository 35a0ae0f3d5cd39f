"""The article's way: Keras' `fit` on the legacy ImageDataGenerator, which augments picture by
picture in Python.
"""

from typing import Any

import numpy as np

from archcompile.bench.by_fit import compiled, waiting
from archcompile.bench.plan import plan_of
from archcompile.bench.task import Task
from archcompile.bench.turns import Turns
from archcompile.errors import MissingError, UsageError
from archcompile.quiet import load_tensorflow
from archcompile.recipe import Augment
from archcompile.run_folder import versions

MOST_BYTES = 4 * 2**30  # of float32 pictures: its epoch must not end within a measurement


def run(task: Task, turns: Turns) -> None:
    plan = plan_of(task)
    split, rows = plan.data.train, task.pictures + task.batch
    if rows * np.prod(split.shape) * 4 > MOST_BYTES:
        raise UsageError(
            "its pictures would not fit into memory: it is for small ones, or fewer steps"
        )
    assert isinstance(split.images, np.ndarray), "made-up pictures lie in memory"
    again = np.arange(rows) % len(split)
    images = split.images[again].astype(np.float32) / plan.recipe.preprocessing.scale
    images -= images.mean(axis=0)
    flow = _generator(plan.recipe.augment).flow(images, split.labels[again], batch_size=task.batch)
    found = versions()
    pace = waiting(
        turns, f"keras {found['keras']} on tensorflow {found['tensorflow']}, batch {task.batch}"
    )
    compiled(plan).fit(flow, epochs=1, verbose=0, callbacks=[pace])


def _generator(augment: Augment) -> Any:
    try:
        import scipy  # noqa: F401 - the generator needs it, and says so only once it is asked for pictures
    except ImportError as error:
        raise MissingError(
            "scipy is not installed", hint="pip install 'archcompile[bench]'"
        ) from error
    shift = augment.shift or augment.pad_crop / 32
    return load_tensorflow().keras.preprocessing.image.ImageDataGenerator(
        width_shift_range=shift,
        height_shift_range=shift,
        fill_mode="nearest",
        horizontal_flip=augment.flip != "none",
    )
