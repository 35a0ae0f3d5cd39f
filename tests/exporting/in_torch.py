"""Networks in Keras and in PyTorch, with the same random weights: what they differ by."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from safetensors.numpy import load_file, save_file

from archcompile.choices import SourceStyle
from archcompile.graph import LayerGraph
from archcompile.source import TorchSource, to_torch

Mode = Literal["inference", "training"]
Type = Literal["float32", "float64"]
Arrays = dict[str, Any]
STEP = Path(__file__).with_name("torch_step.py")
# A gradient below this part of the module's largest is zero but for rounding, as an attention's
# for the bias of its keys.
ROUNDING = 1e-6


@dataclass(frozen=True)
class Difference:
    """What Keras and PyTorch differ by, as a part of the largest entry; how much Keras' vary.

    `spread` is 0 where a quantity is no evidence: nothing in it is finite.
    """

    relative: float
    spread: float


@dataclass(frozen=True)
class Way:
    """How networks are compared."""

    mode: Mode = "inference"
    type: Type = "float32"
    style: SourceStyle = "article"


Differences = dict[str, Difference]  # by quantity, as `torch_step` calls them


def compare_all(
    graphs: Mapping[str, LayerGraph], folder: Path, way: Way | None = None
) -> dict[str, Differences]:
    """Every network in Keras and in PyTorch, which one process runs."""
    way = way or Way()
    rows, expected = [], []
    for number, graph in enumerate(graphs.values()):
        source = to_torch(graph, style=way.style)
        row, right = _in_keras(graph, source, folder / str(number), way=way)
        rows.append(row)
        expected.append(right)
    (folder / "rows.json").write_text(json.dumps(rows))
    subprocess.run([sys.executable, str(STEP), str(folder / "rows.json")], check=True)
    pairs = zip(graphs, rows, expected, strict=True)
    return {key: differences(right, load_file(row["results"])) for key, row, right in pairs}


def worst(results: Mapping[str, Differences], tolerance: float) -> dict[str, dict[str, float]]:
    """What differs by more, by network and quantity; also what is no number."""
    bad: dict[str, dict[str, float]] = {}
    for key, quantities in results.items():
        for name, each in quantities.items():
            if not each.relative <= tolerance:
                bad.setdefault(key, {})[name] = each.relative
    return bad


def tells(quantities: Differences) -> bool:
    """Whether every output has finite numbers that depend on the pixels, and every gradient."""
    return all(
        each.spread > 0
        for name, each in quantities.items()
        if name.startswith("inference/") or name == "gradient/x"
    )


# ---- in Keras ------------------------------------------------------------------------------------


def _in_keras(
    graph: LayerGraph, source: TorchSource, place: Path, *, way: Way
) -> tuple[dict[str, str], Arrays]:
    """The row for `torch_step`, whose files are written, and what is expected of it."""
    from archcompile.exporting.torch_folder import write_torch
    from archcompile.keras_model.weights import set_weights, weights_of

    with _computing_in(way.type):
        model = graph.to_keras()
        _randomise(graph, model)
        weights = {key: np.float32(value) for key, value in weights_of(graph, model).items()}
        set_weights(graph, model, weights)
        rng = np.random.default_rng(0)
        x = rng.normal(size=(3, *graph.input_shape)).astype("float32")
        outputs = _by_label(graph, model(x, training=False))
        factors = {
            label: rng.normal(size=value.shape).astype("float32")
            for label, value in outputs.items()
        }
        expected = {
            f"inference/{label}": _channels_first(value) for label, value in outputs.items()
        }
        if way.mode == "training":
            expected |= _step_in_keras(graph, model, source, x=x, factors=factors)
    write_torch(source, weights, None, path=place)
    given = {"x": x, **{f"weight/{label}": value for label, value in factors.items()}}
    given = {key: np.ascontiguousarray(_channels_first(value)) for key, value in given.items()}
    save_file(given, place / "given")
    row = {
        "file": str(place / "model.py"),
        "class": source.name,
        "weights": str(place / "weights.safetensors"),
        "given": str(place / "given"),
        "results": str(place / "results"),
        "type": way.type,
        "mode": way.mode,
    }
    return row, expected


@contextmanager
def _computing_in(kind: Type) -> Iterator[None]:
    """Models that are built within compute in this type."""
    from archcompile.quiet import load_keras

    keras = load_keras()
    before = keras.config.floatx()
    keras.config.set_floatx(kind)
    keras.config.set_dtype_policy(kind)
    try:
        yield
    finally:
        keras.config.set_floatx(before)
        keras.config.set_dtype_policy(before)


def _randomise(graph: LayerGraph, model: Any) -> None:
    from archcompile.keras_config.live_models import live
    from archcompile.keras_model import recursion_for
    from archcompile.verification.random_weights import randomise

    with recursion_for(graph):
        randomise(live(model), 0)


def _step_in_keras(
    graph: LayerGraph, model: Any, source: TorchSource, *, x: Any, factors: Arrays
) -> Arrays:
    """Outputs in training mode, gradients, and the statistics behind a step."""
    import tensorflow as tf

    from archcompile.keras_model.weights import _variables

    variables = dict(_variables(graph, model))
    trainable = {key: value for key, value in variables.items() if value.trainable}
    images = tf.Variable(tf.cast(x, model.inputs[0].dtype))
    with tf.GradientTape() as tape:
        outputs = _by_label(graph, model(images, training=True), keep=True)
        loss = tf.add_n(
            [
                tf.reduce_sum(value * tf.cast(factors[label], value.dtype))
                for label, value in outputs.items()
            ]
        )
    of_x, of_weights = tape.gradient(loss, [images, [each.value for each in trainable.values()]])
    arrays = {
        f"training/{label}": _channels_first(value.numpy()) for label, value in outputs.items()
    }
    arrays["gradient/x"] = _channels_first(of_x.numpy())
    by_key = dict(zip(trainable, of_weights, strict=True))
    for path, (key, carried) in source.weights.items():
        if key in by_key:
            arrays[f"gradient/{path}"] = carried.turn(np.asarray(by_key[key]))
        else:
            arrays[f"statistics/{path}"] = carried.turn(np.asarray(variables[key]))
    return arrays


def _by_label(graph: LayerGraph, outputs: Any, *, keep: bool = False) -> Arrays:
    """Outputs by their labels; a single one is `output`."""
    by_label = outputs if len(graph.outputs) > 1 else {"output": outputs}
    return {label: each if keep else np.asarray(each) for label, each in by_label.items()}


def _channels_first(value: Any) -> Any:
    """A map (N, H, W, C) as (N, C, H, W)."""
    return value.transpose(0, 3, 1, 2) if value.ndim == 4 else value


# ---- comparing -----------------------------------------------------------------------------------


def differences(expected: Arrays, actual: Arrays) -> Differences:
    """Each quantity; those that Keras has not, the module must not have either.

    Where a gradient overflows, what zero times infinity gives depends on the order of things, and
    no gradient is evidence.
    """
    assert set(actual) == set(expected)
    gradients = {key: value for key, value in expected.items() if key.startswith("gradient/")}
    has_overflown = not all(np.isfinite(value).all() for value in gradients.values())
    floor = ROUNDING * max(map(_largest, gradients.values()), default=0.0)
    results = {}
    for key, right in expected.items():
        if key in gradients and has_overflown:
            results[key] = Difference(0.0, 0.0)
        else:
            results[key] = _difference(right, actual[key], floor if key in gradients else 0.0)
    return results


def _difference(right: Any, value: Any, floor: float) -> Difference:
    assert value.shape == right.shape
    finite = np.isfinite(right)
    assert np.array_equal(np.isfinite(value), finite)
    if not finite.any():
        return Difference(0.0, 0.0)
    error = _largest(np.float64(value[finite]) - np.float64(right[finite]))
    scale = _largest(right[finite])
    if max(scale, _largest(value[finite])) <= floor:
        return Difference(0.0, 0.0)
    if not scale:
        return Difference(float("inf") if error else 0.0, 0.0)
    return Difference(error / scale, float(np.ptp(right[finite])))


def _largest(values: Any) -> float:
    return float(np.max(np.abs(values), initial=0.0))
