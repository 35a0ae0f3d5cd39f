"""PyTorch in a process of its own: what it is asked, and what it answers, as plain data."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archcompile.errors import ArchError, DataError, UsageError
from archcompile.torch_graph.aten import AtenGraph, aten_graph
from archcompile.torch_graph.references import TorchReference

if TYPE_CHECKING:
    import numpy as np

PROGRAM = "archcompile.torch_graph.torch_process"
REFUSED = 3  # the exit code with which the process gives a reason
# The packages with networks fetch nothing for one without trained weights; should one try, it is
# not to succeed.
OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
Shape = tuple[int, ...]


def trace(reference: TorchReference, shape: Shape | None) -> AtenGraph:
    """The graph of a network for images of this shape (H, W, C), or of those it is trained for.

    Raises UsageError where the package has no such network, or none for this size.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "graph.json")
        try:
            _ask(reference, "trace", shape=None if shape is None else list(shape), graph=str(file))
        except _Refused as refused:
            raise UsageError(refused.message) from refused
        record = json.loads(file.read_text(encoding="utf-8"))
    return aten_graph(record)


def run(
    reference: TorchReference,
    shape: Shape,
    state: "Mapping[str, np.ndarray]",
    *,
    images: "np.ndarray",
    targets: "Sequence[np.ndarray]" = (),
    modes: Sequence[str] = ("inference",),
    values: Sequence[str] = (),
) -> "dict[str, np.ndarray]":
    """What a network computes for images (N, C, H, W) with the tensors of a state dict.

    `targets` are those of each output, (N, …); with them there are gradients. `values` are names of
    nodes of the graph for images of `shape` (H, W, C). The keys of the result are told in
    `torch_process`. Raises ArchError where PyTorch fails.
    """
    import numpy as np
    from safetensors.numpy import load_file, save_file

    with tempfile.TemporaryDirectory() as folder:
        files = {name: str(Path(folder, f"{name}.safetensors")) for name in ("state", "images")}
        results = Path(folder, "results.safetensors")
        arrays = {key: np.asarray(value, order="C") for key, value in state.items()}
        save_file(arrays, files["state"])
        given = {"x": images, **{f"target/{n}": target for n, target in enumerate(targets)}}
        save_file(
            {key: np.ascontiguousarray(value, np.float32) for key, value in given.items()},
            files["images"],
        )
        request = {"shape": list(shape), "modes": list(modes), "values": list(values)}
        try:
            _ask(reference, "run", **files, results=str(results), targets=len(targets), **request)
        except _Refused as refused:
            raise ArchError(refused.message) from refused
        return dict(load_file(results))


def state_dict(reference: TorchReference, file: Path) -> "dict[str, np.ndarray]":
    """The tensors of a file of weights, which must be those of the network, all of them.

    Raises DataError where the file cannot be read as tensors alone, or holds others.
    """
    from safetensors.numpy import load_file

    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder, "state.safetensors")
        try:
            _ask(reference, "convert", state=str(file.absolute()), results=str(results))
        except _Refused as refused:
            raise DataError(
                f"{file} does not hold the weights of {reference}: {refused.message}"
            ) from refused
        return dict(load_file(results))


class _Refused(ArchError):
    """The reason that the process gave."""


def _ask(reference: TorchReference, command: str, **details: Any) -> None:
    """Runs the process. Raises _Refused with its reason, ArchError where it failed otherwise."""
    request = {
        "command": command,
        "family": reference.family,
        "name": reference.name,
        **details,
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "request.json")
        file.write_text(json.dumps(request), encoding="utf-8")
        # -P: modules of this folder are not to be taken for others of their names
        arguments = [sys.executable, "-P", "-m", PROGRAM, str(file)]
        places = os.pathsep.join(filter(None, sys.path))  # the packages that are known here
        environment = {**os.environ, **OFFLINE, "PYTHONPATH": places}
        result = subprocess.run(  # noqa: S603 - our own program, on a request written above
            arguments, capture_output=True, text=True, check=False, env=environment
        )
    lines = result.stderr.strip().splitlines() or [f"exit code {result.returncode}"]
    if result.returncode == REFUSED:
        raise _Refused(lines[-1])
    if result.returncode:
        raise ArchError(f"PyTorch stopped with {reference}: {lines[-1]}")
