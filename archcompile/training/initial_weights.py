"""Weights to begin with: those of a run, or of a file."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from archcompile.engine import Tensors, Trainer, model_tensors
from archcompile.errors import DataError, UsageError
from archcompile.graph import LayerGraph
from archcompile.keras_model import MODEL_PREFIX, calls, values_of, variables_of
from archcompile.run_files import CLASSES, holds_run
from archcompile.run_folder import Run, checkpoint, inputs

HEAD = "head"
SEEDS = "seed_generator_state"  # of dropout
KNOWN = "the folder of a run, one of its checkpoints, or a `.keras` file"


def check_init(source: str) -> None:
    """Raises UsageError unless there is a run, or a file that can hold weights."""
    path = Path(source)
    if not path.exists():
        raise UsageError(f"--init: there is no {source}")
    if path.is_dir() and not (holds_run(path) or checkpoint.is_checkpoint(path)):
        raise UsageError(
            f"--init: {source} is neither a run folder nor a checkpoint", hint=f"expected {KNOWN}"
        )
    if path.is_file() and path.suffix != ".keras":
        raise UsageError(f"--init: {source} is not a `.keras` file", hint=f"expected {KNOWN}")


def initialise(
    trainer: Trainer,
    graph: LayerGraph,
    source: str,
    *,
    classes: Sequence[str],
    say: Callable[[str], None],
) -> None:
    """Gives the model the weights of a checkpoint, a run's last one, or a `.keras` file, by name.

    What does not fit may only be in the head: it keeps its fresh weights, and is listed. A head for
    as many, but other `classes` is taken over with a warning. Raises DataError where anything else
    does not fit, UsageError or DataError where the source cannot be read.
    """
    given, fresh = _tensors(Path(source), say), model_tensors(trainer.tensors())
    parts = {call.name: call.node.origin.part for call in calls(graph)}
    unfit = [
        name for name in fresh if not _is_seed(name) and not _fits(given.get(name), fresh[name])
    ]
    unused = [name for name in given if name not in fresh and not _is_seed(name)]
    outside_head = [name for name in unfit if parts[_layer(name)] != HEAD]
    if outside_head or len(unfit) == len(fresh):
        name = (outside_head or unfit)[0]
        raise DataError(
            f"--init {source} does not fit {graph.name}: {name.removeprefix(MODEL_PREFIX)} has "
            f"shape {list(fresh[name].shape)} here, and there {_show(given.get(name))}",
            hint="only the head may differ; everything else must be the same",
        )
    fitting = [name for name in fresh if name not in unfit and not _is_seed(name)]
    trainer.load_tensors({name: given[name] for name in fitting})
    say(f"starting from {source}: {len(fresh) - len(unfit)} of {len(fresh)} tensors")
    if not any(parts[_layer(name)] == HEAD for name in unfit):
        difference = _class_difference(Path(source), classes)
        if difference:
            say(f"warning: its head was trained for other classes: {difference}")
    for label, names in (
        ("initialised anew, since they do not fit", unfit),
        ("not used, since this network has no place for them", unused),
    ):
        if names:
            say(f"{label}: {', '.join(dict.fromkeys(map(_layer, names)))}")


def _class_difference(path: Path, classes: Sequence[str]) -> str:
    """The first class that the run of `path` knows by another name, in words.

    Empty where there is none, or where a file has no names.
    """
    run = path if path.is_file() else _run_of(path)
    if not (run / CLASSES).exists():
        return ""
    run_classes = Run(run).read_json(CLASSES)
    for place, (run_class, data_class) in enumerate(zip(run_classes, classes, strict=False)):
        if run_class != data_class:
            return f"class {place} is `{run_class}` there and `{data_class}` here"
    return ""


def _tensors(path: Path, say: Callable[[str], None]) -> Tensors:
    if path.is_file():
        return _of_file(path)
    run = _run_of(path)
    if holds_run(run):
        inputs.check(Run(run), say)
    if run != path:
        return model_tensors(_intact(path).tensors)
    newest, damaged = checkpoint.newest(checkpoint.latest_first(Run(path).checkpoints))
    for sentence in damaged:
        say(f"warning: {sentence}; using the one before it")
    if newest is None:
        raise DataError(f"--init: {path} has no checkpoint yet")
    return model_tensors(newest.tensors)


def _run_of(path: Path) -> Path:
    """The folder of the run: of a checkpoint, the one it lies in."""
    if holds_run(path):
        return path
    return next((above for above in path.parents[:2] if holds_run(above)), path.parent)


def _intact(path: Path) -> checkpoint.Checkpoint:
    try:
        return checkpoint.read(path)
    except checkpoint.DamagedError as error:
        raise DataError(f"--init: {path} is damaged: {error}") from error


def _of_file(path: Path) -> Tensors:
    """The weights of a `.keras` file; its network is rebuilt from an allow-list of layers.

    Nothing in the file is run.
    """
    from archcompile.keras_config import build, make_layers, read_archive, read_model, recursion

    built = build(*make_layers(read_model(read_archive(path))))
    try:
        with recursion(len(built.net.calls)):
            built.model.load_weights(path)
    # h5py, zipfile and Keras raise whatever the file's bytes lead them to
    except Exception as error:
        raise DataError(f"--init: the weights in {path} cannot be read: {error}") from error
    return values_of(variables_of(built.model))


def _is_seed(name: str) -> bool:
    """Whether a tensor is the state of a random layer, which every run draws anew."""
    return name.endswith(SEEDS)


def _fits(given: np.ndarray | None, fresh: np.ndarray) -> bool:
    return given is not None and given.shape == fresh.shape


def _layer(name: str) -> str:
    return name.split("/")[1]


def _show(array: np.ndarray | None) -> str:
    return "is no such tensor" if array is None else str(list(array.shape))
