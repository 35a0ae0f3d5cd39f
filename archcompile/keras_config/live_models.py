"""A net that can be run: every layer as an object.

The objects are those of a model that exists, or built from what was read. What is built comes from
stock classes that `keras_config.stock` lists, looked up by their names in keras.layers and
keras.ops alone; a file cannot make anything else be imported or called.
"""

import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np

from archcompile.keras_config.model_records import damaged_error
from archcompile.keras_config.net import (
    Constant,
    Layer,
    Net,
    Ref,
    UnreadableModel,
    UnsupportedModel,
    fill,
)
from archcompile.keras_config.normal import normalise
from archcompile.keras_config.read import read_model
from archcompile.keras_config.scale_layers import SCALED_SUM
from archcompile.limits import FRAMES_A_LAYER, recursion_limit

# What Keras raises where it refuses a setting or an input.
UNFIT = (
    TypeError,
    ValueError,
    KeyError,
    IndexError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)


@dataclass(frozen=True, slots=True)
class Live:
    """`layers` are the objects of `net.layers`; `model` is the whole."""

    net: Net
    layers: tuple[Any, ...]
    model: keras.Model


def record_of(model: keras.Model) -> dict[str, Any]:
    """What a `.keras` file would say of the model."""
    return {"module": "keras", "class_name": type(model).__name__, "config": model.get_config()}


def live(model: keras.Model) -> Live:
    """A model that exists already. Raises as `read_model` does."""
    if not isinstance(model, keras.Sequential) and not hasattr(model, "operations"):
        raise UnsupportedModel(
            f"`{model.name}` is a subclassed model: only Functional and Sequential models can be "
            "compared"
        )
    net = read_model(record_of(model))
    parts: dict[tuple[str, ...], Any] = {}
    waiting: list[tuple[tuple[str, ...], Any]] = [((), model)]
    while waiting:
        path, holder = waiting.pop()
        # A Sequential hides its InputLayer from `layers`.
        for part in [*getattr(holder, "_layers", []), *getattr(holder, "operations", [])]:
            part_path = (*path, part.name)
            if isinstance(part, keras.Model):
                waiting.append((part_path, part))
            else:
                parts[part_path] = part
    return Live(net, tuple(_object_of(layer, parts, model) for layer in net.layers), model)


def _object_of(layer: Layer, parts: Mapping[tuple[str, ...], Any], model: keras.Model) -> Any:
    """The object that a layer is in a model, or a new one for part of a layer taken apart."""
    whole = parts.get(layer.path, parts.get(layer.path[:-1]))
    if type(whole).__name__ == SCALED_SUM:
        return _make(layer)
    if layer.path not in parts:
        raise UnreadableModel(
            f"`{model.name}` refers to a layer `{layer.name}` that it does not contain"
        )
    return parts[layer.path]


def make_layers(net: Net) -> tuple[Net, tuple[Any, ...]]:
    """Objects for all layers, without weights yet.

    The net has the settings as this version of Keras gives them.

    Raises UnreadableModel where a setting is not one of the layer's.
    """
    objects = [_make(layer) for layer in net.layers]
    layers = []
    for layer, built in zip(net.layers, objects, strict=True):
        kind, settings = normalise(layer.class_name, built.get_config())
        layers.append(
            replace(layer, kind=layer.kind if layer.is_operation else kind, settings=settings)
        )
    return replace(net, layers=tuple(layers)), tuple(objects)


def _make(layer: Layer) -> Any:
    config = {**layer.config, "name": ".".join(layer.path).replace("/", ".")}
    try:
        if layer.is_operation:
            return _operation(layer).from_config(config)
        return getattr(keras.layers, layer.class_name).from_config(config)
    except UNFIT as error:
        what = (
            f"`{layer.name}` is not a {layer.class_name} that Keras {keras.__version__} can build"
        )
        raise damaged_error(f"{what}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    """What was wrong, without the whole config, which Keras puts in front of it."""
    if isinstance(error, KeyError):
        return f"`{error.args[0] if error.args else '?'}` is missing, or unknown to it"
    return " ".join(str(error).rpartition("Exception encountered: ")[2].split())


def _operation(layer: Layer) -> Any:
    module = sys.modules.get(layer.module)  # keras has imported all of its operations
    operation = getattr(module, layer.class_name, None)
    if not (
        isinstance(operation, type)
        and issubclass(operation, keras.Operation)
        and operation.__module__ == layer.module
    ):
        raise UnreadableModel(
            f"`{layer.name}`: there is no operation {layer.module}.{layer.class_name}"
        )
    return operation


def build(net: Net, layers: Sequence[Any]) -> Live:
    """A flat Functional model of layers that have not been called.

    Raises UnreadableModel where they do not fit.
    """
    tensors: dict[Ref, Any] = {}
    inputs = []
    with recursion(len(net.calls)):
        try:
            for number, call in enumerate(net.calls):
                layer = layers[call.layer]
                if not call.inputs:
                    results = [layer.output]
                    inputs.append(layer.output)
                else:
                    results = apply(
                        net, layers, number, tensors=[tensors[ref] for ref in call.inputs]
                    )
                tensors |= {Ref(number, output): tensor for output, tensor in enumerate(results)}
            outputs = [tensors[ref] for ref in net.outputs]
            model = keras.Model(
                inputs if len(inputs) > 1 else inputs[0],
                outputs if len(outputs) > 1 else outputs[0],
            )
        except UNFIT as error:
            raise UnreadableModel(
                f"the layers of `{net.name}` do not fit together: {error}"
            ) from error
    return Live(net, tuple(layers), model)


def recursion(layers: int) -> AbstractContextManager[None]:
    """Python's recursion limit, high enough for Keras to handle a model of so many layers."""
    return recursion_limit(FRAMES_A_LAYER * layers + 1000)


def apply(
    net: Net,
    layers: Sequence[Any],
    number: int,
    *,
    tensors: Sequence[Any],
    training: bool | None = None,
) -> list[Any]:
    """The outputs of one call, its tensors given in order."""
    call = net.calls[number]
    given = iter(tensors)
    args = [_array(fill(value, given)) for value in call.args]
    kwargs = {key: _array(fill(call.kwargs[key], given)) for key in sorted(call.kwargs)}
    layer = layers[call.layer]
    if isinstance(layer, keras.Layer):
        if training is not None:
            kwargs.setdefault("training", training)
    elif type(layer).__name__ == "GetItem":
        args = [args[0], tuple(args[1]) if isinstance(args[1], list) else args[1]]
    return list(keras.tree.flatten(layer(*args, **kwargs)))


def _array(value: Any) -> Any:
    if isinstance(value, Constant):
        return np.asarray(value.value, value.dtype)
    if isinstance(value, list | tuple):
        return type(value)(_array(item) for item in value)
    if isinstance(value, Mapping):
        return {key: _array(item) for key, item in value.items()}
    return value
