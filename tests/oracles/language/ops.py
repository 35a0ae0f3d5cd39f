"""The ops of docs/ops.md: attributes with their defaults and kinds, in one table."""

from collections.abc import Callable, Mapping
from typing import Any

from .errors import IllFormed
from .values import border, number, pair, text, truth, whole

REQUIRED = object()
ACTIVATIONS = (
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
)
GLOBAL_POOLS = ("global_avg_pool", "global_max_pool")  # of a map to a vector
MERGES = ("add", "subtract", "average", "maximum", "multiply", "concat")
INITS = (
    "he_normal",
    "he_uniform",
    "glorot_normal",
    "glorot_uniform",
    "lecun_normal",
    "lecun_uniform",
    "zeros",
    "ones",
    "orthogonal",
)
Kind = Callable[[Any], Any]


def one_of(*names: str) -> Kind:
    def check(value: Any) -> str:
        if value not in names:
            raise IllFormed(f"{value!r} is none of {names}")
        return text(value)

    return check


def at_least(least: int) -> Kind:
    return lambda value: whole(value, least)


def within(holds: Callable[[float], bool], what: str) -> Kind:
    def check(value: Any) -> float:
        if not holds(number(value)):
            raise IllFormed(f"{value!r} is not {what}")
        return number(value)

    return check


# The page does not print these bounds; archc tells them in its errors.
positive = within(lambda value: value > 0, "more than 0")
not_negative = within(lambda value: value >= 0, "at least 0")
rate = within(lambda value: 0 <= value < 1, "at least 0 and less than 1")
share = within(lambda value: 0 <= value <= 1, "at least 0 and at most 1")


def odd(value: Any) -> int:
    if whole(value, 1) % 2 == 0:
        raise IllFormed(f"{value!r} is not odd")
    return int(value)


def blur_size(value: Any) -> int:
    if not 3 <= whole(value, 3) <= 9:
        raise IllFormed(f"{value!r} is not 3 to 9")
    return int(value)


def maybe(kind: Kind) -> Kind:
    return lambda value: None if value is None else kind(value)


