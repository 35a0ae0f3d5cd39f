"""The layers that keras.applications has for itself, read as the stock layers that do the same.

`LayerScale` of ConvNeXt multiplies each channel by a weight: an EinsumDense. `CustomScaleLayer` is
x + scale * y: a Rescaling and an Add. A `LayerScale` in a live model stays the object that it is;
the proof runs it.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from archcompile.keras_config.model_records import damaged_error
from archcompile.keras_config.net import Call, Layer, Net, Ref, with_inputs
from archcompile.keras_config.normal import EACH_CHANNEL, normalise

STOCK = "keras.layers"
SCALED_SUM = "CustomScaleLayer"
CHANNEL_SCALE = "LayerScale"
OWN_MODULES = "keras.src.applications."
_COMMON = ("name", "trainable", "dtype")
# what an EinsumDense has that is not told otherwise
_PLAIN: Mapping[str, Any] = {
    "activation": "linear",
    "bias_initializer": {
        "module": "keras.initializers",
        "class_name": "Zeros",
        "config": {},
        "registered_name": None,
    },
    **dict.fromkeys(("bias_axes", "kernel_regularizer", "bias_regularizer")),
    **dict.fromkeys(("activity_regularizer", "kernel_constraint", "bias_constraint")),
}


def is_scale_layer(record: Mapping[str, Any]) -> bool:
    """Whether a record is of such a layer."""
    name = record.get("class_name")
    return (
        name in (CHANNEL_SCALE, SCALED_SUM)
        and str(record.get("module")).startswith(OWN_MODULES)
        and record.get("registered_name") in (None, name)
    )


def read_scale_layer(name: str, config: Mapping[str, Any], path: tuple[str, ...]) -> Layer:
    """A layer of this class: an EinsumDense, or a sum that `split_scaled_sums` will take apart."""
    common = {key: config[key] for key in _COMMON if key in config}
    if name == SCALED_SUM:
        _check_number(config, "scale")
        scaled = {**common, "scale": config["scale"], "offset": 0.0}
        return Layer(
            path=path, kind=name, settings={}, module=STOCK, class_name=name, config=scaled
        )
    _check_number(config, "init_values")
    start = {"module": "keras.initializers", "class_name": "Constant", "registered_name": None}
    stock = {
        **_PLAIN,
        **common,
        "equation": EACH_CHANNEL,
        "output_shape": [config["projection_dim"]],
        "kernel_initializer": {**start, "config": {"value": config["init_values"]}},
    }
    return _stock_layer("EinsumDense", stock, path)


def _check_number(config: Mapping[str, Any], key: str) -> None:
    value = config[key]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise damaged_error(f"`{key}` of `{config.get('name')}` is not a number")


def _stock_layer(name: str, config: Mapping[str, Any], path: tuple[str, ...]) -> Layer:
    kind, settings = normalise(name, config)
    return Layer(
        path=path, kind=kind, settings=settings, module=STOCK, class_name=name, config=config
    )


def is_channel_scale(layer: Any) -> bool:
    """Whether a live layer is a LayerScale, whose one variable has no name."""
    kind = type(layer)
    return kind.__name__ == CHANNEL_SCALE and kind.__module__.startswith(OWN_MODULES)


def split_scaled_sums(net: Net) -> Net:
    """The net with a Rescaling and an Add for each layer that computes x + scale * y."""
    sums = {number for number, layer in enumerate(net.layers) if layer.kind == SCALED_SUM}
    if not sums:
        return net
    layers, factors = list(net.layers), {}
    for number in sorted(sums):
        layer = layers[number]
        factors[number] = len(layers)
        layers.append(_stock_layer("Rescaling", layer.config, (*layer.path, "scaled")))
        common = {key: layer.config[key] for key in _COMMON if key in layer.config}
        layers[number] = _stock_layer("Add", common, layer.path)
    calls: list[Call] = []
    moved: list[int] = []  # the number of each call now
    for call in net.calls:
        inputs = tuple(Ref(moved[ref.call], ref.output) for ref in call.inputs)
        if call.layer in sums:
            factor = _factor(call, factors[call.layer], inputs)
            inputs = (inputs[0], Ref(len(calls), 0))
            calls.append(factor)
        moved.append(len(calls))
        calls.append(with_inputs(call, inputs))
    outputs = tuple(Ref(moved[ref.call], ref.output) for ref in net.outputs)
    return replace(net, layers=tuple(layers), calls=tuple(calls), outputs=outputs)


def _factor(call: Call, layer: int, inputs: tuple[Ref, ...]) -> Call:
    """The call of the Rescaling. Raises UnreadableModel unless there are two tensors in a list."""
    if len(inputs) != 2 or call.args != (list(call.inputs),) or call.kwargs:
        raise damaged_error(f"a {SCALED_SUM} is not called on a list of two tensors")
    scaled = inputs[1]
    return Call(layer=layer, args=(scaled,), kwargs={}, inputs=(scaled,), shapes=call.shapes[1:])
