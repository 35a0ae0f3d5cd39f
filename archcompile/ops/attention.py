"""Attention: every position of a map, or every token, looks at all of them."""

from collections.abc import Mapping
from math import prod
from typing import Any, ClassVar

from pydantic import Field

from archcompile.errors import ShapeError
from archcompile.ops.base import (
    Count,
    KeptForBackward,
    Piece,
    Shape,
    Span,
    View,
    Weight,
    keras_call,
    shape_words,
    whole,
)
from archcompile.ops.conv import Projecting
from archcompile.ops.registry import op


@op
class Attention(Projecting):
    """Self-attention of several heads over all positions of a map, or over tokens: (H, W, C) to
    (H, W, units), (N, C) to (N, units). Vaswani et al. 2017, section 3.2.2.

    Keras' MultiHeadAttention of a tensor with itself: queries, keys and values are projected, the
    means of the values are projected once more. It knows nothing of where a position lies. `init`,
    `bias_init`, `l1` and `l2` hold for all four projections, which are two layers of depth.
    """

    kind: ClassVar[str] = "attention"
    role: ClassVar[str] = "dense"
    is_weighted: ClassVar[bool] = True
    layers_in_a_row: ClassVar[int] = 2
    unnamed: ClassVar[Mapping[str, Any]] = {}

    heads: Count = Field(description="Number of heads.", examples=[8])
    head_channels: Count | None = Field(
        default=None,
        description="Channels of a head's queries and keys; those of the input divided by `heads` "
        "unless given.",
        examples=[64],
    )
    value_channels: Count | None = Field(
        default=None,
        description="Channels of a head's values; `head_channels` unless given.",
        examples=[64],
    )
    units: Count | None = Field(
        default=None,
        description="Channels of the output; those of the input unless given.",
        examples=[512],
    )

    def shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        if len(shape) == 1:
            raise ShapeError(
                f"expected a map or tokens, got {shape_words(shape)}",
                hint="attention is between positions: put it before `flatten` or a global pool",
            )
        if self.head_channels is None and shape[-1] % self.heads:
            raise ShapeError(
                f"expected channels that {self.heads} heads divide, got {shape[-1]}",
                hint="say how many channels a head has: `head_channels`",
                attributes=("heads",),
            )
        return (*shape[:-1], self.units or shape[-1])

    def shortest(self, *inputs: Shape) -> "Attention":
        (shape,) = inputs
        of_keys, of_values = self._channels(shape)
        left_out = {
            "head_channels": of_keys * self.heads == shape[-1],
            "value_channels": of_values == of_keys,
            "units": self.units == shape[-1],
        }
        return self.model_copy(update={name: None for name, is_said in left_out.items() if is_said})

    def _channels(self, shape: Shape) -> tuple[int, int]:
        """Channels of a head: those of queries and keys, and those of values."""
        of_keys = self.head_channels or shape[-1] // self.heads
        return of_keys, self.value_channels or of_keys

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        (shape,) = inputs
        of_keys, of_values = self._channels(shape)
        units = self.units or shape[-1]
        weights = []
        for name, channels in (("query", of_keys), ("key", of_keys), ("value", of_values)):
            weights.append(Weight(f"{name}/kernel", (shape[-1], self.heads, channels)))
            weights.append(Weight(f"{name}/bias", (self.heads, channels)))
        weights.append(Weight("attention_output/kernel", (self.heads, of_values, units)))
        weights.append(Weight("attention_output/bias", (units,)))
        return tuple(weight for weight in weights if self.bias or weight.name.endswith("kernel"))

    def macs(self, *inputs: Shape) -> int:
        """Those of the four projections."""
        (shape,) = inputs
        positions = prod(shape[:-1])
        kernels = (w.shape for w in self.weights(shape) if w.name.endswith("kernel"))
        return positions * sum(map(prod, kernels))

    def attention_macs(self, *inputs: Shape) -> int:
        """Each query times each key, and each share times each value."""
        positions = prod(inputs[0][:-1])
        return positions**2 * self.heads * sum(self._channels(inputs[0]))

    def views(self, *inputs: Shape) -> tuple[View, ...]:
        return (whole(inputs[0]),)

    def kept_for_backward(self, *inputs: Shape) -> KeptForBackward:
        """Queries, keys, values and their means, and a share for each pair of positions.

        On a map Keras' softmax is over two axes: it holds the exponentials and their sums as well.
        """
        positions, channels = prod(inputs[0][:-1]), sum(self._channels(inputs[0]))
        shares = positions if len(inputs[0]) == 2 else 2 * positions + 1
        return KeptForBackward(inputs=True, values=self.heads * positions * (2 * channels + shares))

    @property
    def span(self) -> Span:
        return "free"

    def pieces(self, *inputs: Shape) -> tuple[Piece, ...]:
        (shape,) = inputs
        of_keys, of_values = self._channels(shape)
        settings: dict[str, Any] = {
            "num_heads": self.heads,
            "key_dim": of_keys,
            "value_dim": of_values if of_values != of_keys else None,
            "output_shape": self.units if self.units != shape[-1] else None,
            "use_bias": self.bias,
        }
        call = keras_call("layers.MultiHeadAttention", **settings, **self.weight_settings())
        return (Piece("", call, (0, 0)),)

    def label(self) -> str:
        return f"attention, {self.heads} head{'s' if self.heads > 1 else ''}"
