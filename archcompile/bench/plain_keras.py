"""Keras as its guides show it: `fit` on a tf.data pipeline whose preprocessing layers augment whole
batches.
"""

from typing import Any

from archcompile.bench.by_fit import compiled, waiting
from archcompile.bench.plan import plan_of
from archcompile.bench.task import Task
from archcompile.bench.turns import Turns
from archcompile.engine.tensorflow import preprocessor
from archcompile.quiet import load_keras, load_tensorflow
from archcompile.recipe import Augment
from archcompile.run_folder import versions
from archcompile.training import Plan, statistics_of


def run(task: Task, turns: Turns) -> None:
    plan = plan_of(task)
    model = compiled(plan)
    found = versions()
    pace = waiting(turns, f"keras {found['keras']} on tensorflow {found['tensorflow']}")
    model.fit(_pictures(plan), epochs=1, steps_per_epoch=10**9, verbose=0, callbacks=[pace])


def _pictures(plan: Plan) -> Any:
    """Batches without end, augmented as the recipe says."""
    tf, split = load_tensorflow(), plan.data.train
    prepare, moved = (
        preprocessor(plan.recipe.preprocessing, statistics_of(plan)),
        _layers(plan.recipe.augment, split.shape),
    )

    def work(images: Any, labels: Any) -> tuple[Any, Any]:
        images = prepare(images)
        for layer in moved:
            images = layer(images, training=True)
        return images, labels

    batches = (
        tf.data.Dataset.from_tensor_slices((split.images, split.labels))
        .shuffle(len(split))
        .repeat()
    )
    return (
        batches.batch(plan.recipe.batch_size)
        .map(work, num_parallel_calls=tf.data.AUTOTUNE)
        .prefetch(tf.data.AUTOTUNE)
    )


def _layers(augment: Augment, shape: tuple[int, int, int]) -> list[Any]:
    layers, (height, width, _) = load_keras().layers, shape
    found: list[Any] = []
    if augment.shift:
        found.append(layers.RandomTranslation(augment.shift, augment.shift, fill_mode="nearest"))
    if augment.pad_crop:
        found += [layers.ZeroPadding2D(augment.pad_crop), layers.RandomCrop(height, width)]
    return [*found, layers.RandomFlip("horizontal")] if augment.flip != "none" else found
