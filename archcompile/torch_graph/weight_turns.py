"""How a weight of PyTorch lies as Keras' weight, and back."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from archcompile.torch_graph.stored import Flattened

if TYPE_CHECKING:
    import numpy as np

TurnKind = Literal["as_is", "conv", "depthwise", "transposed", "dense", "pointwise", "slope"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedWeight:
    """Keras' variable `variable` of a layer, which PyTorch's state dict calls `tensor`.

    `turn` says how it lies: `conv` (out, in, H, W) is (H, W, in, out) in Keras, `depthwise`
    (in * multiplier, 1, H, W) is (H, W, in, multiplier), `transposed` (in, out, H, W) is (H, W,
    out, in), `dense` (out, in) and `pointwise` (out, in, 1, 1) are (in, out), `slope`
    (channels,) is (1, 1, channels). `flattened` says in
    which order the entries of the map came that a dense layer reads. `shape` is PyTorch's;
    `multiplier` is a depthwise layer's.
    """

    layer: int
    variable: str
    tensor: str
    turn: TurnKind
    shape: tuple[int, ...]
    flattened: Flattened | None = None
    multiplier: int = 1


def to_torch(weight: CarriedWeight, values: "np.ndarray") -> "np.ndarray":
    """Keras' values as PyTorch's."""
    if weight.turn in ("conv", "transposed"):
        return values.transpose(3, 2, 0, 1)
    if weight.turn == "depthwise":
        return values.transpose(2, 3, 0, 1).reshape(weight.shape)
    if weight.turn == "dense":
        return _as_in_torch(values, weight.flattened).T
    if weight.turn == "pointwise":
        return values.T[:, :, None, None]
    return values.reshape(weight.shape)


def to_keras(weight: CarriedWeight, values: "np.ndarray") -> "np.ndarray":
    """PyTorch's values as Keras'."""
    if weight.turn in ("conv", "transposed"):
        return values.transpose(2, 3, 1, 0)
    if weight.turn == "depthwise":
        channels, _, height, width = values.shape
        inputs = channels // weight.multiplier
        return values.reshape(inputs, -1, height, width).transpose(2, 3, 0, 1)
    if weight.turn == "dense":
        return _as_in_keras(values.T, weight.flattened)
    if weight.turn == "pointwise":
        return values[:, :, 0, 0].T
    if weight.turn == "slope":
        return values.reshape(1, 1, -1)
    return values.reshape(-1)


def _as_in_torch(kernel: "np.ndarray", flattened: Flattened | None) -> "np.ndarray":
    """A kernel (in, out) with its rows in the order of PyTorch's flattened map."""
    if flattened is None:
        return kernel
    held = tuple(flattened.shape[axis] for axis in flattened.order)
    back = tuple(flattened.order.index(axis) for axis in range(len(held)))
    turned = kernel.reshape(*held, -1).transpose(*back, len(held))
    return turned.reshape(kernel.shape)


def _as_in_keras(kernel: "np.ndarray", flattened: Flattened | None) -> "np.ndarray":
    """A kernel (in, out) with its rows in the order in which the map was held."""
    if flattened is None:
        return kernel
    turned = kernel.reshape(*flattened.shape, -1)
    return turned.transpose(*flattened.order, len(flattened.shape)).reshape(kernel.shape)
