"""A network for PyTorch: a folder with `model.py` and `weights.safetensors`, run by PyTorch.

PyTorch runs in a process of its own; images and outputs are exchanged as safetensors.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from archcompile.choices import SourceStyle
from archcompile.errors import ArchError, MissingError
from archcompile.exporting.scaling import Scaling
from archcompile.graph import LayerGraph
from archcompile.source import PixelScaling, TorchSource, to_torch

RUNNER = Path(__file__).with_name("torch_runner.py")
MODEL_FILE, WEIGHTS_FILE = "model.py", "weights.safetensors"
SINGLE = "output"  # what the runner calls the output of a network that has one
WRITTEN_BY = "Written by archcompile"


def need_torch() -> None:
    """Raises MissingError."""
    try:
        is_there = find_spec("torch") is not None
    except ValueError:  # a module without a spec, as where an import is blocked
        is_there = False
    if not is_there:
        raise MissingError(
            "running PyTorch needs torch, which is not installed",
            hint="pip install 'archcompile[torch]'",
        )


def torch_source(graph: LayerGraph, scaling: Scaling | None, style: SourceStyle) -> TorchSource:
    """The module's text, with what a run does to pixels in front."""
    if scaling is None:
        return to_torch(graph, style=style)
    mean, std = _statistics(scaling)
    before = PixelScaling(scale=scaling.scale, mean=mean.shape, std=std.shape)
    return to_torch(graph, before, style)


def write_torch(
    source: TorchSource, weights: Mapping[str, np.ndarray], scaling: Scaling | None, *, path: Path
) -> None:
    """Writes the folder; `weights` are by NODE/WEIGHT."""
    arrays = dict(weights)
    if scaling is not None:
        arrays["preprocessing/mean"], arrays["preprocessing/std"] = _statistics(scaling)
    state = {
        key: np.ascontiguousarray(carried.turn(arrays[weight]), np.float32)
        for key, (weight, carried) in source.weights.items()
    }
    path.mkdir()
    (path / MODEL_FILE).write_text(source.text, encoding="utf-8")
    save_file(state, path / WEIGHTS_FILE)


def run_torch(source: TorchSource, path: Path, images: np.ndarray) -> dict[str, np.ndarray]:
    """What the module in a folder gives for images (N, H, W, C); maps are (N, H, W, C), too.

    It computes in the type of the images, float32 or float64.

    Raises ArchError with PyTorch's own words where it cannot be run.
    """
    with tempfile.TemporaryDirectory() as folder:
        given, returned = Path(folder, "images.safetensors"), Path(folder, "outputs.safetensors")
        save_file({"x": np.ascontiguousarray(images.transpose(0, 3, 1, 2))}, given)
        files = (str(path / WEIGHTS_FILE), str(given), str(returned))
        # -P: modules of this folder are not to be taken for others of their names
        command = [sys.executable, "-P", str(RUNNER), str(path / MODEL_FILE), source.name, *files]
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        result = subprocess.run(  # noqa: S603 - our own runner, on files written above
            command, capture_output=True, text=True, check=False, env=environment
        )
        if result.returncode:
            lines = result.stderr.strip().splitlines() or [f"exit code {result.returncode}"]
            raise ArchError(
                f"PyTorch could not run what was written: {lines[-1]}",
                hint="nothing was written; please report it with the spec",
            )
        outputs = load_file(returned)
    return {label: _channels_last(value) for label, value in outputs.items()}


def is_torch_folder(path: Path) -> bool:
    """Whether a folder holds an export for PyTorch, and nothing else."""
    model = path / MODEL_FILE
    names = {entry.name for entry in path.iterdir()}
    return (
        names <= {MODEL_FILE, WEIGHTS_FILE, "__pycache__"}
        and model.is_file()
        and WRITTEN_BY in model.read_text(encoding="utf-8", errors="replace")
    )


def _statistics(scaling: Scaling) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation in shapes that meet (N, C, H, W); 0 and 1 where there are none."""
    mean = np.zeros((), np.float32) if scaling.mean is None else _channels_first(scaling.mean)
    std = np.ones((), np.float32) if scaling.std is None else _channels_first(scaling.std)
    return mean, std


def _channels_first(numbers: np.ndarray) -> np.ndarray:
    """(C,) as (C, 1, 1), (H, W, C) as (C, H, W)."""
    return numbers[:, None, None] if numbers.ndim == 1 else numbers.transpose(2, 0, 1)


def _channels_last(value: np.ndarray) -> np.ndarray:
    return value.transpose(0, 2, 3, 1) if value.ndim == 4 else value
