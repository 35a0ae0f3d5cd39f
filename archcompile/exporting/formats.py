"""The formats a network is exported in: how each is written, and run by what reads it."""

import io
import sys
from collections.abc import Callable, Collection, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from archcompile.choices import SourceStyle
from archcompile.errors import MissingError
from archcompile.exporting.onnx_builder import load_onnx
from archcompile.exporting.onnx_model import onnx_model
from archcompile.exporting.scaling import Scaling
from archcompile.exporting.torch_folder import (
    SINGLE,
    is_torch_folder,
    need_torch,
    run_torch,
    torch_source,
    write_torch,
)
from archcompile.graph import LayerGraph
from archcompile.keras_model import write_model
from archcompile.quiet import load_keras, load_tensorflow

if TYPE_CHECKING:
    import keras

BATCH = 64  # images that are run at a time
Outputs = Mapping[str, np.ndarray]  # by label
Run = Callable[[np.ndarray], Outputs]


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A written network in the program that reads it.

    `input` and `outputs`, by label, are their names there; `batch` images are run at a time.
    `run_precisely` computes in float64, where the program can.
    """

    run: Run
    input: str
    outputs: Mapping[str, str]
    batch: int = BATCH
    run_precisely: Run | None = None


@dataclass(frozen=True, kw_only=True)
class Exported:
    """A network ready to be written.

    `model` is the graph's, with `weights`, and with `scaling` in front where that is given. `facts`
    is metadata, for a form that has room for it; `style` is that of source.
    """

    graph: LayerGraph
    model: "keras.Model"
    weights: Mapping[str, np.ndarray]
    scaling: Scaling | None
    facts: Mapping[str, str]
    style: SourceStyle = "article"


@dataclass(frozen=True, kw_only=True)
class Format:
    """`need` raises MissingError where a package is not there; `load` reads what `write` wrote.

    `is_own` says of a folder with contents whether it is an earlier export, which is replaced.
    """

    file: str
    runtime: str
    need: Callable[[], Any]
    write: Callable[[Exported, Path], None]
    load: Callable[[Exported, Path], Loaded]
    is_own: Callable[[Path], bool] = lambda path: False


def of_keras(graph: LayerGraph, model: "keras.Model") -> Run:
    """A Keras model as a function from images to outputs."""
    return lambda images: _by_label(graph, model(images, training=False))


def _by_label(graph: LayerGraph, outputs: Any) -> Outputs:
    """What a program returns, a map where there are several outputs."""
    by_label = outputs if len(graph.outputs) > 1 else dict.fromkeys(graph.outputs, outputs)
    return {label: np.asarray(by_label[label]) for label in graph.outputs}


def _names(graph: LayerGraph, names: Collection[str]) -> dict[str, str]:
    """What each output is called in a file with these names: its label, if there are several."""
    if len(graph.outputs) > 1:
        return {label: label for label in graph.outputs if label in names}
    return dict(zip(graph.outputs, names, strict=True))


# ---- Keras and TensorFlow ------------------------------------------------------------------------


def _write_keras(what: Exported, path: Path) -> None:
    write_model(what.graph, what.model, path)


def _load_keras(what: Exported, path: Path) -> Loaded:
    """A single output is called like its layer; several are the keys of the map returned."""
    model = load_keras().models.load_model(path)
    names = model.output if isinstance(model.output, dict) else model.output_names
    names = _names(what.graph, names)
    return Loaded(run=of_keras(what.graph, model), input=model.inputs[0].name, outputs=names)


def _write_saved_model(what: Exported, path: Path) -> None:
    what.model.export(path, format="tf_saved_model", verbose=False)


def _load_saved_model(what: Exported, path: Path) -> Loaded:
    served = load_tensorflow().saved_model.load(str(path)).signatures["serving_default"]
    (given,) = served.structured_input_signature[1]
    names = _names(what.graph, served.structured_outputs)

    def run(images: np.ndarray) -> Outputs:
        results = served(**{given: load_tensorflow().constant(images, "float32")})
        return {label: np.asarray(results[name]) for label, name in names.items()}

    return Loaded(run=run, input=given, outputs=names)


# ---- LiteRT --------------------------------------------------------------------------------------


def load_litert() -> Any:
    """The interpreter class. Raises MissingError."""
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError as error:
        raise MissingError(
            "running LiteRT needs ai-edge-litert, which is not installed",
            hint="pip install 'archcompile[litert]'",
        ) from error
    return Interpreter


def _write_litert(what: Exported, path: Path) -> None:
    converter = load_tensorflow().lite.TFLiteConverter.from_keras_model(what.model)
    with redirect_stdout(io.StringIO()):  # Keras tells of a SavedModel in between
        content = converter.convert()
    path.write_bytes(content)


def _load_litert(what: Exported, path: Path) -> Loaded:
    signature = load_litert()(model_path=str(path)).get_signature_runner()
    (given,) = signature.get_input_details()
    names = _names(what.graph, signature.get_output_details())

    def run(images: np.ndarray) -> Outputs:
        results = signature(**{given: images})
        return {label: results[name] for label, name in names.items()}

    return Loaded(run=run, input=given, outputs=names)


# ---- ONNX ----------------------------------------------------------------------------------------


def load_onnxruntime() -> Any:
    """The module `onnxruntime`. Raises MissingError."""
    load_onnx()
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingError(
            "running ONNX needs onnxruntime, which is not installed",
            hint="pip install 'archcompile[onnx]'",
        ) from error
    return onnxruntime


def _write_onnx(what: Exported, path: Path) -> None:
    path.write_bytes(
        onnx_model(what.graph, what.model, what.weights, scaling=what.scaling, facts=what.facts)
    )


def _load_onnx(what: Exported, path: Path) -> Loaded:
    """Its outputs are called by their labels."""
    session = load_onnxruntime().InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()
    names = [output.name for output in session.get_outputs()]

    def run(images: Any) -> Any:
        return dict(zip(names, session.run(names, {given.name: images}), strict=True))

    return Loaded(run=run, input=given.name, outputs={name: name for name in names})


# ---- PyTorch -------------------------------------------------------------------------------------


def _write_torch(what: Exported, path: Path) -> None:
    source = torch_source(what.graph, what.scaling, what.style)
    write_torch(source, what.weights, what.scaling, path=path)


def _load_torch(what: Exported, path: Path) -> Loaded:
    """The argument of `forward` is x; several outputs are the keys of the map returned."""
    source = torch_source(what.graph, what.scaling, what.style)
    is_single = len(what.graph.outputs) == 1
    names = {label: SINGLE if is_single else label for label in what.graph.outputs}

    def run(images: np.ndarray) -> Outputs:
        results = run_torch(source, path, images)
        return {label: results[name] for label, name in names.items()}

    def run_precisely(images: np.ndarray) -> Outputs:
        return run(images.astype(np.float64))

    # all images at once, since every call starts a process, which makes batches of them
    return Loaded(run=run, input="x", outputs=names, batch=sys.maxsize, run_precisely=run_precisely)


FORMATS: Mapping[str, Format] = {
    "keras": Format(
        file="model.keras",
        runtime="keras.models.load_model",
        need=load_keras,
        write=_write_keras,
        load=_load_keras,
    ),
    "saved_model": Format(
        file="saved_model",
        runtime="tf.saved_model.load",
        need=load_tensorflow,
        write=_write_saved_model,
        load=_load_saved_model,
        is_own=lambda path: (path / "saved_model.pb").exists(),
    ),
    "onnx": Format(
        file="model.onnx",
        runtime="onnxruntime",
        need=load_onnxruntime,
        write=_write_onnx,
        load=_load_onnx,
    ),
    "litert": Format(
        file="model.tflite",
        runtime="LiteRT",
        need=load_litert,
        write=_write_litert,
        load=_load_litert,
    ),
    "torch": Format(
        file="torch",
        runtime="PyTorch",
        need=need_torch,
        write=_write_torch,
        load=_load_torch,
        is_own=is_torch_folder,
    ),
}


def outputs(run: Run, images: np.ndarray, batch: int = BATCH) -> Outputs:
    """What a network gives for images, a batch at a time."""
    parts = [run(images[start : start + batch]) for start in range(0, len(images), batch)]
    joined: dict[str, np.ndarray] = {}
    for name in parts[0]:
        joined[name] = np.concatenate([part[name] for part in parts])
    return joined
