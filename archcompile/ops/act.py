"""Activations as steps of their own."""

from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, Field

from archcompile.keras_defaults import CLASS_DEFAULTS, LEAKY_SLOPE
from archcompile.ops.base import Call, Op, Piece, Shape, Span, Weight, chain, keras_call
from archcompile.ops.registry import REGISTRY, op
from archcompile.ops.values import ACTIVATIONS, GATES, SPANS, ActivationName, constant_call

# What gradients hold that do not make do with the output; swish is worked out anew, the others are
# made of several ops.
KEEPS = {
    "swish": ("inputs",),
    "gelu": ("inner",) * 3,
    "hard_swish": ("inputs", "inner", "inner"),
    "mish": ("inputs", "inner"),
}


class Simple(Op):
    """An activation without settings."""

    role: ClassVar[str] = "act"
    keras_name: ClassVar[str]

    @property
    def is_gate(self) -> bool:
        return self.kind in GATES

    @property
    def span(self) -> Span:
        return SPANS[self.kind]

    def call(self) -> Call:
        return Call("layers.Activation", {"activation": self.keras_name})


for _kind, _keras_name in ACTIVATIONS.items():
    if _kind == "leaky_relu":  # which has a setting, below
        continue
    op(
        type(
            _kind.title().replace("_", ""),
            (Simple,),
            {
                "__doc__": f"The activation {_kind.replace('_', ' ')}.",
                "__module__": __name__,
                "__annotations__": {"kind": ClassVar[str], "keras_name": ClassVar[str]},
                "kind": _kind,
                "keras_name": _keras_name,
                "keeps": KEEPS.get(_kind, ("output",)),
            },
        )
    )


@op
class LeakyRelu(Op):
    """max(x, slope * x).

    Where it is named alone, as `activation: leaky_relu` in a layer or `kind: leaky_relu`, the slope
    is that of Keras' function, 0.2; this step has that of Keras' layer, 0.3.
    """

    kind: ClassVar[str] = "leaky_relu"
    role: ClassVar[str] = "act"
    keeps: ClassVar[tuple[str, ...]] = ("inputs",)

    slope: float = Field(
        default=CLASS_DEFAULTS["layers.LeakyReLU"]["negative_slope"],
        ge=0,
        description="Factor for values below zero.",
        examples=[0.3],
    )

    @property
    def span(self) -> Span | None:
        return None if self.slope else "half"

    def call(self) -> Call:
        return Call("layers.LeakyReLU", {"negative_slope": self.slope})


@op
class Prelu(Op):
    """x above zero, and x times a trained slope below (He et al. 2015, "Delving deep into
    rectifiers", section 2.1).
    """

    kind: ClassVar[str] = "prelu"
    role: ClassVar[str] = "act"
    keeps: ClassVar[tuple[str, ...]] = ("inner", "inner")  # what lies above zero, and below

    shared: bool = Field(
        default=True,
        description="Whether all pixels have one slope for each channel, or every value its own.",
        examples=[True],
    )
    slope_init: float = Field(
        default=0.0,
        description="Initial value of every slope. The paper has 0.25 (section 2.1).",
        examples=[0.25],
    )

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        *pixels, channels = inputs[0]
        return (Weight("alpha", (*(1 if self.shared else size for size in pixels), channels)),)

    def pieces(self, *inputs: Shape) -> tuple[Piece, ...]:
        axes = tuple(range(1, len(inputs[0]))) if self.shared else ()
        settings: dict[str, Any] = {"shared_axes": axes or None}
        if self.slope_init:
            settings["alpha_initializer"] = constant_call(self.slope_init)
        return chain(("", keras_call("layers.PReLU", **settings)))


@op
class Activation(Op):
    """The activation named by `kind`, which may be an argument of the block.

    `none` does nothing: the step stands for its input, as one whose `if` is false.
    """

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    kind: ClassVar[str] = "activation"
    role: ClassVar[str] = "act"
    keeps: ClassVar[tuple[str, ...]] = ("output",)

    function: Literal[ActivationName, "none"] = Field(
        alias="kind",
        description="The activation function; may be an argument of the block.",
        examples=["relu"],
    )

    def lower(self) -> tuple[Op, ...]:
        if self.function == "none":
            return ()
        if self.function == "leaky_relu":
            return (LeakyRelu(slope=LEAKY_SLOPE),)
        return (REGISTRY[self.function](),)
