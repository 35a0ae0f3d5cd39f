"""Attribute values shared by ops: initialisers, activations, padding, groups; Keras' words."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    SerializerFunctionWrapHandler,
    Tag,
    model_serializer,
    model_validator,
)

from archcompile.errors import ShapeError
from archcompile.ops.base import Call, Shape, Span, as_list


class Attributes(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class VarianceScaling(Attributes):
    scale: Annotated[float, Field(gt=0)] = 1.0
    mode: Literal["fan_in", "fan_out", "fan_avg"] = "fan_in"
    distribution: Literal["truncated_normal", "untruncated_normal", "uniform"] = "truncated_normal"


class Normal(Attributes):
    std: Annotated[float, Field(gt=0)]


class Constant(Attributes):
    value: float


class Uniform(Attributes):
    limit: Annotated[float, Field(gt=0)]


class Orthogonal(Attributes):
    gain: Annotated[float, Field(gt=0)] = 1.0


class Drawn(Attributes):
    """An initialiser with settings: exactly one of these."""

    variance_scaling: VarianceScaling | None = None
    normal: Normal | None = None
    constant: Constant | None = None
    truncated_normal: Normal | None = None
    uniform: Uniform | None = None
    orthogonal: Orthogonal | None = None

    @property
    def chosen(self) -> tuple[str, ...]:
        """The names of those that are given."""
        return tuple(name for name in type(self).model_fields if getattr(self, name) is not None)

    @model_validator(mode="after")
    def _check_one(self) -> "Drawn":
        if len(self.chosen) != 1:
            raise ValueError(f"name exactly one of {DRAWN_WORDS}")
        return self

    @model_serializer(mode="wrap")
    def _leave_out_later(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Those that came later are named where they are given, so that older hashes stay."""
        return {
            name: value
            for name, value in dump(self).items()
            if name in FIRST_DRAWN or value is not None
        }


FIRST_DRAWN = ("variance_scaling", "normal", "constant")
DRAWN_WORDS = ", ".join(Drawn.model_fields)


InitName = Literal[
    "he_normal",
    "he_uniform",
    "glorot_normal",
    "glorot_uniform",
    "lecun_normal",
    "lecun_uniform",
    "zeros",
    "ones",
    "orthogonal",
]
Init = Annotated[
    Annotated[InitName, Tag("name")] | Annotated[Drawn, Tag("settings")],
    Discriminator(lambda value: "settings" if isinstance(value, dict | Drawn) else "name"),
]


def init_call(init: "InitName | Drawn") -> str | Call:
    """The Keras initialiser: its name, or a call."""
    if isinstance(init, str):
        return init
    if init.variance_scaling is not None:
        return Call("initializers.VarianceScaling", init.variance_scaling.model_dump())
    if init.normal is not None:
        return Call("initializers.RandomNormal", {"mean": 0.0, "stddev": init.normal.std})
    if init.truncated_normal is not None:
        settings = {"mean": 0.0, "stddev": init.truncated_normal.std}
        return Call("initializers.TruncatedNormal", settings)
    if init.uniform is not None:
        limit = init.uniform.limit
        return Call("initializers.RandomUniform", {"minval": -limit, "maxval": limit})
    if init.orthogonal is not None:
        return Call("initializers.Orthogonal", init.orthogonal.model_dump())
    assert init.constant is not None
    return Call("initializers.Constant", {"value": init.constant.value})


def constant_call(value: float) -> str | Call:
    """The Keras initialiser of equal weights: its name, or a call."""
    names = {0.0: "zeros", 1.0: "ones"}
    return names.get(value) or Call("initializers.Constant", {"value": value})


ACTIVATIONS = {  # ours -> Keras'
    "relu": "relu",
    "relu6": "relu6",
    "swish": "silu",
    "gelu": "gelu",
    "elu": "elu",
    "selu": "selu",
    "mish": "mish",
    "hard_swish": "hard_silu",
    "tanh": "tanh",
    "sigmoid": "sigmoid",
    "hard_sigmoid": "hard_sigmoid",
    "leaky_relu": "leaky_relu",
    "softmax": "softmax",
}
GATES = ("sigmoid", "hard_sigmoid")
SPANS: Mapping[str, Span] = {
    "relu": "half",
    "relu6": "interval",
    "swish": "half",
    "gelu": "half",
    "elu": "half",
    "selu": "half",
    "mish": "half",
    "hard_swish": "half",
    "tanh": "interval",
    "sigmoid": "sigmoid",
    "hard_sigmoid": "interval",
    "leaky_relu": "free",
    "softmax": "softmax",
}
ActivationName = Literal[
    "relu",
    "relu6",
    "swish",
    "gelu",
    "elu",
    "selu",
    "mish",
    "hard_swish",
    "tanh",
    "sigmoid",
    "hard_sigmoid",
    "leaky_relu",
    "softmax",
]


def _no_activation(value: str | None) -> str | None:
    return None if value == "none" else value


LayerActivation = Annotated[Literal[ActivationName, "none"] | None, AfterValidator(_no_activation)]
"""The activation inside a layer; `none` is the same as leaving it out."""

NonNegative = Annotated[int, Field(ge=0, le=10**6)]


def _sides(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        return (value,) * 4
    return as_list(value)


Sides = Annotated[
    tuple[NonNegative, NonNegative, NonNegative, NonNegative],
    BeforeValidator(_sides, json_schema_input_type=NonNegative | list[NonNegative]),
]
"""Zeros at top, bottom, left and right; one number stands for all four."""

ConvPadding = Annotated[
    Annotated[Literal["same", "valid", "symmetric"], Tag("word")] | Annotated[Sides, Tag("zeros")],
    Discriminator(lambda value: "word" if isinstance(value, str) else "zeros"),
]


def need_groups(shape: Shape, groups: int) -> Shape:
    """Raises ShapeError unless the channels can be parted into so many groups of one size."""
    if shape[-1] % groups:
        raise ShapeError(
            f"expected channels that {groups} groups divide, got {shape[-1]}",
            hint="set `groups` to a divisor of the channels",
            code="groups-do-not-divide",
            attributes=("groups",),
        )
    return shape
