"""The record of a model that Keras 2 has written, as Keras 3 would have written it.

Keras 2 names a layer by its class alone, and its inputs as lists of `[layer, call, output, further
arguments]`. Nothing is looked up: what is not a stock layer's name stays one that nobody knows.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from archcompile.errors import visible
from archcompile.keras_config.net import UnsupportedModel

Record = Mapping[str, Any]

FUNCTION_LAYERS = ("TFOpLambda", "SlicingOpLambda")  # calls of functions of TensorFlow
MODELS = ("Functional", "Model", "Sequential")
OBJECTS = {  # what ends like this holds an object of that module
    "_initializer": "keras.initializers",
    "_regularizer": "keras.regularizers",
    "_constraint": "keras.constraints",
}
RENAMED = {("LeakyReLU", "alpha"): "negative_slope"}
# of tensors and of how a layer came to its input: no settings of a layer in Keras 3
WITHOUT_MEANING = ("batch_input_shape", "ragged", "sparse", "optional")
# what these inherited, and never used, in Keras 2
_KERNEL = ("groups", "kernel_initializer", "kernel_regularizer", "kernel_constraint")
INHERITED = {
    "Conv2DTranspose": ("groups",),
    "DepthwiseConv2D": ("filters", *_KERNEL),
    "SeparableConv2D": _KERNEL,
}


def is_of_keras_2(record: Record) -> bool:
    """Whether a record, or a layer of it, has the form of Keras 2.

    There it has no module, a layer's shape under another name, or calls that are bare lists.
    """
    config = record.get("config")
    layers = config.get("layers") if isinstance(config, Mapping) else None
    if not isinstance(layers, list | tuple):
        return False
    if "class_name" in record and "module" not in record:
        return True
    return any(map(_is_layer_of_keras_2, layers))


def _is_layer_of_keras_2(layer: Any) -> bool:
    if not isinstance(layer, Mapping):
        return False
    config, nodes = layer.get("config"), layer.get("inbound_nodes")
    has_old_shape = isinstance(config, Mapping) and "batch_input_shape" in config
    has_old_calls = isinstance(nodes, list) and bool(nodes) and isinstance(nodes[0], list)
    return has_old_shape or has_old_calls


def modernise(record: Record) -> dict[str, Any]:
    """The record `{module, class_name, config, …}` of a layer or a model in the form of Keras 3.

    Raises UnsupportedModel for calls that cannot be told in it.
    """
    if record["class_name"] in FUNCTION_LAYERS:
        return _function_call(record)
    name = record["class_name"]
    config = dict(record["config"])
    module: str | None = "keras"
    if "layers" in config and name in MODELS:
        config = _model(name, config)
    else:
        config, module = _layer(name, config), _module(record)
    modern: dict[str, Any] = {
        "module": module,
        "class_name": name,
        "config": config,
        "registered_name": None,
    }
    if "name" in record:
        modern["name"] = record["name"]
    return modern


def _function_call(record: Record) -> dict[str, Any]:
    """The operation of Keras 3 for a mean of TensorFlow; any other function stays unknown."""
    function, name = record["config"].get("function"), record.get("name")
    nodes = record["inbound_nodes"]
    arguments: Any = nodes[0][3] if len(nodes) == 1 and len(nodes[0]) == 4 else None
    is_mean = (
        function == "math.reduce_mean"
        and isinstance(arguments, Mapping)
        and set(arguments) <= {"axis", "keepdims"}
    )
    if not is_mean:
        unknown = str(function or record["class_name"])
        return {"module": "tf", "class_name": unknown, "config": {}, "name": name}
    config = {"name": name, "axis": None, "keepdims": False, **arguments}
    return {"module": "keras.src.ops.numpy", "class_name": "Mean", "config": config, "name": name}


def _module(record: Record) -> str | None:
    """The module of a layer; that of somebody's own class stays."""
    module = record.get("module")
    is_stock = module is None or str(module).startswith(("keras.", "tf_keras."))
    return "keras.layers" if is_stock and ">" not in record["class_name"] else module


# ---- layers --------------------------------------------------------------------------------------


