"""Keras configs written by hand, as `model.save` of Keras 3.15 writes them, so that reading is
tested without Keras.
"""

from collections.abc import Sequence
from typing import Any

Config = dict[str, Any]


def tensor(
    layer: str, node: int = 0, output: int = 0, *, shape: Sequence[int | None] = (None, 8, 8, 3)
) -> Config:
    return {
        "class_name": "__keras_tensor__",
        "config": {
            "shape": list(shape),
            "dtype": "float32",
            "keras_history": [layer, node, output],
        },
    }


def layer(kind: str, name: str, *calls: Any, module: str = "keras.layers", **config: Any) -> Config:
    """Each of `calls` is the positional arguments of one call."""
    nodes = [{"args": list(args), "kwargs": {"mask": None}} for args in calls]
    return {
        "module": module,
        "class_name": kind,
        "config": {"name": name, **config},
        "registered_name": None,
        "name": name,
        "inbound_nodes": nodes,
    }


def head(name: str = "x", shape: Sequence[int | None] = (None, 8, 8, 3)) -> Config:
    return layer("InputLayer", name, batch_shape=list(shape), dtype="float32")


def model(
    layers: list[Config], outputs: Any, inputs: Any = ("x", 0, 0), *, name: str = "net"
) -> Config:
    config = {
        "name": name,
        "trainable": True,
        "layers": layers,
        "input_layers": _lists(inputs),
        "output_layers": _lists(outputs),
    }
    return {
        "module": "keras.src.models.functional",
        "class_name": "Functional",
        "config": config,
        "registered_name": "Functional",
    }


def _lists(value: Any) -> Any:
    return [_lists(v) for v in value] if isinstance(value, tuple | list) else value


def sequential(*layers: Config, name: str = "chain") -> Config:
    return {
        "module": "keras",
        "class_name": "Sequential",
        "registered_name": None,
        "config": {"name": name, "trainable": True, "layers": list(layers)},
    }


def inside(record: Config, *calls: Any) -> Config:
    """A model as a layer of another."""
    nodes = [{"args": list(args), "kwargs": {}} for args in calls]
    return {**record, "name": record["config"]["name"], "inbound_nodes": nodes}


def obj(kind: str, module: str = "keras.initializers", **config: Any) -> Config:
    return {"module": module, "class_name": kind, "config": config, "registered_name": None}


POLICY = obj("DTypePolicy", "keras", name="float32")
