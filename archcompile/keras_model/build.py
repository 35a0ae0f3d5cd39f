"""Builds a graph as a Keras Functional model, from the same calls that emitted source prints."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archcompile.graph import LayerGraph
from archcompile.keras_defaults import TAKE_INPUTS_APART
from archcompile.keras_model.layer_calls import NamedCall, calls
from archcompile.keras_model.recursion import needed_limit
from archcompile.limits import recursion_limit
from archcompile.ops import Call
from archcompile.outputs import replacing_output
from archcompile.quiet import load_keras, without_tensorflow

if TYPE_CHECKING:
    import keras


def realise(call: Call, keras: Any, *args: Any, **extra: Any) -> Any:
    """The object that a call under `keras` creates."""
    target: Any = keras
    for part in call.path.split("."):
        target = getattr(target, part)
    kwargs = {
        key: realise(value, keras) if isinstance(value, Call) else value
        for key, value in call.kwargs.items()
    }
    return target(*args, **kwargs, **extra)


# A call and `keras` -> the layer, or the tensor of an input.
Maker = Callable[[NamedCall, Any], Any]


def stock_layer(named: NamedCall, keras: Any) -> Any:
    """The stock layer of a call."""
    return realise(named.call, keras, name=named.name)


def precise_layer(named: NamedCall, keras: Any) -> Any:
    """The stock layer of a call, which computes in float64."""
    return realise(named.call, keras, name=named.name, dtype="float64")


def apply(named: NamedCall, inputs: list[Any], keras: Any, *, make: Maker = stock_layer) -> Any:
    """The tensor that a call computes, of a layer that is built or of a function of keras.ops."""
    if named.is_function:
        return realise(named.call, keras, *inputs)
    layer = make(named, keras)
    if not inputs:
        return layer
    is_list = len(inputs) > 1 and named.call.path not in TAKE_INPUTS_APART
    return layer(inputs) if is_list else layer(*inputs)


def identity(tensor: Any) -> Any:
    return tensor


def to_keras(
    graph: LayerGraph, make: Maker = stock_layer, before: Callable[[Any], Any] = identity
) -> "keras.Model":
    """The model, of layers that `make` builds.

    Layers are called like nodes, outputs by their labels where there are several. `before` is
    applied to the input, in front of the first layer.
    """
    keras = load_keras()
    tensors: dict[str, Any] = {}
    start: Any = None
    with recursion_for(graph):
        for call in calls(graph):
            inputs = [tensors[source] for source in call.sources]
            tensors[call.name] = apply(call, inputs, keras, make=make)
            if not call.sources:
                start, tensors[call.name] = tensors[call.name], before(tensors[call.name])
        ends = {label: tensors[name] for label, name in graph.outputs.items()}
        outputs = ends if len(ends) > 1 else next(iter(ends.values()))
        return keras.Model(start, outputs, name=graph.name)


def recursion_for(graph: LayerGraph) -> AbstractContextManager[None]:
    """Python's recursion limit, raised while Keras builds, saves, loads or clones a deep model."""
    return recursion_limit(needed_limit(graph))


def save_model(graph: LayerGraph, model: "keras.Model", path: Path) -> None:
    """Write the model as a `.keras` file, whole or not at all. Raises DataError if it cannot be."""
    with replacing_output(path) as part:
        write_model(graph, model, part)


def write_model(graph: LayerGraph, model: "keras.Model", path: Path) -> None:
    """The model as a `.keras` file, without starting another framework than the one it is on."""
    with recursion_for(graph), without_tensorflow():
        model.save(path)
