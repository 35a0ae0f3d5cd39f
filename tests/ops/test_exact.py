"""Ops that Keras lacks, or has under settings of its own, against numpy: at inference, in training,
and as source.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from archcompile.api import LayerGraph, compile_text

pytestmark = pytest.mark.keras

SHAPE = (3, 4, 6)  # height, width, channels


def net(step: str, shape: tuple[int, ...] = SHAPE) -> LayerGraph:
    before = "" if len(shape) == 3 else "global_avg_pool, "
    size = list(shape) if len(shape) == 3 else [1, 1, *shape]
    return compile_text(f"archc: 1\ninput: {size}\nhead: [{before}{step}]\n", file="tiny.yaml")


def images(count: int = 3, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=(count, *SHAPE)).astype("float32")


def from_source(graph: LayerGraph) -> Any:
    names: dict[str, Any] = {}
    exec(graph.to_source(), names)
    return names["model"]


def lrn(x: Any) -> Any:
    """Krizhevsky et al. 2012, section 3.3, written as the sum it is."""
    y = np.empty_like(x)
    for i in range(x.shape[-1]):
        near = x[..., max(0, i - 1) : min(x.shape[-1] - 1, i + 1) + 1]
        y[..., i] = x[..., i] / (2 + 0.3 * (near**2).sum(-1)) ** 0.75
    return y


def blur(x: Any, row: tuple[int, ...], *, before: int, after: int) -> Any:
    """Means over windows that a row of Pascal's triangle weighs along both axes; zeros around."""
    padded = np.pad(x, ((0, 0), (before, after), (before, after), (0, 0)))
    weights = np.outer(row, row) / sum(row) ** 2
    return sum(
        weight * padded[:, i : i + x.shape[1], j : j + x.shape[2]]
        for (i, j), weight in np.ndenumerate(weights)
    )


def group_norm(x: Any) -> Any:
    g = x.reshape(len(x), -1, 2, 3)
    return (
        (g - g.mean((1, 3), keepdims=True)) / np.sqrt(g.var((1, 3), keepdims=True) + 1e-3)
    ).reshape(x.shape)


