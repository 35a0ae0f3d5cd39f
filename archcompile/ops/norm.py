"""Normalisation."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, field_validator, model_validator

from archcompile.errors import ShapeError
from archcompile.keras_defaults import CLASS_DEFAULTS, DEFAULTS
from archcompile.ops.base import (
    Call,
    Count,
    Op,
    Piece,
    Shape,
    Weight,
    chain,
    keras_call,
    list_as_tuple,
    need_map,
)
from archcompile.ops.registry import op
from archcompile.ops.values import constant_call, need_groups

Epsilon = Annotated[
    float,
    Field(
        gt=0,
        description="Added to the variance, against division by zero.",
        examples=[1e-3],
    ),
]
Scaled = Annotated[
    bool, Field(description="Whether a factor is learned for each channel.", examples=[True])
]
Centred = Annotated[
    bool, Field(description="Whether an offset is learned for each channel.", examples=[True])
]


GammaInit = Annotated[
    float,
    Field(
        description="Initial value of every factor; 0 for the last norm of a residual unit (Goyal "
        "et al. 2017, section 5.1).",
        examples=[0.0],
    ),
]


class Affine(Op):
    """A norm that may learn a factor and an offset for each channel."""

    role: ClassVar[str] = "norm"
    keeps: ClassVar[tuple[str, ...]] = ("inputs",)
    unnamed: ClassVar[Mapping[str, Any]] = {"gamma_init": 1.0}
    layer: ClassVar[str]

    epsilon: Epsilon = DEFAULTS["epsilon"]
    scale: Scaled = True
    center: Centred = True
    gamma_init: GammaInit = 1.0

    @model_validator(mode="after")
    def _check_factors(self) -> "Affine":
        if self.gamma_init != 1 and not self.scale:
            raise ValueError("`gamma_init` is of factors, and `scale: false` leaves them out")
        return self

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        channels = inputs[0][-1:]
        gamma = (Weight("gamma", channels),) if self.scale else ()
        return (*gamma, Weight("beta", channels)) if self.center else gamma

    def affine_settings(self) -> dict[str, Any]:
        """The Keras arguments for these attributes."""
        return {
            "epsilon": self.epsilon,
            "scale": self.scale,
            "center": self.center,
            "gamma_initializer": constant_call(self.gamma_init),
        }

    def call(self) -> Call:
        return keras_call(self.layer, **self.affine_settings())


@op
class BatchNorm(Affine):
    """Batch normalisation over all axes but the last (Ioffe and Szegedy 2015); the defaults are
    Keras'.
    """

    kind: ClassVar[str] = "bn"
    layer: ClassVar[str] = "layers.BatchNormalization"

    momentum: float = Field(
        default=DEFAULTS["momentum"],
        ge=0,
        le=1,
        description="Fraction of the moving mean and variance kept at each training step.",
        examples=[0.9],
    )

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        channels = inputs[0][-1:]
        return (
            *super().weights(*inputs),
            Weight("moving_mean", channels, trainable=False),
            Weight("moving_variance", channels, trainable=False),
        )

    def call(self) -> Call:
        return keras_call(self.layer, momentum=self.momentum, **self.affine_settings())

    def label(self) -> str:
        return "batch norm"


@op
class LayerNorm(Affine):
    """Normalisation over the channels of each pixel (Ba et al. 2016; over channels alone as in Liu
    et al. 2022).
    """

    kind: ClassVar[str] = "layer_norm"
    # Keras multiplies the factors first, at full size
    keeps: ClassVar[tuple[str, ...]] = ("inputs", "inner")
    layer: ClassVar[str] = "layers.LayerNormalization"


@op
class GroupNorm(Affine):
    """Normalisation over each group of channels of an image (Wu and He 2018). With as many groups
    as channels it is instance norm.
    """

    kind: ClassVar[str] = "group_norm"
    layer: ClassVar[str] = "layers.GroupNormalization"

    groups: Count = Field(
        default=CLASS_DEFAULTS[layer]["groups"],
        description="Number of channel groups normalised separately; must divide the channels.",
        examples=[32],
    )

    def shape(self, *inputs: Shape) -> Shape:
        return need_groups(inputs[0], self.groups)

    def call(self) -> Call:
        return Call(self.layer, {"groups": self.groups, **super().call().kwargs})


@op
class RmsNorm(Op):
    """Each channel over the root of the mean square of its pixel's channels, times a trained factor
    (Zhang and Sennrich 2019, section 3).
    """

    kind: ClassVar[str] = "rms_norm"
    role: ClassVar[str] = "norm"
    keeps: ClassVar[tuple[str, ...]] = ("inputs", "inner")
    layer: ClassVar[str] = "layers.RMSNormalization"

    epsilon: float = Field(
        default=CLASS_DEFAULTS[layer]["epsilon"],
        gt=0,
        description="Added to the mean square, against division by zero.",
        examples=[1e-6],
    )

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        return (Weight("scale", inputs[0][-1:]),)

    def call(self) -> Call:
        return keras_call(self.layer, epsilon=self.epsilon)


@op
class LocalResponseNorm(Op):
    """x / (bias + alpha * sum of x**2 over `size` neighbouring channels) ** beta (Krizhevsky et al.
    2012, section 3.3).

    As in the paper, alpha multiplies the sum. Caffe and torch multiply the mean: their alpha is
    `size` times ours.
    """

    kind: ClassVar[str] = "lrn"
    role: ClassVar[str] = "norm"
    keeps: ClassVar[tuple[str, ...]] = ("inputs", "inner", "inner")  # the sum, and its power

    size: Count = Field(
        default=5,
        description="Number of neighbouring channels summed, centred on this one; odd.",
        examples=[5],
    )
    alpha: float = Field(
        default=1e-4, gt=0, description="Factor of the sum of squares.", examples=[1e-4]
    )
    beta: float = Field(default=0.75, gt=0, description="The exponent.", examples=[0.75])
    bias: float = Field(
        default=1.0, gt=0, description="Added to the sum of squares.", examples=[1.0]
    )

    @field_validator("size")
    @classmethod
    def _check_odd(cls, size: int) -> int:
        if size % 2 == 0:
            raise ValueError(f"expected an odd window, which has a middle, got {size}")
        return size

    def shape(self, *inputs: Shape) -> Shape:
        return need_map(inputs[0])

    def pieces(self, *inputs: Shape) -> tuple[Piece, ...]:
        """The sum is an average pool along the channels, laid out as the width of a map."""
        height, width, channels = inputs[0]
        beside = self.size // 2
        return (
            Piece("squared", Call("layers.Multiply", {}), (0, 0)),
            Piece(
                "laid_out",
                Call("layers.Reshape", {"target_shape": (height * width, channels, 1)}),
                ("squared",),
            ),
            Piece(
                "padded",
                Call("layers.ZeroPadding2D", {"padding": ((0, 0), (beside, beside))}),
                ("laid_out",),
            ),
            Piece(
                "mean",
                Call("layers.AveragePooling2D", {"pool_size": (1, self.size), "strides": 1}),
                ("padded",),
            ),
            Piece(
                "scaled",
                Call("layers.Rescaling", {"scale": self.alpha * self.size, "offset": self.bias}),
                ("mean",),
            ),
            Piece("factor", Call("ops.power", {"x2": -self.beta}), ("scaled",)),
            Piece("shaped", Call("layers.Reshape", {"target_shape": inputs[0]}), ("factor",)),
            Piece("", Call("layers.Multiply", {}), (0, "shaped")),
        )

    def label(self) -> str:
        return "local response norm"


@op
class LayerScale(Op):
    """Each channel times a trainable factor that starts at `value` (Touvron et al. 2021, section
    2).
    """

    kind: ClassVar[str] = "layer_scale"
    role: ClassVar[str] = "norm"
    keeps: ClassVar[tuple[str, ...]] = ("inputs",)

    value: float = Field(description="Initial factor of every channel.", examples=[1e-6])

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        return (Weight("gamma", inputs[0][-1:]),)

    def pieces(self, *inputs: Shape) -> tuple[Piece, ...]:
        axes = "abcd"[: len(inputs[0]) + 1]
        start = Call("initializers.Constant", {"value": self.value})
        settings = {
            "equation": f"{axes},{axes[-1]}->{axes}",
            "output_shape": inputs[0],
            "kernel_initializer": start,
        }
        return chain(("", Call("layers.EinsumDense", settings)))


Above0 = Annotated[float, Field(gt=0)]
Numbers = Annotated[
    tuple[float, ...], BeforeValidator(list_as_tuple, json_schema_input_type=list[float])
]
Positive = Annotated[
    tuple[Above0, ...], BeforeValidator(list_as_tuple, json_schema_input_type=list[Above0])
]


@op
class Normalize(Op):
    """(x - mean) / sqrt(variance) of each channel, with values that training never changes.

    Either both are given, one number per channel, or neither: then they are weights, to be adapted
    to data or loaded, with the number of examples they come from beside them.
    """

    kind: ClassVar[str] = "normalize"
    role: ClassVar[str] = "norm"

    mean: Numbers | None = Field(
        default=None,
        description="One number per channel; give `variance` too, or neither.",
        examples=[[0.485, 0.456, 0.406]],
    )
    variance: Positive | None = Field(
        default=None,
        description="One number per channel; give `mean` too, or neither.",
        examples=[[0.0524, 0.0502, 0.0506]],
    )

    @model_validator(mode="after")
    def _check_both(self) -> "Normalize":
        if (self.mean is None) != (self.variance is None):
            raise ValueError("give both mean and variance, or neither")
        return self

    def shape(self, *inputs: Shape) -> Shape:
        channels = inputs[0][-1]
        for name, values in (("mean", self.mean), ("variance", self.variance)):
            if values is not None and len(values) != channels:
                raise ShapeError(
                    f"normalize has {len(values)} values of {name} for {channels} channels",
                    attributes=(name,),
                )
        return inputs[0]

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        if self.mean is not None:
            return ()
        channels = inputs[0][-1:]
        return (
            Weight("mean", channels, trainable=False),
            Weight("variance", channels, trainable=False),
            Weight("count", (), trainable=False),
        )

    def call(self) -> Call:
        return keras_call(
            "layers.Normalization",
            mean=self.mean and list(self.mean),
            variance=self.variance and list(self.variance),
        )
