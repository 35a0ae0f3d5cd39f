"""Four readings of a network, each as a text that is equal where the reading holds two networks
alike.
"""

from collections.abc import Callable, Mapping
from typing import Any

from archcompile.analyses.differences import diff
from archcompile.graph.ir import LayerGraph
from archcompile.keras_config.net import Call, Layer, Net, Ref
from archcompile.keras_config.normal import normalise
from archcompile.keras_model.layer_calls import calls
from archcompile.ops import Call as KerasCall
from archcompile.verification.compared_steps import exact_view
from archcompile.verification.match import match
from archcompile.verification.output_order import ModelsDiffer
from tests.source.recorder import record_source

Alike = Callable[[LayerGraph, LayerGraph], bool]


def same_hash(first: LayerGraph, second: LayerGraph) -> bool:
    from archcompile.graph.text import semantic_hash

    return semantic_hash(first) == semantic_hash(second)


def same_diff(first: LayerGraph, second: LayerGraph) -> bool:
    """Also that a difference is told: networks that are not the same differ in something that is
    named.
    """
    result = diff(first, second)
    reported = bool(result.removed or result.added or result.changed or result.outputs)
    assert result.is_same != reported, "what differs is named, and nothing else is"
    return result.is_same


def same_source(first: LayerGraph, second: LayerGraph) -> bool:
    return built(first) == built(second)


def same_structure(first: LayerGraph, second: LayerGraph) -> bool:
    """What `archc verify` compares before it compares numbers."""
    try:
        match(exact_view(net_of(first)), exact_view(net_of(second)))
    except ModelsDiffer:
        return False
    return True


READINGS: Mapping[str, Alike] = {
    "hash": same_hash,
    "diff": same_diff,
    "source": same_source,
    "verify": same_structure,
}


def readings(first: LayerGraph, second: LayerGraph) -> dict[str, bool]:
    """Which readings hold two networks alike."""
    return {name: alike(first, second) for name, alike in READINGS.items()}


# ---- source --------------------------------------------------------------------------------------


def built(graph: LayerGraph) -> str:
    """What the printed source builds, run under the stand-in for Keras, without names."""
    from archcompile.source.emitter import to_source

    record = record_source(to_source(graph, "flat"))
    assert record.model is not None
    numbers: dict[Any, int] = {}
    lines: list[str] = []

    def number(key: Any) -> int:
        if key not in numbers:
            path, settings, sources = (
                record.layers[key] if isinstance(key, str) else (key[0], dict(key[2]), key[1])
            )
            read = [number(source) for source in sources]
            numbers[key] = len(numbers)
            lines.append(f"{numbers[key]} {path} {sorted(settings.items())} <- {read}")
        return numbers[key]

    _, ends, _ = record.model
    labelled = sorted(ends.items()) if isinstance(ends, dict) else [("", ends)]
    words = [(label, number(key)) for label, key in labelled]
    return "\n".join([*lines, str(words)])


# ---- verify --------------------------------------------------------------------------------------


def function_layer(name: str, kind: str) -> Layer:
    return Layer(
        path=(name,),
        kind=f"ops.{kind}",
        settings={},
        module="keras.src.ops.numpy",
        class_name=kind,
        config={},
    )


def layer_of(name: str, kind: str, config: dict[str, Any]) -> Layer:
    if kind == "Input":
        kind = "InputLayer"
        config = {"batch_shape": [None, *config["shape"]], "dtype": "float32"}
    spelled, settings = normalise(kind, config)
    return Layer(
        path=(name,),
        kind=spelled,
        settings=settings,
        module="keras.layers",
        class_name=kind,
        config=config,
    )


def net_of(graph: LayerGraph) -> Net:
    """The graph as `verify` reads the model of its calls, made without Keras."""
    layers: list[Layer] = []
    applied: list[Call] = []
    refs: dict[str, Ref] = {}
    for first in calls(graph):
        inputs = tuple(refs[name] for name in first.sources)
        kind = first.call.path.split(".")[-1]
        config = {key: _config(key, value) for key, value in first.call.kwargs.items()}
        args: tuple[Any, ...] = inputs if len(inputs) < 2 else (list(inputs),)
        if first.is_function:
            layers.append(function_layer(first.name, kind))
        else:
            layers.append(layer_of(first.name, kind, config))
        applied.append(
            Call(
                layer=len(layers) - 1,
                args=args,
                kwargs=config if first.is_function else {},
                inputs=inputs,
                shapes=(None,) * len(inputs),
            )
        )
        refs[first.name] = Ref(len(applied) - 1, 0)
    return Net(
        name=graph.name,
        layers=tuple(layers),
        calls=tuple(applied),
        outputs=tuple(refs[name] for name in graph.outputs.values()),
        keys=tuple(graph.outputs) if graph.is_labelled else (),
    )


def _config(key: str, value: Any) -> Any:
    """An initialiser or a regulariser as Keras describes it."""
    if isinstance(value, str) and key.endswith("initializer"):
        settings = {"gain": 1.0} if value == "orthogonal" else {}
        value = KerasCall(f"initializers.{value.title().replace('_', '')}", settings)
    elif isinstance(value, str):
        return value
    if isinstance(value, KerasCall):
        module, _, name = value.path.rpartition(".")
        return {
            "module": f"keras.{module}",
            "class_name": name,
            "config": dict(value.kwargs),
            "registered_name": None,
        }
    return list(value) if isinstance(value, tuple) else value
