"""Convolutions."""

from collections.abc import Mapping
from math import prod
from typing import Annotated, Any, ClassVar

from pydantic import Field

from archcompile.errors import ShapeError
from archcompile.keras_defaults import DEFAULTS
from archcompile.ops.base import (
    Call,
    Count,
    KeptForBackward,
    Op,
    Pair,
    Shape,
    Span,
    View,
    Weight,
    keras_call,
    need_map,
    scalar,
    stride_words,
    times,
)
from archcompile.ops.pad import Pad
from archcompile.ops.registry import REGISTRY, op
from archcompile.ops.values import (
    ACTIVATIONS,
    DRAWN_WORDS,
    GATES,
    SPANS,
    ConvPadding,
    Init,
    LayerActivation,
    init_call,
)
from archcompile.ops.windows import slide

Filters = Annotated[Count, Field(description="Number of output channels.", examples=[64])]
Multiplier = Annotated[Count, Field(description="Output channels per input channel.", examples=[1])]


class Projecting(Op):
    """What every op with kernels and biases has."""

    unnamed: ClassVar[Mapping[str, Any]] = {"l1": 0.0}

    bias: bool = Field(
        default=True,
        description="Whether a bias is added. A batch norm after the layer makes it superfluous.",
        examples=[False],
    )
    init: Init = Field(
        default=DEFAULTS["kernel_initializer"],
        description="The distribution of the kernel's initial weights: a name, or one of "
        f"{DRAWN_WORDS}.",
        examples=["he_normal"],
    )
    bias_init: float = Field(
        default=0.0, description="Initial value of every bias.", examples=[0.0]
    )
    l2: float = Field(
        default=0.0,
        ge=0,
        description="Adds l2 * sum(w**2) to the loss, without a half: twice the weight decay of "
        "most papers.",
        examples=[1e-4],
    )
    l1: float = Field(
        default=0.0,
        ge=0,
        description="Adds l1 * sum(abs(w)) to the loss.",
        examples=[1e-5],
    )

    def weight_settings(self, prefix: str = "kernel") -> dict[str, Any]:
        """The Keras arguments for initial values and penalties; `prefix` is the layer's word for
        its kernel.
        """
        settings: dict[str, Any] = {}
        if self.init != DEFAULTS["kernel_initializer"]:
            settings[f"{prefix}_initializer"] = init_call(self.init)
        if self.bias_init:
            settings["bias_initializer"] = Call("initializers.Constant", {"value": self.bias_init})
        if self.l1 or self.l2:
            strengths = {"l1": self.l1, "l2": self.l2}
            given = {name: value for name, value in strengths.items() if value}
            kind = "".join(given).upper()  # L1, L2, or L1L2
            settings[f"{prefix}_regularizer"] = Call(f"regularizers.{kind}", given)
        return settings


class Kernelled(Projecting):
    """What every op with a kernel, a bias and an activation has."""

    activation: LayerActivation = Field(
        default=None,
        description="Activation applied to the result, inside the same layer; `none` as if left "
        "out.",
        examples=["relu"],
    )

    @property
    def is_gate(self) -> bool:
        return self.activation in GATES

    @property
    def span(self) -> Span:
        return SPANS[self.activation] if self.activation else "free"

    def kept_for_backward(self, *inputs: Shape) -> KeptForBackward:
        """The inputs, and what the activation holds; its own input lies inside this op."""
        if self.activation is None:
            return KeptForBackward(inputs=True)
        shape = self.shape(*inputs)
        after = REGISTRY[self.activation]().kept_for_backward(shape)
        return KeptForBackward(
            inputs=True,
            output=after.output,
            values=after.values + (prod(shape) if after.inputs else 0),
        )

    def kernel_settings(self, prefix: str = "kernel") -> dict[str, Any]:
        """The Keras arguments for these attributes; `prefix` is the layer's word for its kernel."""
        settings: dict[str, Any] = {}
        if not self.bias:
            settings["use_bias"] = False
        if self.activation:
            settings["activation"] = ACTIVATIONS[self.activation]
        return settings | self.weight_settings(prefix)


class Windowed(Kernelled):
    """A kernel that slides over a map."""

    role: ClassVar[str] = "conv"
    is_weighted: ClassVar[bool] = True

    kernel: Pair = Field(description="Size of the window: n or [height, width].", examples=[3])
    stride: Pair = Field(
        default=(1, 1), description="Stride of the window: n or [height, width].", examples=[2]
    )
    padding: ConvPadding = Field(
        default="same",
        description="`same`, `valid`, `symmetric` (half the dilated kernel on each side), n zeros, "
        "or [top, bottom, left, right].",
        examples=["same"],
    )
    dilation: Pair = Field(
        default=(1, 1),
        description="Distance between the kernel's taps: n or [height, width].",
        examples=[2],
    )

    @property
    def reach(self) -> tuple[int, int]:
        """The kernel's extent with its holes."""
        (height, width), (down, across) = self.kernel, self.dilation
        return (height - 1) * down + 1, (width - 1) * across + 1

    def views(self, *inputs: Shape) -> tuple[View, ...]:
        return (View(self.reach, self.stride),)

    def lower(self) -> tuple[Op, ...]:
        """Zeros that `same` cannot express become a pad of their own in front."""
        if self.padding in ("same", "valid"):
            return (self,)
        if self.padding == "symmetric":  # half the kernel on each side, as Caffe and torch pad
            if self.stride == (1, 1) and all(n % 2 for n in self.reach):
                return (self.model_copy(update={"padding": "same"}),)
            top, left = self.reach[0] // 2, self.reach[1] // 2
            sides = (top, top, left, left)
        else:
            sides = self.padding  # type: ignore[assignment]
        bare = self.model_copy(update={"padding": "valid"})
        return (Pad(size=sides), bare) if any(sides) else (bare,)

    def extent(self, shape: Shape) -> tuple[int, int]:
        if self.stride != (1, 1) and self.dilation != (1, 1):
            raise ShapeError(
                f"{self.kind} cannot have both a stride and a dilation: Keras has no such layer",
                hint="set one of them to 1",
                code="out-of-range",
                attributes=("stride", "dilation"),
            )
        assert isinstance(self.padding, str)
        return slide(
            self.kind,
            need_map(shape),
            self.kernel,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
        )

    def need_one_stride(self) -> None:
        """Raises ShapeError unless both axes have one stride, as TensorFlow's kernel needs."""
        if self.stride[0] != self.stride[1]:
            raise ShapeError(
                f"expected one stride for both axes, got {times(self.stride)}",
                code="out-of-range",
                attributes=("stride",),
            )

    def window_settings(self) -> dict[str, Any]:
        return {
            "kernel_size": scalar(self.kernel),
            "strides": scalar(self.stride),
            "padding": self.padding,
            "dilation_rate": scalar(self.dilation),
        }