def list_of(kind: Kind) -> Kind:
    def check(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise IllFormed(f"{value!r} is not a list")
        return [kind(item) for item in value]

    return check


def initializer(value: Any) -> Any:
    if not isinstance(value, dict):
        return one_of(*INITS)(value)
    ((name, settings),) = value.items()
    if name == "variance_scaling":
        return {
            name: {
                "scale": positive(settings.get("scale", 1.0)),
                "mode": settings.get("mode", "fan_in"),
                "distribution": settings.get("distribution", "truncated_normal"),
            }
        }
    if name == "orthogonal":
        return {name: {"gain": positive(settings.get("gain", 1.0))}}
    key, kind = {
        "normal": ("std", positive),
        "truncated_normal": ("std", positive),
        "uniform": ("limit", positive),
        "constant": ("value", number),
    }[name]
    return {name: {key: kind(settings[key])}}


def layer_activation(value: Any) -> str | None:
    return None if value == "none" else str(one_of(*ACTIVATIONS)(value))


def padding(value: Any) -> Any:
    return value if value in ("same", "valid", "symmetric") else border(value)


def shape(value: Any) -> tuple[int, ...]:
    return tuple(list_of(at_least(1))(value))


def axes(value: Any) -> tuple[str, ...]:
    order = tuple(list_of(one_of("height", "width", "channels", "tokens"))(value))
    if sorted(order) not in (["channels", "height", "width"], ["channels", "tokens"]):
        raise IllFormed(f"{value!r} is no order of the axes")
    return order


WEIGHTED = {
    "bias": (truth, True),
    "init": (initializer, "glorot_uniform"),
    "bias_init": (number, 0.0),
    "l2": (not_negative, 0.0),
    "l1": (not_negative, 0.0),
    "activation": (maybe(layer_activation), None),
}
WINDOW = {
    "kernel": (pair, REQUIRED),
    "stride": (pair, (1, 1)),
    "padding": (padding, "same"),
    "dilation": (pair, (1, 1)),
}
SCALED = {
    "epsilon": (positive, 1e-3),
    "scale": (truth, True),
    "center": (truth, True),
    "gamma_init": (number, 1.0),
}
POOL = {
    "size": (pair, REQUIRED),
    "stride": (maybe(pair), None),
    "padding": (one_of("same", "valid"), "valid"),
}
FILTERS = {"filters": (at_least(1), REQUIRED)}
MULTIPLIER = {"multiplier": (at_least(1), 1)}

OPS: dict[str, dict[str, tuple[Kind, Any]]] = {
    "conv": {**WEIGHTED, **WINDOW, **FILTERS, "groups": (at_least(1), 1)},
    "depthwise_conv": {**WEIGHTED, **WINDOW, **MULTIPLIER},
    "separable_conv": {**WEIGHTED, **WINDOW, **FILTERS, **MULTIPLIER},
    "conv_transpose": {
        **WEIGHTED,
        **FILTERS,
        "kernel": (pair, REQUIRED),
        "stride": (pair, (1, 1)),
        "padding": (one_of("same", "valid"), "same"),
    },
    "dense": {
        **WEIGHTED,
        "units": (at_least(1), REQUIRED),
        "per": (maybe(one_of("position")), None),
    },
    "attention": {
        **{name: kind for name, kind in WEIGHTED.items() if name != "activation"},
        "heads": (at_least(1), REQUIRED),
        "head_channels": (maybe(at_least(1)), None),
        "value_channels": (maybe(at_least(1)), None),
        "units": (maybe(at_least(1)), None),
    },
    "tokens": {},
    "map": {"size": (maybe(pair), None)},
    "bn": {**SCALED, "momentum": (share, 0.99)},
    "layer_norm": SCALED,
    "group_norm": {**SCALED, "groups": (at_least(1), 32)},
    "rms_norm": {"epsilon": (positive, 1e-6)},
    "lrn": {
        "size": (odd, 5),
        "alpha": (positive, 1e-4),
        "beta": (positive, 0.75),
        "bias": (positive, 1.0),
    },
    "layer_scale": {"value": (number, REQUIRED)},
    "normalize": {
        "mean": (maybe(list_of(number)), None),
        "variance": (maybe(list_of(positive)), None),
    },
    **{name: {} for name in ACTIVATIONS},
    "leaky_relu": {"slope": (not_negative, 0.3)},
    "prelu": {"shared": (truth, True), "slope_init": (number, 0.0)},
    "activation": {"kind": (one_of(*ACTIVATIONS, "none"), REQUIRED)},
    "max_pool": POOL,
    "avg_pool": POOL,
    "blur_pool": {"size": (blur_size, 3), "stride": (pair, (2, 2))},
    "subsample": {"stride": (pair, REQUIRED)},
    **{pool: {"keep_dims": (truth, False)} for pool in GLOBAL_POOLS},
    **{name: {} for name in MERGES},
    "pad": {"size": (border, REQUIRED)},
    "crop": {"size": (border, REQUIRED)},
    "pad_channels": {"before": (at_least(0), 0), "after": (at_least(0), 0)},
    "flatten": {},
    "reshape": {"shape": (shape, REQUIRED)},
    "upsample": {
        "size": (pair, REQUIRED),
        "interpolation": (one_of("nearest", "bilinear"), "nearest"),
    },
    "resize": {
        "to": (pair, REQUIRED),
        "interpolation": (one_of("nearest", "bilinear"), "bilinear"),
    },
    "slice_channels": {"start": (at_least(0), 0), "channels": (at_least(1), REQUIRED)},
    "shuffle_channels": {"groups": (at_least(1), REQUIRED)},
    "permute": {"axes": (axes, REQUIRED)},
    "depth_to_space": {"size": (pair, REQUIRED)},
    "space_to_depth": {"size": (pair, REQUIRED)},
    "rescale": {"scale": (number, REQUIRED), "offset": (number, 0.0)},
    "dropout": {"rate": (rate, REQUIRED)},
    "drop_path": {
        "drop_rate": (rate, REQUIRED),
        "per": (one_of("sample", "batch"), "sample"),
        "scale_at": (one_of("train", "test"), "train"),
    },
}


def attributes(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """All attributes of an op, those that are not given with their defaults."""
    table = OPS[kind]
    for name in given:
        if name not in table:
            raise IllFormed(f"{kind} has no attribute {name!r}")
    values = {}
    for name, (check, default) in table.items():
        if name in given:
            values[name] = check(given[name])
        elif default is REQUIRED:
            raise IllFormed(f"{kind} needs {name!r}")
        else:
            values[name] = default
    if values.get("gamma_init", 1) != 1 and not values["scale"]:
        raise IllFormed(f"{kind} has no factors that could begin at {values['gamma_init']}")
    return values