# three rows as six
BETWEEN = np.array([[4, 0, 0], [3, 1, 0], [1, 3, 0], [0, 3, 1], [0, 1, 3], [0, 0, 4]]) / 4
MEAN, VARIANCE = np.arange(6.0), np.arange(1.0, 7.0)
EXACT: dict[str, Callable[[Any], Any]] = {  # the same in training
    "lrn: {size: 3, alpha: 0.3, beta: 0.75, bias: 2}": lrn,
    "pad_channels: {before: 1, after: 2}": lambda x: np.pad(x, ((0, 0), (0, 0), (0, 0), (1, 2))),
    "pad_channels: {after: 6}": lambda x: np.pad(x, ((0, 0), (0, 0), (0, 0), (0, 6))),
    "subsample: {stride: 2}": lambda x: x[:, ::2, ::2],
    "subsample: {stride: [3, 1]}": lambda x: x[:, ::3],
    "crop: {size: [1, 0, 0, 2]}": lambda x: x[:, 1:, :-2],
    "slice_channels: {start: 1, channels: 3}": lambda x: x[..., 1:4],
    "slice_channels: {start: 4, channels: 2}": lambda x: x[..., 4:],
    # of two groups the first, the second, the first …
    "shuffle_channels: {groups: 2}": lambda x: x[..., [0, 3, 1, 4, 2, 5]],
    "shuffle_channels: {groups: 3}": lambda x: x[..., [0, 2, 4, 1, 3, 5]],
    "permute: {axes: [width, channels, height]}": lambda x: x.transpose(0, 2, 3, 1),
    "depth_to_space: {size: [2, 1]}": lambda x: np.stack(
        [x[:, row // 2, :, row % 2 * 3 : row % 2 * 3 + 3] for row in range(6)], 1
    ),
    "depth_to_space: {size: [1, 3]}": lambda x: np.stack(
        [x[:, :, place // 3, place % 3 * 2 : place % 3 * 2 + 2] for place in range(12)], 2
    ),
    "space_to_depth: {size: [3, 2]}": lambda x: np.concatenate(
        [x[:, row::3, place::2] for row in range(3) for place in range(2)], -1
    ),
    "resize: {to: [5, 3], interpolation: nearest}": lambda x: x[:, [0, 0, 1, 2, 2]][
        :, :, [0, 2, 3]
    ],
    # between the middles of pixels, and as the outermost pixel beyond the last
    "resize: {to: [6, 2]}": lambda x: (
        (
            (BETWEEN @ x.reshape(len(x), 3, -1)).reshape(len(x), 6, 4, 6)[:, :, [0, 2]]
            + (BETWEEN @ x.reshape(len(x), 3, -1)).reshape(len(x), 6, 4, 6)[:, :, [1, 3]]
        )
        / 2
    ),
    "layer_scale: {value: 0.25}": lambda x: 0.25 * x,
    "prelu: {slope_init: 0.25}": lambda x: np.where(x > 0, x, 0.25 * x),
    "prelu: {slope_init: -1, shared: false}": np.abs,
    "layer_norm: {epsilon: 1e-6}": lambda x: (
        (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-6)
    ),
    "group_norm: {groups: 2}": group_norm,
    "dense: {units: 2, per: position, init: ones}": lambda x: np.repeat(
        x.sum(-1, keepdims=True), 2, -1
    ),
    "rms_norm: {epsilon: 1e-2}": lambda x: x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-2),
    "blur_pool": lambda x: blur(x, (1, 2, 1), before=1, after=1)[:, ::2, ::2],
    "blur_pool: {size: 4, stride: [1, 3]}": lambda x: blur(x, (1, 3, 3, 1), before=1, after=2)[
        :, :, ::3
    ],
    "normalize: {mean: [0, 1, 2, 3, 4, 5], variance: [1, 2, 3, 4, 5, 6]}": lambda x: (
        (x - MEAN) / np.sqrt(VARIANCE)
    ),
    "normalize": lambda x: x,  # mean 0 and variance 1 until told otherwise
    "rescale: {scale: -1, offset: 1}": lambda x: 1 - x,
}


@pytest.mark.parametrize("step", EXACT)
def test_against_numpy(step: str) -> None:
    graph = net(step if ":" not in step else "{" + step + "}")
    x = images()
    for model in (graph.to_keras(), from_source(graph)):
        for training in (False, True):
            np.testing.assert_allclose(
                model(x, training=training), EXACT[step](x), rtol=2e-6, atol=2e-6
            )
        assert model.layers[-1].name == list(graph.nodes)[-1]


def survivors(step: str) -> tuple[Any, Any]:
    """The factor by which training multiplies each of 64 images (one number an image), and
    inference's.
    """
    model = net("{" + step + "}").to_keras()
    x = images(64) ** 2 + 0.5  # nothing near 0, so that the factor can be read off
    trained = np.asarray(model(x, training=True)) / x
    assert np.ptp(trained, axis=(1, 2, 3)).max() < 1e-6, "an image is kept or dropped as a whole"
    return trained[:, 0, 0, 0], np.asarray(model(x, training=False)) / x


@pytest.mark.parametrize(
    ("scale_at", "kept", "inferred"), [("train", 1 / 0.6, 1), ("test", 1, 0.6)]
)
def test_drop_path(scale_at: str, kept: float, inferred: float) -> None:
    import keras

    keras.utils.set_random_seed(1)
    actual, at_test = survivors(f"drop_path: {{drop_rate: 0.4, scale_at: {scale_at}}}")
    assert set(np.round(actual, 5)) == {0, np.round(np.float32(kept), 5)}
    assert 0.2 < (actual == 0).mean() < 0.6
    np.testing.assert_allclose(at_test, inferred, rtol=1e-6)
    batches = [
        survivors(f"drop_path: {{drop_rate: 0.4, per: batch, scale_at: {scale_at}}}")[0]
        for _ in range(8)
    ]
    assert all(np.ptp(batch) < 1e-6 for batch in batches), "a batch is kept or dropped as a whole"
    assert len({float(np.round(batch[0], 5)) for batch in batches}) == 2


def test_drop_path_of_a_vector() -> None:
    model = net("{drop_path: {drop_rate: 0.5}}", (6,)).to_keras()
    x = np.ones((32, 1, 1, 6), "float32")
    rows = np.asarray(model(x, training=True))
    assert set(map(tuple, rows)) == {(0.0,) * 6, (2.0,) * 6}


def test_layer_scale_learns_a_factor_a_channel() -> None:
    for shape in (SHAPE, (6,)):
        layer = net("{layer_scale: {value: 1e-6}}", shape).to_keras().layers[-1]
        assert len(layer.trainable_weights) == 1
        layer.set_weights([np.arange(6.0)])
        y = layer(np.ones((2, *shape), "float32"))
        np.testing.assert_allclose(np.asarray(y)[0].reshape(-1, 6)[0], np.arange(6))


def test_separable_conv_is_a_depthwise_and_a_pointwise_conv() -> None:
    graph = net("{separable_conv: {filters: 5, kernel: 3, stride: 2, multiplier: 2}}", (5, 6, 4))
    parts = net(
        (
            "{depthwise_conv: {kernel: 3, stride: 2, multiplier: 2, bias: false}}, {conv: "
            "{filters: 5, kernel: 1}}"
        ),
        (5, 6, 4),
    )
    whole, split = graph.to_keras(), parts.to_keras()
    split.set_weights(whole.get_weights())
    x = np.random.default_rng(0).normal(size=(2, 5, 6, 4)).astype("float32")
    np.testing.assert_allclose(whole(x), split(x), rtol=1e-5, atol=1e-6)


def test_files_load_without_custom_objects(tmp_path: Any) -> None:
    import keras

    steps = (
        "lrn, lrn, {pad_channels: {after: 2}}, {layer_scale: {value: 0.5}}, "
        "{drop_path: {drop_rate: 0.2, scale_at: test}}, {normalize: {mean: [1, 1, 1, 1, 1, 1, 1, "
        "1], "
        "variance: [2, 2, 2, 2, 2, 2, 2, 2]}}, {group_norm: {groups: 4}}, layer_norm, "
        "{slice_channels: {start: 2, channels: 4}}, {shuffle_channels: {groups: 2}}, "
        "{permute: {axes: [width, height, channels]}}, "
        "{depth_to_space: {size: 2}}, {space_to_depth: {size: 2}}, {resize: {to: 5}}"
    )
    model = net(steps).to_keras()
    model.save(tmp_path / "net.keras")
    x = images()
    np.testing.assert_array_equal(keras.models.load_model(tmp_path / "net.keras")(x), model(x))


def test_a_step_may_be_called_like_a_piece() -> None:
    model = net("{rescale: {scale: 2, name: lrn1_squared}}, lrn").to_keras()
    x = images()
    np.testing.assert_array_equal(model.get_layer("head_lrn1_squared")(x), 2 * x)