def _layer(name: str, config: Record) -> dict[str, Any]:
    """The settings of a layer under the names that Keras 3 has for them."""
    unused = INHERITED.get(name, ())
    settings: dict[str, Any] = {}
    for key, value in config.items():
        if key in unused or (key in WITHOUT_MEANING and name != "InputLayer"):
            continue
        settings[RENAMED.get((name, key), key)] = _object(key, value)
    if name == "BatchNormalization" and isinstance(settings.get("axis"), list):
        (settings["axis"],) = settings["axis"]
    if name == "InputLayer":
        shape = settings.get("batch_input_shape", settings.get("batch_shape"))
        return {
            "batch_shape": shape,
            "dtype": settings.get("dtype"),
            "name": settings.get("name"),
        }
    return settings


def _object(key: str, value: Any) -> Any:
    """An initialiser and its like, with the module that Keras 2 leaves out."""
    module = next((module for end, module in OBJECTS.items() if key.endswith(end)), None)
    if module is None or not isinstance(value, Mapping) or "class_name" not in value:
        return value
    if value.get("module") is not None or ">" in str(value["class_name"]):
        return value
    return {**value, "module": module, "registered_name": None}


# ---- models --------------------------------------------------------------------------------------


def _model(name: str, config: dict[str, Any]) -> dict[str, Any]:
    """The config of a model, its layers in the form of Keras 3."""
    written = config["layers"]
    layers = [modernise(layer) for layer in written]
    if name == "Sequential":
        first = written[0]["config"] if written else {}
        shape = config.get("build_input_shape") or first.get("batch_input_shape")
        return {**config, "layers": layers, "build_input_shape": shape}
    births = _births(written, config["output_layers"])
    for layer, old in zip(layers, written, strict=True):
        name = str(old.get("name"))
        is_function = old["class_name"] in FUNCTION_LAYERS
        layer["inbound_nodes"] = [
            _node(node, name, births, is_function=is_function) for node in old["inbound_nodes"]
        ]
    functional = {layer["name"] for layer in layers if "input_layers" in layer["config"]}
    outputs = [
        # here Keras 3 counts the call that a Functional model was born with
        [layer, call - births.get(layer, 0) + (layer in functional), number]
        for layer, call, number in config["output_layers"]
    ]
    return {**config, "layers": layers, "output_layers": outputs}


def _births(layers: Sequence[Record], outputs: Sequence[Any]) -> dict[str, int]:
    """1 for each model within the model whose calls count that which it was born with."""
    models = [layer for layer in layers if "layers" in layer["config"]]
    count = {str(model.get("name")): len(model["inbound_nodes"]) for model in models}
    nodes = [node for layer in layers for node in layer["inbound_nodes"]]
    calls = [[node] if _is_bare(node) else node for node in nodes]
    read = [tensor for call in calls for tensor in call if isinstance(tensor, list | tuple)]
    pairs = [(tensor[0], tensor[1]) for tensor in (*read, *outputs)]
    return {name: 1 for name, call in pairs if call >= count.get(name, call + 1)}


def _node(node: Any, name: str, births: Mapping[str, int], *, is_function: bool) -> dict[str, Any]:
    """One call: its tensors, and the arguments that stand behind the first of them."""
    if is_function and _is_bare(node):
        return {"args": [_tensor(node, births)], "kwargs": {}}  # what follows is in the config
    if not node or not all(isinstance(each, list | tuple) for each in node):
        raise UnsupportedModel(f"`{visible(name)}` is called in a way that only Keras 2 knows")
    tensors = [_tensor(each, births) for each in node]
    kwargs = dict(node[0][3]) if len(node[0]) > 3 else {}
    return {"args": tensors if len(tensors) == 1 else [tensors], "kwargs": kwargs}


def _is_bare(node: Any) -> bool:
    """Whether a call is its first tensor, with its arguments, and no list of tensors."""
    return bool(node) and isinstance(node[0], str)


def _tensor(written: Any, births: Mapping[str, int]) -> dict[str, Any]:
    layer, call, output = written[:3]
    history = [layer, call - births.get(layer, 0), output]
    return {"class_name": "__keras_tensor__", "config": {"keras_history": history}}
