"""A graph and its weights as an ONNX model, written by ourselves.

tf2onnx, which Keras' own export uses, writes files that no runtime loads for grouped convolutions
and for gelu (Keras 3.15.1, TensorFlow 2.21.0, tf2onnx 1.17.0); and its nodes are called otherwise.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from archcompile.exporting.onnx_builder import IR_VERSION, OPSET, Builder, Value, load_onnx
from archcompile.exporting.onnx_layer import Layer
from archcompile.exporting.onnx_layers import LAYERS
from archcompile.exporting.scaling import Scaling
from archcompile.graph import LayerGraph
from archcompile.keras_defaults import with_defaults
from archcompile.keras_model import NamedCall, calls
from archcompile.ops import Shape

if TYPE_CHECKING:
    import keras


def onnx_model(
    graph: LayerGraph,
    model: "keras.Model",
    weights: Mapping[str, np.ndarray],
    *,
    scaling: Scaling | None,
    facts: Mapping[str, str],
) -> bytes:
    """The file.

    Its input is called like its node, its outputs by their labels, with a free batch and shapes as
    in Keras. `facts` are its metadata; `model` says the shapes of layers. Raises MissingError
    without onnx.
    """
    onnx = load_onnx()
    builder = Builder(onnx=onnx)
    first = next(iter(graph))
    # no two values have one name
    start = f"{first.name}_" if first.name in graph.outputs else first.name
    pixels = start if scaling is None else _scale_pixels(builder, start, scaling)
    values = _translate_layers(builder, graph, pixels, model=model, weights=weights)
    outputs = [
        _output(builder, label, values[name], name=name) for label, name in graph.outputs.items()
    ]
    onnx_graph = onnx.helper.make_graph(
        builder.nodes, graph.name, [_end(onnx, start, first.shape)], outputs, builder.constants
    )
    result = onnx.helper.make_model(
        onnx_graph,
        opset_imports=[onnx.helper.make_opsetid("", OPSET)],
        producer_name="archcompile",
        ir_version=IR_VERSION,
    )
    onnx.helper.set_model_props(result, dict(facts))
    onnx.checker.check_model(result, full_check=True)
    content: bytes = result.SerializeToString()
    return content


def _translate_layers(
    builder: Builder,
    graph: LayerGraph,
    pixels: str,
    *,
    model: Any,
    weights: Mapping[str, np.ndarray],
) -> dict[str, Value]:
    """Adds the nodes of every call; returns its value by its name. `pixels` is what they read."""
    values: dict[str, Value] = {}
    for call in calls(graph):
        if not call.sources:
            values[call.name] = builder.from_keras(pixels, call.node.shape, call.name)
            continue
        layer = Layer(
            name=call.name,
            settings=with_defaults(call.call.path, call.call.kwargs),
            weights=_weights_of(call, graph, weights),
            shape=_shape(call, values, model),
        )
        sources = [values[source] for source in call.sources]
        values[call.name] = LAYERS[call.call.path](builder, layer, sources)
    return values


def _output(builder: Builder, label: str, value: Value, *, name: str) -> Any:
    """An output of the file, called by its label, for the value of the node `name`."""
    inside = builder.as_keras(value, name)
    identity = builder.onnx.helper.make_node("Identity", [inside], [label], name=label)
    builder.nodes.append(identity)
    return _end(builder.onnx, label, value.shape)


def _scale_pixels(builder: Builder, name: str, scaling: Scaling) -> str:
    """What the run does to images, in front of everything else."""
    output = builder.node("Div", [name, builder.constant(name, scaling.scale)], name)
    for kind, numbers in (("Sub", scaling.mean), ("Div", scaling.std)):
        if numbers is not None:
            output = builder.node(kind, [output, builder.constant(name, numbers)], name)
    return output


def _weights_of(
    call: NamedCall, graph: LayerGraph, weights: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """The weights of a layer; they belong to the last call of a node."""
    if call.name != call.node.name:
        return {}
    return {
        weight.name: weights[f"{call.name}/{weight.name}"] for weight in graph.weights(call.node)
    }


def _shape(call: NamedCall, values: Mapping[str, Value], model: Any) -> Shape:
    if call.name == call.node.name:
        return call.node.shape
    if call.is_function:
        return values[call.sources[0]].shape
    return tuple(model.get_layer(call.name).output.shape[1:])


def _end(onnx: Any, name: str, shape: Shape) -> Any:
    return onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["batch", *shape])
