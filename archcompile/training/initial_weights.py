"""Weights to begin with: those of a run, or of a file."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from archcompile.engine.tensorflow import arrays, of_model
from archcompile.errors import DataError, UsageError
from archcompile.graph import LayerGraph
from archcompile.keras_model import calls, settle
from archcompile.run_files import holds_run
from archcompile.run_folder import Run, checkpoint, inputs

Tensors = Mapping[str, np.ndarray]
HEAD = "head"
SEEDS = "seed_generator_state"  # of dropout: these are the new run's own
KNOWN = "the folder of a run, or a `.keras` file"


def check_init(source: str) -> None:
    """Raises UsageError unless there is a run, or a file that can hold weights."""
    path = Path(source)
    if not path.exists():
        raise UsageError(f"--init: there is no {source}")
    if path.is_dir() and not holds_run(path):
        raise UsageError(f"--init: {source} holds no run", hint=f"expected {KNOWN}")
    if path.is_file() and path.suffix != ".keras":
        raise UsageError(f"--init: {source} is no `.keras` file", hint=f"expected {KNOWN}")


def initialise(
    model: Any,
    graph: LayerGraph,
    source: str,
    *,
    classes: Sequence[str],
    say: Callable[[str], None],
) -> None:
    """Gives the model the weights of a run's last checkpoint, or of a `.keras` file, by the names
    of layers.

    What does not fit may only be in the head: it keeps its fresh weights, and is listed. A head for
    as many, but other `classes` is taken over, and told of. Raises DataError where anything else
    does not fit, UsageError or DataError where the source cannot be read.
    """
    have, mine = _tensors(Path(source), say), of_model(model)
    parts = {call.name: call.node.origin.part for call in calls(graph)}
    fresh = [
        name
        for name, variable in mine.items()
        if not name.endswith(SEEDS) and not _fits(have.get(name), variable)
    ]
    unused = [name for name in have if name not in mine and not name.endswith(SEEDS)]
    strange = [name for name in fresh if parts[_layer(name)] != HEAD]
    if strange or len(fresh) == len(mine):
        name = (strange or fresh)[0]
        raise DataError(
            f"--init {source} does not fit {graph.name}: {name.removeprefix('model/')} has shape "
            f"{list(mine[name].shape)} here, and there {_show(have.get(name))}",
            hint="only the head may differ; the rest must be the same network",
        )
    for name, variable in mine.items():
        if name not in fresh and not name.endswith(SEEDS):
            variable.assign(have[name])
    settle(model)
    say(f"starting from {source}: {len(mine) - len(fresh)} of {len(mine)} tensors")
    if not any(parts[_layer(name)] == HEAD for name in fresh) and (
        other := _other_class(Path(source), classes)
    ):
        say(f"warning: its head was trained for other classes: {other}")
    for label, names in (
        ("re-initialised, since they do not fit", fresh),
        ("not used, having no place in this network", unused),
    ):
        if names:
            say(f"{label}: {', '.join(dict.fromkeys(map(_layer, names)))}")


def _other_class(path: Path, classes: Sequence[str]) -> str:
    """The first class that a run knows by another name, in words; empty where there is none, or a
    file that has no names.
    """
    if path.is_file() or not (path / "classes.json").exists():
        return ""
    pairs = enumerate(zip(Run(path).read_json("classes.json"), classes, strict=False))
    return next(
        (
            f"class {place} is `{theirs}` there and `{mine}` here"
            for place, (theirs, mine) in pairs
            if theirs != mine
        ),
        "",
    )


def _tensors(path: Path, say: Callable[[str], None]) -> Tensors:
    if path.is_file():
        return _of_file(path)
    inputs.check(Run(path), say)
    found, damaged = checkpoint.newest(checkpoint.latest_first(Run(path).checkpoints))
    for sentence in damaged:
        say(f"warning: {sentence}; taking the one before it")
    if found is None:
        raise DataError(f"--init: {path} has no checkpoint yet")
    return {name: array for name, array in found.tensors.items() if name.startswith("model/")}


def _of_file(path: Path) -> Tensors:
    """The weights of a `.keras` file, whose network is rebuilt from an allow-list of layers:
    nothing in it is run.
    """
    from archcompile.keras_config import build, read_archive, read_model, recursion, unbuilt

    made = build(*unbuilt(read_model(read_archive(path))))
    try:
        with recursion(len(made.net.calls)):
            made.model.load_weights(path)
    except (
        Exception
    ) as error:  # h5py, zipfile and Keras raise whatever the file's bytes lead them to
        raise DataError(f"--init: the weights in {path} cannot be read: {error}") from error
    return arrays(of_model(made.model))


def _fits(array: np.ndarray | None, variable: Any) -> bool:
    return array is not None and array.shape == tuple(variable.shape)


def _layer(name: str) -> str:
    return name.split("/")[1]


def _show(array: np.ndarray | None) -> str:
    return "is no such tensor" if array is None else str(list(array.shape))
