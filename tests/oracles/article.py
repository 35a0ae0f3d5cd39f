"""The article's two networks, written by hand in plain Keras: what the compiler's output is held
against.

Nothing here comes from archcompile. The article trains networks of depth 6n+2 ("v1",
post-activation) and 9n+2 ("v2", pre-activation bottlenecks) on CIFAR-10. Both follow He et al.
2015, section 4.2, and He et al. 2016 in outline, and differ from the papers in details that are
kept here: projections without batch normalisation, biases before batch normalisation, inner widths
16, 64, 128 in v2, an L2 penalty on convolution kernels only.
"""

import keras
from keras import layers

KERNEL_L2 = 1e-4  # the article's penalty; Keras' l2 has no factor 1/2


def _conv(x: keras.KerasTensor, filters: int, size: int, *, stride: int = 1) -> keras.KerasTensor:
    """A biased convolution (H, W, C) -> (H/stride, W/stride, filters) with the article's
    settings.
    """
    layer = layers.Conv2D(
        filters,
        size,
        strides=stride,
        padding="same",
        kernel_initializer="he_normal",
        kernel_regularizer=keras.regularizers.L2(KERNEL_L2),
    )
    return layer(x)


def _norm_relu(x: keras.KerasTensor) -> keras.KerasTensor:
    x = layers.BatchNormalization()(x)
    return layers.Activation("relu")(x)


def _classifier(x: keras.KerasTensor, classes: int) -> keras.KerasTensor:
    x = layers.AveragePooling2D(8)(x)
    x = layers.Flatten()(x)
    return layers.Dense(classes, activation="softmax", kernel_initializer="he_normal")(x)


def resnet_v1(
    depth: int, classes: int = 10, input_shape: tuple[int, int, int] = (32, 32, 3)
) -> keras.Model:
    """The post-activation network of depth 6n+2. ``input_shape`` is (H, W, C)."""
    units, rest = divmod(depth - 2, 6)
    assert rest == 0 and units >= 1, depth
    inputs = keras.Input(input_shape)
    x = _norm_relu(_conv(inputs, 16, 3))
    for stage, width in enumerate((16, 32, 64)):
        for unit in range(units):
            narrows = stage > 0 and unit == 0
            stride = 2 if narrows else 1
            branch = _norm_relu(_conv(x, width, 3, stride=stride))
            branch = layers.BatchNormalization()(_conv(branch, width, 3))
            shortcut = _conv(x, width, 1, stride=stride) if narrows else x
            x = layers.Activation("relu")(layers.add([shortcut, branch]))
    return keras.Model(inputs, _classifier(x, classes))


def resnet_v2(
    depth: int, classes: int = 10, input_shape: tuple[int, int, int] = (32, 32, 3)
) -> keras.Model:
    """The pre-activation bottleneck network of depth 9n+2. ``input_shape`` is (H, W, C)."""
    units, rest = divmod(depth - 2, 9)
    assert rest == 0 and units >= 1, depth
    inputs = keras.Input(input_shape)
    x = _norm_relu(_conv(inputs, 16, 3))
    for stage, (inner, outer) in enumerate(((16, 64), (64, 128), (128, 256))):
        for unit in range(units):
            stride = 2 if stage > 0 and unit == 0 else 1
            # The stem has just normalised and activated the input of the very first unit.
            branch = x if stage == 0 and unit == 0 else _norm_relu(x)
            branch = _norm_relu(_conv(branch, inner, 1, stride=stride))
            branch = _norm_relu(_conv(branch, inner, 3))
            branch = _conv(branch, outer, 1)
            shortcut = _conv(x, outer, 1, stride=stride) if unit == 0 else x
            x = layers.add([shortcut, branch])
    return keras.Model(inputs, _classifier(_norm_relu(x), classes))
