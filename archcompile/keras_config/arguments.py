"""The arguments of a call as Keras writes them, and the places that its records name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from archcompile.errors import visible
from archcompile.keras_config.model_records import TensorRecord, damaged_error
from archcompile.keras_config.net import Constant, Settings, UnsupportedModel
from archcompile.keras_config.normal import plain

DTYPES = (
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float16",
    "float32",
    "float64",
)
ATTENDED = ("query", "value", "key")  # what a MultiHeadAttention is called with
OPTIONS_OF_ATTENTION = ("return_attention_scores", "use_causal_mask")  # both false unless given
Point = tuple[str, int, int]  # a layer's name, the number of its call, the number of the output
Sizes = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor among arguments, before it is known which call computes it."""

    point: Point
    shape: Sizes | None


def tensors(value: Any) -> list[Tensor]:
    """The tensors in an argument, in the order of `net.refs`."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, dict):
        value = [value[key] for key in sorted(value)]
    if not isinstance(value, tuple | list):
        return []
    inside: list[Tensor] = []
    for item in value:
        inside += tensors(item)
    return inside


def argument(value: Any) -> Any:
    """An argument of a call as plain data, with a Tensor for each tensor."""
    if isinstance(value, list | tuple):
        return [argument(item) for item in value]
    if not isinstance(value, Mapping):
        return plain(value)
    kind: Any = value.get("class_name")
    config: Any = value.get("config")
    if kind == "__keras_tensor__":
        return Tensor(
            TensorRecord.of(config, "a tensor among the arguments").keras_history,
            sizes(config.get("shape")),
        )
    if kind == "__tuple__":
        return tuple(argument(item) for item in value.get("items", config))
    if kind == "__ellipsis__":
        return ...
    if kind == "__slice__":
        return slice(*(argument(config[key]) for key in ("start", "stop", "step")))
    if kind in ("__numpy__", "__tensor__"):
        if config["dtype"] not in DTYPES:
            raise UnsupportedModel(
                f"a call has an array of {visible(str(config['dtype']))} among its arguments"
            )
        return Constant(config["dtype"], plain(config["value"]))
    if kind is not None:
        raise UnsupportedModel(
            f"a call has an argument of class {value.get('module')}.{kind}, which is not supported"
        )
    return {str(key): argument(item) for key, item in value.items()}


def attention_arguments(
    args: tuple[Any, ...], kwargs: Mapping[str, Any], settings: Settings
) -> tuple[tuple[Any, ...], Mapping[str, Any]]:
    """What a MultiHeadAttention is called with, in one spelling: (query, value), by place.

    Keras takes keys that are left out for the values; without dropout it is alike in training.
    """
    rest = dict(kwargs)
    given = [*args, *(rest.pop(name) for name in ATTENDED[len(args) :] if name in rest)]
    is_complete = not any(name in rest for name in ATTENDED)
    if len(given) == len(ATTENDED) and given[1] == given[2]:
        given.pop()
    if not settings.get("dropout"):
        rest.pop("training", None)
    if any(rest.get(name) for name in OPTIONS_OF_ATTENTION) or not is_complete:
        return args, kwargs
    return tuple(given), {
        name: value for name, value in rest.items() if name not in OPTIONS_OF_ATTENTION
    }


def points(value: Any, key: str, parts: Mapping[str, Any]) -> list[Point]:
    """The `[name, node, output]` triples in any structure, maps by their keys."""
    if isinstance(value, Mapping):
        return _all_points([value[name] for name in sorted(value)], key, parts)
    if not isinstance(value, list | tuple):
        raise damaged_error(f"`{key}` of the model is not a list of [layer, call, output]")
    if len(value) == 3 and isinstance(value[0], str):
        point = TensorRecord.of({"keras_history": value}, f"`{key}` of the model").keras_history
        if point[0] not in parts:
            raise damaged_error(f"`{key}` names a layer `{point[0]}` that the model does not hold")
        return [point]
    return _all_points(value, key, parts)


def _all_points(values: Sequence[Any], key: str, parts: Mapping[str, Any]) -> list[Point]:
    triples: list[Point] = []
    for value in values:
        triples += points(value, key, parts)
    return triples


def sizes(value: Any) -> Sizes | None:
    """A shape with its batch; None where it is not one."""
    if not isinstance(value, list | tuple):
        return None
    is_shape = all(size is None or isinstance(size, int) for size in value)
    return tuple(value) if is_shape else None
