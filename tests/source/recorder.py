"""A stand-in for `keras` that writes down what emitted source does: an independent reading of it,
without TensorFlow.

`recorded(source)` runs the source. Every layer is known by the name that it was given, every value
by the layer that made it; settings by place and settings that are left out are told apart from
Keras' own signatures elsewhere (`test_source_keras`).
"""

import sys
from types import ModuleType
from typing import Any
from unittest.mock import patch

from archcompile.graph.ir import LayerGraph
from archcompile.keras_defaults import DEFAULTS, POSITIONAL, has_default
from archcompile.keras_model.layer_calls import calls
from archcompile.ops import Call
from archcompile.source.keras_version import OLDEST


class Value:
    """A tensor: the name of the layer that made it, or of a function and what it was applied to."""

    def __init__(self, key: Any) -> None:
        self.key = key


class Recorder:
    """What a source made: `layers` by name (path, settings, keys of the inputs), in order; `model`
    (input, outputs, name).
    """

    def __init__(self) -> None:
        self.layers: dict[str, tuple[str, dict[str, Any], tuple[Any, ...]]] = {}
        self.model: tuple[Any, Any, str] | None = None

    def add(
        self, name: str, path: str, settings: dict[str, Any], *, sources: tuple[Any, ...]
    ) -> Value:
        assert name not in self.layers, f"{name} twice"
        self.layers[name] = path, settings, sources
        return Value(name)


class Maker:
    """`keras.layers.Conv2D` and what else stands under `keras`."""

    def __init__(self, recorder: Recorder, path: str) -> None:
        self.recorder, self.path = recorder, path

    def __getattr__(self, name: str) -> "Maker":
        return Maker(self.recorder, f"{self.path}.{name}" if self.path else name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.path == "Model":
            start, ends = args
            assert self.recorder.model is None
            ends = {k: v.key for k, v in ends.items()} if isinstance(ends, dict) else ends.key
            self.recorder.model = start.key, ends, kwargs.pop("name")
            assert not kwargs
            return self.recorder
        if self.path.startswith("ops."):
            return Value((self.path, tuple(a.key for a in args), tuple(sorted(kwargs.items()))))
        if (
            not self.path.startswith("layers.") and self.path != "Input"
        ):  # an initialiser or a regulariser
            assert not args
            return Call(self.path, kwargs)
        positional = dict(zip(POSITIONAL.get(self.path, ()), args, strict=False))
        settings = full(self.path, positional | kwargs)
        name = settings.pop("name")
        if self.path == "Input":
            return self.recorder.add(name, self.path, settings, sources=())

        def apply(*given: Any) -> Value:
            """A layer takes its inputs in one list, but attention takes each by itself."""
            sources = given if self.path == "layers.MultiHeadAttention" else given[0]
            assert len(given) == (2 if sources is given else 1)
            sources = sources if isinstance(sources, list | tuple) else [sources]
            return self.recorder.add(
                name, self.path, settings, sources=tuple(value.key for value in sources)
            )

        return apply


def full(path: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Settings without those that only say what Keras does anyway."""
    return {
        key: value
        for key, value in settings.items()
        if not has_default(path, key) or DEFAULTS[key] != value
    }


def record_source(source: str) -> Recorder:
    """Runs a source that imports only keras, and perhaps sys."""
    recorder = Recorder()
    keras = ModuleType("keras")
    keras.__version__ = OLDEST  # type: ignore[attr-defined]
    root = Maker(recorder, "")
    for name in ("layers", "ops", "initializers", "regularizers", "Input", "Model"):
        setattr(keras, name, getattr(root, name))
    with patch.dict(sys.modules, {"keras": keras}), patch.object(sys, "setrecursionlimit"):
        names: dict[str, Any] = {"__name__": "source"}
        exec(compile(source, "source", "exec"), names)
    assert names["model"] is recorder
    return recorder


def record_graph(graph: LayerGraph) -> Recorder:
    """The same for a graph, from its calls."""
    recorder = Recorder()
    keys: dict[str, Any] = {}
    for first in calls(graph):
        sources = tuple(keys[source] for source in first.sources)
        settings = full(first.call.path, dict(first.call.kwargs))
        if first.is_function:
            keys[first.name] = (first.call.path, sources, tuple(sorted(settings.items())))
        else:
            keys[first.name] = recorder.add(
                first.name, first.call.path, settings, sources=sources
            ).key
    ends = {label: keys[name] for label, name in graph.outputs.items()}
    recorder.model = (
        keys[next(iter(graph.nodes))],
        ends if len(ends) > 1 else next(iter(ends.values())),
        graph.name,
    )
    return recorder
