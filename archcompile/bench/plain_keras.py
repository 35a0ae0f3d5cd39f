"""Keras as its guides show it: `fit` on a tf.data pipeline, whose layers augment whole batches."""

from typing import Any

from archcompile.bench.by_fit import compile_model, turn_callback
from archcompile.bench.common_training import check_is_plain, plan_of
from archcompile.bench.task import Task
from archcompile.bench.turns import Turns
from archcompile.engine.tensorflow import preprocessor
from archcompile.quiet import load_keras, load_tensorflow
from archcompile.recipe import Augment
from archcompile.training import Plan, statistics_of


def run(task: Task, turns: Turns) -> None:
    plan = plan_of(task)
    model = compile_model(plan)
    packages = plan.engine.read_platform().packages
    pace = turn_callback(turns, f"keras {packages['keras']} on tensorflow {packages['tensorflow']}")
    model.fit(_images(plan), epochs=1, steps_per_epoch=10**9, verbose=0, callbacks=[pace])


def _images(plan: Plan) -> Any:
    """Batches without end, augmented as the recipe says."""
    tf, split = load_tensorflow(), plan.data.train
    prepare = preprocessor(plan.recipe.preprocessing, statistics_of(plan))
    augmenting = _layers(plan.recipe.augment, split.shape)

    def work(images: Any, labels: Any) -> tuple[Any, Any]:
        images = prepare(images)
        for layer in augmenting:
            images = layer(images, training=True)
        return images, labels

    images = tf.data.Dataset.from_tensor_slices((split.images, split.labels))
    batches = images.shuffle(len(split)).repeat().batch(plan.recipe.batch_size)
    augmented = batches.map(work, num_parallel_calls=tf.data.AUTOTUNE)
    return augmented.prefetch(tf.data.AUTOTUNE)


def _layers(augment: Augment, shape: tuple[int, int, int]) -> list[Any]:
    check_is_plain(augment)
    layers, (height, width, _) = load_keras().layers, shape
    augmenting: list[Any] = []
    if augment.shift:
        shift = layers.RandomTranslation(augment.shift, augment.shift, fill_mode="nearest")
        augmenting.append(shift)
    if augment.pad_crop:
        augmenting += [layers.ZeroPadding2D(augment.pad_crop), layers.RandomCrop(height, width)]
    if augment.flip != "none":
        augmenting.append(layers.RandomFlip("horizontal"))
    return augmenting
