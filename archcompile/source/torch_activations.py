"""Activations in PyTorch, by the names that ops have for them."""

from collections.abc import Mapping

from archcompile.keras_defaults import LEAKY_SLOPE
from archcompile.ops import Shape
from archcompile.source.torch_pieces import TorchPiece, channel_axis, function

ACTIVATIONS: Mapping[str, str] = {
    "relu": "F.relu(*)",
    "relu6": "F.relu6(*)",
    "swish": "F.silu(*)",
    "gelu": "F.gelu(*)",  # the exact one, by erf, as in Keras
    "elu": "F.elu(*)",
    "selu": "F.selu(*)",
    "mish": "F.mish(*)",
    "hard_swish": "F.hardswish(*)",
    "tanh": "torch.tanh(*)",
    "sigmoid": "torch.sigmoid(*)",
    "hard_sigmoid": "F.hardsigmoid(*)",
    "leaky_relu": f"F.leaky_relu(*, {LEAKY_SLOPE})",
    "softmax": "F.softmax(*, AXIS)",
}


def activation_text(name: str, shape: Shape) -> str:
    """The function of an activation of something of this shape."""
    return ACTIVATIONS[name].replace("AXIS", str(channel_axis(shape)))


def with_activation(
    pieces: tuple[TorchPiece, ...], activation: str | None, shape: Shape
) -> tuple[TorchPiece, ...]:
    """A layer, and behind it the activation that it has inside in Keras."""
    if activation is None:
        return pieces
    last = pieces[-1].suffix
    return (*pieces, function(activation_text(activation, shape), last, suffix=activation))