@op
class Conv(Windowed):
    """Convolution of a map: (H, W, C) to (H', W', filters)."""

    kind: ClassVar[str] = "conv"

    filters: Filters
    groups: Count = Field(
        default=1,
        description="Number of channel groups convolved separately; must divide channels and "
        "filters.",
        examples=[32],
    )

    def shape(self, *inputs: Shape) -> Shape:
        extent, channels = self.extent(inputs[0]), inputs[0][2]
        if channels % self.groups or self.filters % self.groups:
            raise ShapeError(
                f"expected channels and filters that {self.groups} groups divide, got {channels} "
                f"channels and {self.filters} filters",
                hint="both must be multiples of `groups`",
                code="groups-do-not-divide",
                attributes=("groups", "filters"),
            )
        return (*extent, self.filters)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        kernel = Weight("kernel", (*self.kernel, inputs[0][2] // self.groups, self.filters))
        return (kernel, Weight("bias", (self.filters,))) if self.bias else (kernel,)

    def macs(self, *inputs: Shape) -> int:
        height, width, filters = self.shape(*inputs)
        channels = inputs[0][2] // self.groups
        return height * width * filters * prod(self.kernel) * channels

    def call(self) -> Call:
        return keras_call(
            "layers.Conv2D",
            filters=self.filters,
            **self.window_settings(),
            groups=self.groups,
            **self.kernel_settings(),
        )

    def label(self) -> str:
        steps = stride_words(self.stride, self.dilation)
        groups = f", {self.groups} groups" if self.groups > 1 else ""
        return f"{times(self.kernel)} conv, {self.filters}{steps}{groups}"


@op
class DepthwiseConv(Windowed):
    """Each channel convolved on its own: (H, W, C) to (H', W', C * multiplier)."""

    kind: ClassVar[str] = "depthwise_conv"

    multiplier: Multiplier = 1

    def shape(self, *inputs: Shape) -> Shape:
        self.need_one_stride()
        return (*self.extent(inputs[0]), inputs[0][2] * self.multiplier)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        channels = inputs[0][2]
        kernel = Weight("kernel", (*self.kernel, channels, self.multiplier))
        return (kernel, Weight("bias", (channels * self.multiplier,))) if self.bias else (kernel,)

    def macs(self, *inputs: Shape) -> int:
        height, width, channels = self.shape(*inputs)
        return height * width * channels * self.kernel[0] * self.kernel[1]

    def call(self) -> Call:
        return keras_call(
            "layers.DepthwiseConv2D",
            **self.window_settings(),
            depth_multiplier=self.multiplier,
            **self.kernel_settings("depthwise"),
        )

    def label(self) -> str:
        return f"{times(self.kernel)} depthwise{stride_words(self.stride, self.dilation)}"


@op
class SeparableConv(Windowed):
    """A depthwise convolution and a 1x1 convolution, one layer of depth: (H, W, C) to (H', W',
    filters).

    Chollet 2017, section 3. `init`, `l1` and `l2` hold for both kernels; there is nothing in
    between.
    """

    kind: ClassVar[str] = "separable_conv"

    filters: Filters
    multiplier: Multiplier = 1

    def shape(self, *inputs: Shape) -> Shape:
        self.need_one_stride()
        return (*self.extent(inputs[0]), self.filters)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        channels = inputs[0][2]
        kernels = (
            Weight("depthwise_kernel", (*self.kernel, channels, self.multiplier)),
            Weight("pointwise_kernel", (1, 1, channels * self.multiplier, self.filters)),
        )
        return (*kernels, Weight("bias", (self.filters,))) if self.bias else kernels

    def macs(self, *inputs: Shape) -> int:
        height, width, filters = self.shape(*inputs)
        channels = inputs[0][2] * self.multiplier
        return height * width * channels * (prod(self.kernel) + filters)

    def kept_for_backward(self, *inputs: Shape) -> KeptForBackward:
        """As any convolution, and what lies between the two."""
        outer = super().kept_for_backward(*inputs)
        between = prod(self.shape(*inputs)[:2]) * inputs[0][2] * self.multiplier
        return KeptForBackward(
            inputs=outer.inputs, output=outer.output, values=outer.values + between
        )

    def call(self) -> Call:
        kernels = self.kernel_settings("depthwise") | self.kernel_settings("pointwise")
        return keras_call(
            "layers.SeparableConv2D",
            filters=self.filters,
            **self.window_settings(),
            depth_multiplier=self.multiplier,
            **kernels,
        )

    def label(self) -> str:
        steps = stride_words(self.stride, self.dilation)
        return f"{times(self.kernel)} separable, {self.filters}{steps}"
