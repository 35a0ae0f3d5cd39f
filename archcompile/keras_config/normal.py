"""Settings of Keras layers in one spelling: what means the same reads the same.

Names, and defaults of no effect, are left out.
"""

from collections.abc import Mapping
from struct import pack, unpack
from typing import Any

from archcompile.errors import visible
from archcompile.keras_config.net import UnknownLayers
from archcompile.keras_config.stock import ACTIVATIONS, OBJECT_MODULES
from archcompile.keras_defaults import LEAKY_SLOPE

NOISE = ("name", "quantization_config", "lora_rank", "lora_alpha", "shared_object_id")

# (scale, mode, distribution) of VarianceScaling, as keras.initializers defines the classes with
# names of their own.
SCALINGS = {
    (2, "fan_in", "truncated_normal"): "HeNormal",
    (2, "fan_in", "uniform"): "HeUniform",
    (1, "fan_avg", "truncated_normal"): "GlorotNormal",
    (1, "fan_avg", "uniform"): "GlorotUniform",
    (1, "fan_in", "truncated_normal"): "LecunNormal",
    (1, "fan_in", "uniform"): "LecunUniform",
}
CONSTANTS = {0: "Zeros", 1: "Ones"}
EACH_CHANNEL = "...a,a->...a"  # what an EinsumDense of one weight a channel computes
ALIASES = {"swish": "silu", "hard_swish": "hard_silu"}  # activations of two names
# ReLU as a layer, (max_value, negative_slope, threshold), that an activation says as well
RELUS: dict[tuple[Any, ...], str] = {(None, 0, 0): "relu", (6, 0, 0): "relu6"}


