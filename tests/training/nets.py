"""A network and images small enough to train in a test."""

from typing import Any

import numpy as np

from archcompile.data.dataset import Dataset, Split, fingerprint
from archcompile.quiet import load_keras
from archcompile.recipe.model import Recipe

SHAPE, CLASSES = (8, 8, 3), 4


def net(softmax: bool = True) -> Any:
    """Convolution, batch norm, dropout, L2, L1: something of each kind of variable and loss.

    No bias before the norm: its true gradient is zero, and Adam makes steps of the rounding errors.
    """
    keras = load_keras()
    layers, l2, l1 = keras.layers, keras.regularizers.L2(1e-3), keras.regularizers.L1(2e-3)
    x = inputs = layers.Input(SHAPE)
    x = layers.Conv2D(4, 3, padding="same", use_bias=False, kernel_regularizer=l2, name="conv")(x)
    x = layers.BatchNormalization(name="bn")(x)
    x = layers.ReLU(name="relu")(x)
    x = layers.Dropout(0.2, name="drop")(x)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    last = "softmax" if softmax else None
    x = layers.Dense(CLASSES, activation=last, kernel_regularizer=l1, name="dense")(x)
    return keras.Model(inputs, x)


def random_images(train: int = 50, test: int = 21, seed: int = 0) -> Dataset:
    random = np.random.default_rng(seed)
    parts = [
        Split(random.integers(0, 256, (n, *SHAPE), np.uint8), random.integers(0, CLASSES, n))
        for n in (train, test)
    ]
    names = tuple("abcd")
    first, second = parts
    return Dataset(
        name="random",
        label="random",
        train=first,
        test=second,
        classes=names,
        fingerprint=fingerprint(*parts, names),
        place="nowhere",
    )


def recipe(**values: Any) -> Recipe:
    given = {
        "archc": 1,
        "name": "tiny",
        "batch_size": 16,
        "epochs": 3,
        "augment": {"shift": 0.1, "flip": "horizontal"},
        "optimizer": {"kind": "adam", "learning_rate": 0.01},
    }
    return Recipe.model_validate({**given, **values})
