"""Graphs as PyTorch's exporter writes them, written by hand, and nets run in NumPy."""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from archcompile.keras_config import Net, Ref
from archcompile.torch_graph import AtenGraph, aten_graph

BATCH = 2
PACKAGES = ("torch", "torchvision", "timm")


def need_packages(*names: str) -> None:
    """Skips a test where packages are missing; imports none: PyTorch and TensorFlow clash."""
    missing = [name for name in names or PACKAGES if find_spec(name) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} missing (pip install 'archcompile[timm]')")


def node(name: str, operation: str, shape: Sequence[Any], **arguments: Any) -> dict[str, Any]:
    """A node; text in front of which stands `@` names another."""
    return {
        "name": name,
        "operation": operation if operation == "getitem" else f"aten.{operation}",
        "module": name.rpartition("_")[0] or name,
        "arguments": {key.rstrip("_"): _as_argument(value) for key, value in arguments.items()},
        "shape": list(shape),
    }


def _as_argument(value: Any) -> Any:
    if isinstance(value, list):
        return [_as_argument(item) for item in value]
    is_name = isinstance(value, str) and value.startswith("@")
    return {"node": value[1:]} if is_name else value


def graph(
    nodes: Sequence[Mapping[str, Any]],
    tensors: Mapping[str, Sequence[int]] | None = None,
    *,
    shape: Sequence[int] = (BATCH, 3, 4, 4),
    outputs: Sequence[str] = (),
) -> AtenGraph:
    """A graph whose input is `x`; `tensors` are the shapes of parameters by name."""
    tensors = tensors or {}
    return aten_graph(
        {
            "versions": {"torch": "0"},
            "input": "x",
            "input_shape": list(shape),
            "tensors": {key: {"name": key, "shape": list(sizes)} for key, sizes in tensors.items()},
            "state": {key: list(sizes) for key, sizes in tensors.items()},
            "nodes": list(nodes),
            "outputs": list(outputs or [nodes[-1]["name"]]),
            "keys": [],
            "preprocessing": None,
        }
    )


def move_values(net: Net, x: np.ndarray) -> list[np.ndarray]:
    """What a net that only moves values makes of images (N, H, W, C)."""
    values = {Ref(0, 0): x}
    for number, call in enumerate(net.calls[1:], 1):
        layer, (value,) = net.layer(number), [values[ref] for ref in call.inputs]
        settings, n = layer.settings, len(value)
        if layer.kind == "Permute":
            value = value.transpose(0, *settings["dims"])
        elif layer.kind == "Reshape":
            value = value.reshape(n, *settings["target_shape"])
        elif layer.kind == "Flatten":
            value = value.reshape(n, -1)
        else:
            assert layer.kind == "Cropping2D"
            value = _crop(value, settings)
        values[Ref(number, 0)] = value
    return [values[ref] for ref in net.outputs]


def _crop(value: np.ndarray, settings: Mapping[str, Any]) -> np.ndarray:
    first = 2 if settings.get("data_format") == "channels_first" else 1
    for axis, (front, behind) in enumerate(settings["cropping"], first):
        size = value.shape[axis]
        value = value.take(range(front, size - behind), axis)
    return value
