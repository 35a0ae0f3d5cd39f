"""What no spec can say is named, with the reason."""

from collections.abc import Callable
from typing import Any

import pytest

from archcompile.importer.inexpressible import Inexpressible
from archcompile.importer.translation import translate
from archcompile.quiet import load_keras
from tests.importer.test_translate import read_built

pytestmark = pytest.mark.keras

#  layers that no spec can express -> the name that must be told, and words of the reason
UNSAID: dict[str, tuple[Callable[[Any, Any, Any], Any], str, str]] = {
    "an unknown layer": (
        lambda k, L, x: L.GaussianNoise(0.1, name="noise")(x),
        "noise",
        "is a GaussianNoise: stock, but archc has no op for it",
    ),
    "a constraint": (
        lambda k, L, x: L.Conv2D(3, 3, kernel_constraint="max_norm", name="c")(x),
        "c",
        "kernel_constraint",
    ),
    "another penalty": (
        lambda k, L, x: L.Conv2D(
            3, 3, kernel_regularizer=k.regularizers.OrthogonalRegularizer(), name="c"
        )(x),
        "c",
        "kernel_regularizer is neither L1 nor L2",
    ),
    "a bias that decays": (
        lambda k, L, x: L.Conv2D(3, 3, bias_regularizer="l2", name="c")(x),
        "c",
        "bias_regularizer",
    ),
    "a frozen layer": (
        lambda k, L, x: L.Conv2D(3, 3, trainable=False, name="c")(x),
        "c",
        "trainable=False",
    ),
    "another precision": (
        lambda k, L, x: L.Conv2D(3, 3, dtype="float16", name="c")(x),
        "c",
        "dtype='float16'",
    ),
    "another initialiser": (
        lambda k, L, x: L.Conv2D(
            3, 3, kernel_initializer=k.initializers.RandomUniform(-0.1, 0.2), name="c"
        )(x),
        "c",
        "'RandomUniform'",
    ),
    "a seed": (
        lambda k, L, x: L.Conv2D(
            3, 3, kernel_initializer=k.initializers.HeNormal(seed=3), name="c"
        )(x),
        "c",
        "seed",
    ),
    "slopes shared along rows": (
        lambda k, L, x: L.PReLU(shared_axes=[2], name="p")(x),
        "p",
        "shared_axes=(2,)",
    ),
    "an activation": (lambda k, L, x: L.Activation("celu", name="a")(x), "a", "'celu'"),
    "bn over rows": (lambda k, L, x: L.BatchNormalization(axis=1, name="n")(x), "n", "axis=1"),
    "channels first": (
        lambda k, L, x: L.MaxPooling2D(2, data_format="channels_first", name="p")(x),
        "p",
        "channels_first",
    ),
    "an operator": (lambda k, L, x: k.layers.ReLU()(x) + x, "add", "--level canonical takes it"),
    "a broadcast": (
        lambda k, L, x: L.Add(name="sum")([x, L.GlobalAveragePooling2D(keepdims=True)(x)]),
        "sum",
        "equal shapes",
    ),
    "nothing": (lambda k, L, x: L.Identity(name="i")(x), "i", "does nothing"),
    "an open size": (lambda k, L, x: L.Reshape((-1,), name="r")(x), "r", "leaves a size open"),
    "training fixed": (
        lambda k, L, x: L.Dropout(0.5, name="mc")(x, training=True),
        "mc",
        "training=True",
    ),
}


@pytest.mark.parametrize("name", UNSAID)
def test_what_no_spec_can_say_is_named(name: str) -> None:
    build, layer, words = UNSAID[name]
    load_keras().utils.clear_session()  # Keras counts the names that it gives
    with pytest.raises(Inexpressible) as caught:
        translate(read_built(build), "m")
    reasons = dict(caught.value.layers)
    assert set(reasons) == {layer} and words in reasons[layer], reasons
    assert caught.value.exit_code == 2


def test_all_such_layers_are_told_at_once() -> None:
    net = read_built(
        lambda k, L, x: L.GaussianNoise(0.1, name="t")(
            L.Conv2D(4, 1, trainable=False, name="c")(L.ELU(name="e")(x))
        )
    )
    with pytest.raises(Inexpressible) as caught:
        translate(net, "m")
    assert [name for name, _ in caught.value.layers] == ["e", "c", "t"]


def test_layers_behind_one_that_does_not_fit_are_told_too() -> None:
    """Sums of maps with one channel, which Keras stretches."""

    def sums(keras: Any, layers: Any, x: Any) -> Any:
        shift = layers.Conv2D(1, 1)(x)
        return layers.Add(name="second")([layers.Add(name="first")([x, shift]), shift])

    with pytest.raises(Inexpressible) as caught:
        translate(read_built(sums), "m")
    assert [name for name, _ in caught.value.layers] == ["first", "second"]