def normalise(class_name: str, config: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The class and the settings, flat.

    Raises UnknownLayers for an object inside that is not stock Keras.
    """
    flat: dict[str, Any] = {}
    for key in sorted(config.keys() - set(NOISE)):
        flat |= _entry(key, config[key])
    if class_name == "InputLayer":
        shape = flat.pop("batch_shape", None) or flat.pop("batch_input_shape", None) or (None,)
        return class_name, {"shape": shape[1:], "dtype": flat.get("dtype")}
    if class_name == "EinsumDense":
        return class_name, flat | _scale_of_channels(flat)
    if class_name == "Normalization" and flat.get("dtype") != "float64":
        statistics = {key: flat[key] for key in ("mean", "variance") if key in flat}
        return class_name, flat | {key: _in_32_bits(value) for key, value in statistics.items()}
    return _activation_layer(class_name, flat)


def _scale_of_channels(flat: dict[str, Any]) -> dict[str, Any]:
    """The equation of a weight for each channel in one spelling for tensors of any rank."""
    values, _, rest = str(flat.get("equation")).partition(",")
    kernel, _, result = rest.partition("->")
    shape = flat.get("output_shape")
    channels = shape[-1] if isinstance(shape, tuple) and shape else shape
    is_scale = values == result and len(kernel) == 1 and values.endswith(kernel)
    if not is_scale or values.count(kernel) > 1:
        return {}
    return {"equation": EACH_CHANNEL, "output_shape": (channels,)}


def _activation_layer(class_name: str, flat: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    if class_name == "ReLU" and _is_leaky(flat):
        return "LeakyReLU", _without(flat, ("max_value", "threshold"))
    if class_name == "ReLU":
        name = RELUS.get((flat.get("max_value"), flat.get("negative_slope"), flat.get("threshold")))
        consumed: tuple[str, ...] = ("max_value", "negative_slope", "threshold")
    elif class_name == "Softmax":
        name = "softmax" if flat.get("axis") == -1 else None
        consumed = ("axis",)
    elif class_name == "LeakyReLU":
        name = "leaky_relu" if flat.get("negative_slope") == LEAKY_SLOPE else None
        consumed = ("negative_slope",)
    else:
        return class_name, flat
    if name is None:
        return class_name, flat
    return "Activation", {"activation": name} | _without(flat, consumed)


def _is_leaky(flat: dict[str, Any]) -> bool:
    """Whether a ReLU has a slope below zero, and nothing else that the plain one has not."""
    bounds = (flat.get("max_value"), flat.get("threshold"))
    return bool(flat.get("negative_slope")) and bounds == (None, 0)


def _without(flat: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: value for key, value in flat.items() if key not in keys}


def _entry(key: str, value: Any) -> dict[str, Any]:
    """One setting as flat settings; an object is its class, with its own settings behind dots."""
    if not isinstance(value, Mapping):
        if _holds_objects(value):
            raise UnknownLayers(f"an object in the list `{key}`")
        return {key: _function(key, value)} if _names_function(key, value) else {key: plain(value)}
    if _is_lambda(key, value):
        raise UnknownLayers(f"a lambda as `{key}`")
    if "class_name" not in value:
        return {
            f"{key}.{name}": entry
            for inner in sorted(value)
            for name, entry in _entry(inner, value[inner]).items()
        }
    if value["class_name"] == "__tuple__":
        return _entry(key, list(value.get("items", ())))
    if value["class_name"] == "function" and isinstance(value.get("config"), str):
        return {key: _function(key, value["config"])}
    name, config = value["class_name"], value.get("config") or {}
    if value.get("module") == "keras" and name == "DTypePolicy":
        return {key: config.get("name")}
    module = value.get("module")
    stock = isinstance(module, str) and module in OBJECT_MODULES
    if not stock or not isinstance(name, str) or not isinstance(config, Mapping):
        raise UnknownLayers(f"{module}.{name} as `{key}`")
    return _object(
        key, name, {inner: entry for inner, entry in config.items() if entry is not None}
    )


def _names_function(key: str, value: Any) -> bool:
    return isinstance(value, str) and (key == "activation" or key.endswith("_activation"))


def _function(key: str, name: str) -> str:
    """A function of keras.activations.

    Raises UnknownLayers for any other: its code lies elsewhere.
    """
    if name not in ACTIVATIONS:
        raise UnknownLayers(f"the function `{visible(name)}` as `{key}`")
    return ALIASES.get(name, name)


def _is_lambda(key: str, value: Mapping[str, Any]) -> bool:
    """Whether a map is the code of a function.

    Keras writes that of a lambda with its class, or alone.
    """
    return value.get("class_name") == "__lambda__" or (
        key.endswith("activation") and "class_name" not in value
    )


def _holds_objects(value: Any) -> bool:
    """Whether there is a map within a list.

    No stock layer has one, and what it names would escape the check of names.
    """
    return isinstance(value, Mapping) or (
        isinstance(value, list | tuple) and any(map(_holds_objects, value))
    )


def _object(key: str, name: str, config: dict[str, Any]) -> dict[str, Any]:
    """An initialiser, a regulariser or a constraint."""
    if name == "VarianceScaling":
        spelled = (plain(config.get("scale")), config.get("mode"), config.get("distribution"))
        if spelled in SCALINGS:
            name, config = (
                SCALINGS[spelled],
                {k: v for k, v in config.items() if k not in ("scale", "mode", "distribution")},
            )
    elif name == "Constant" and config.get("value") in CONSTANTS:
        name, config = CONSTANTS[config["value"]], {}
    elif name == "L1L2" and not config.get("l1"):
        name, config = "L2", {"l2": config.get("l2", 0)}
    elif name == "L1L2" and not config.get("l2"):
        name, config = "L1", {"l1": config.get("l1", 0)}
    if name == "L1" and isinstance(config.get("l1"), float):
        config = {"l1": _as_written(config["l1"])}
    if name in ("L1", "L2", "L1L2") and not any(config.values()):
        return {key: None}
    return {key: name} | {f"{key}.{inner}": plain(entry) for inner, entry in sorted(config.items())}


def _as_written(value: float) -> float:
    """A number that Keras keeps in 32 bits, as short as it was written: 0.01, not 0.00999…"""
    short = float(f"{value:.7g}")
    return short if pack("f", short) == pack("f", value) else value


def _in_32_bits(value: Any) -> Any:
    """Numbers that Keras keeps in 32 bits, each in one spelling: 0.224 ** 2 is 0.050176."""
    if isinstance(value, tuple):
        return tuple(map(_in_32_bits, value))
    if not isinstance(value, float):
        return value
    try:
        return plain(_as_written(unpack("f", pack("f", value))[0]))
    except OverflowError:
        return value  # infinite in 32 bits


def plain(value: Any) -> Any:
    """Lists as tuples, whole floats as integers, maps as tuples of pairs."""
    if isinstance(value, list | tuple):
        return tuple(plain(item) for item in value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return tuple((str(key), plain(value[key])) for key in sorted(value, key=str))
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def padding_sides(padding: Any) -> tuple[int, int, int, int]:
    """Keras' `padding` or `cropping` of two pairs as top, bottom, left, right."""
    (top, bottom), (left, right) = padding
    return top, bottom, left, right
