"""Weights of PyTorch in Keras' layouts, and back."""

import numpy as np
import pytest

from archcompile.torch_graph import CarriedWeight, to_keras, to_torch
from archcompile.torch_graph.stored import Flattened

HELD = Flattened((2, 3, 4), (1, 2, 0))  # (C, H, W) held as (H, W, C)
WEIGHTS = {
    "as_is": ((5,), (5,), {}),
    "scale": ((5, 1, 1), (5,), {"turn": "as_is"}),
    "conv": ((5, 3, 2, 4), (2, 4, 3, 5), {}),
    "depthwise": ((6, 1, 2, 4), (2, 4, 3, 2), {"multiplier": 2}),
    "transposed": ((3, 5, 2, 4), (2, 4, 5, 3), {}),
    "dense": ((5, 24), (24, 5), {}),
    "flattened": ((5, 24), (24, 5), {"turn": "dense", "flattened": HELD}),
    "pointwise": ((5, 3, 1, 1), (3, 5), {}),
    "slope": ((5,), (1, 1, 5), {}),
}


@pytest.mark.parametrize("name", WEIGHTS)
def test_there_and_back(name: str) -> None:
    shape, expected, settings = WEIGHTS[name]
    settings = {"turn": name, **settings}
    weight = CarriedWeight(layer=0, variable="kernel", tensor="w", shape=shape, **settings)
    values = np.arange(np.prod(shape), dtype=float).reshape(shape)
    turned = to_keras(weight, values)
    assert turned.shape == expected
    np.testing.assert_array_equal(to_torch(weight, turned), values)


def test_a_flattened_map_keeps_its_rows() -> None:
    weight = CarriedWeight(
        layer=0, variable="kernel", tensor="w", turn="dense", shape=(5, 24), flattened=HELD
    )
    rng = np.random.default_rng(0)
    x, kernel = rng.normal(size=(2, 2, 3, 4)), rng.normal(size=(5, 24))
    expected = x.reshape(2, -1) @ kernel.T
    held = x.transpose(0, 2, 3, 1).reshape(2, -1)
    np.testing.assert_allclose(held @ to_keras(weight, kernel), expected)


def test_a_depthwise_kernel_keeps_its_channels() -> None:
    """PyTorch's filter c * multiplier + m reads channel c."""
    weight = CarriedWeight(
        layer=0, variable="kernel", tensor="w", turn="depthwise", shape=(6, 1, 1, 1), multiplier=2
    )
    turned = to_keras(weight, np.arange(6.0).reshape(6, 1, 1, 1))
    np.testing.assert_array_equal(turned[0, 0], [[0, 1], [2, 3], [4, 5]])
