"""A network run over images as it is deployed, timed: in Keras, from files, in PyTorch.

On the processor. All have the same images, in the batch of the task, and the same random weights,
but for PyTorch's net, which has others and leaves the last activation to its loss.
"""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import archcompile
from archcompile.api import LayerGraph
from archcompile.bench.task import Task
from archcompile.bench.turns import Turns
from archcompile.engine import open_engine
from archcompile.exporting import FORMATS, Exported
from archcompile.keras_model import set_weights, to_keras, weights_of
from archcompile.passes import run as run_passes
from archcompile.quiet import load_keras

SEED = 0


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """What gives a network's output for images; `built` says what it was built with."""

    call: Callable[[np.ndarray], Any]
    built: str


def run(task: Task, turns: Turns) -> None:
    graph = archcompile.compile(task.spec, sets=list(task.sets))
    images = np.random.default_rng(SEED).random((task.batch, *graph.input_shape), np.float32)
    turns.begin()
    with tempfile.TemporaryDirectory() as folder:
        deployed = WAYS[task.contender](graph, Path(folder))

        def start(number: int) -> None:
            for _ in range(number):
                deployed.call(images)

        # each call returns what it computed
        turns.serve(start, lambda: None, deployed.built)


def _export(graph: LayerGraph, passes: tuple[str, ...] = ()) -> Exported:
    """The network in Keras, rewritten by passes, with the weights that all have."""
    open_engine().choose_devices("cpu")
    load_keras().utils.set_random_seed(SEED)
    plain = to_keras(graph)
    rewrite = run_passes(graph, list(passes))
    weights = rewrite.carry(weights_of(graph, plain))
    model = to_keras(rewrite.graph)
    set_weights(rewrite.graph, model, weights)
    return Exported(graph=rewrite.graph, model=model, weights=weights, scaling=None, facts={})


def _keras(graph: LayerGraph, folder: Path) -> Deployed:
    return _of_keras(_export(graph))


def _fold_bn(graph: LayerGraph, folder: Path) -> Deployed:
    return _of_keras(_export(graph, ("fold_bn",)))


def _of_keras(exported: Exported) -> Deployed:
    keras = load_keras()
    return Deployed(
        call=exported.model.predict_on_batch,
        built=f"keras {keras.__version__} on {keras.config.backend()}, predict_on_batch",
    )


def _file(form: str, package: str) -> Callable[[LayerGraph, Path], Deployed]:
    """A file of this format, run by its own program."""

    def deploy(graph: LayerGraph, folder: Path) -> Deployed:
        from importlib.metadata import version

        kind, exported = FORMATS[form], _export(graph)
        kind.need()
        path = folder / kind.file
        kind.write(exported, path)
        loaded = kind.load(exported, path)
        return Deployed(call=loaded.run, built=f"{package} {version(package)}")

    return deploy


def _torch_compile(graph: LayerGraph, folder: Path) -> Deployed:
    import torch

    from archcompile.bench.torch_net import torch_net

    torch.manual_seed(SEED)
    net = torch.compile(torch_net(graph).module.to(memory_format=torch.channels_last).eval())

    def call(images: np.ndarray) -> Any:
        with torch.inference_mode():
            return net(torch.from_numpy(images).permute(0, 3, 1, 2)).numpy()

    return Deployed(
        call=call,
        built=f"torch {torch.__version__}, channels_last, {torch.get_num_threads()} threads",
    )


WAYS: Mapping[str, Callable[[LayerGraph, Path], Deployed]] = {
    "keras": _keras,
    "fold_bn": _fold_bn,
    "onnx": _file("onnx", "onnxruntime"),
    "litert": _file("litert", "ai-edge-litert"),
    "torch_compile": _torch_compile,
}
