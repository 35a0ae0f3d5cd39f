"""Runs scored again from disk, each on its own or averaged as an ensemble.

A model is rebuilt from resolved.yaml, and only tensors are loaded.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

import archcompile
from archcompile import data as sources
from archcompile.api import LayerGraph
from archcompile.data.dataset import Dataset, Split
from archcompile.errors import DataError, UsageError
from archcompile.train import checkpoint
from archcompile.train.checkpoint import Checkpoint
from archcompile.recipe.load import load
from archcompile.recipe.model import Recipe
from archcompile.train.run import Run, existing

LEAST = 1e-7  # no probability is taken for less, as in Keras' cross-entropy, so that one picture costs at most 16.1
CHOSEN = "test set"  # what the `best` checkpoint was chosen on

Say = Callable[[str], None]
Record = dict[str, Any]


def to_stderr(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Subject:
    """A run with all that scoring it needs. `tensors` are the model's; `dataset` is the label every figure bears."""

    run: Run
    graph: LayerGraph
    recipe: Recipe
    which: str
    epoch: int
    tensors: Mapping[str, np.ndarray]
    test: Split
    dataset: str
    fit: str | None

    def record(self, means: Mapping[str, float]) -> Record:
        return {
            "run": str(self.run.path), "name": self.graph.name, "hash": self.graph.hash, "checkpoint": self.which,
            "epoch": self.epoch, "chosen_on": _chosen_on(self.which), "dataset": self.dataset, "fit": self.fit,
            "test_loss": means["loss"], "test_accuracy": means["accuracy"],
            "test_cross_entropy": means["cross_entropy"], "images": len(self.test.labels),
        }  # fmt: skip


def evaluate(path: str | Path, *, which: str = "last", data: str | None = None, data_dir: str | Path | None = None,
             say: Say = to_stderr) -> Record:  # fmt: skip
    """The test loss and accuracy of a run's `last` or `best` checkpoint, as a record.

    Without `data` the run's own data is found again, and must be the same to the last pixel. Raises UsageError,
    DataError, MissingError.
    """
    return _scored(_subject(path, which, data, data_dir, say))[0]


def evaluate_ensemble(paths: Sequence[str | Path], *, which: str = "last", data: str | None = None,
                      data_dir: str | Path | None = None, say: Say = to_stderr) -> tuple[list[Record], Record]:  # fmt: skip
    """The records of several runs, as from `evaluate`, and that of the mean of the probabilities they predict.

    The networks may differ; the classes, their order and the test pictures may not. The loss of the ensemble is its
    cross-entropy: it has no weights of its own to penalise. Raises UsageError, DataError, MissingError.
    """
    folders = [Path(path).resolve() for path in paths]
    if len(folders) < 2:
        raise UsageError("an ensemble takes at least two runs", hint="without --ensemble a run is scored on its own")
    for path, folder in zip(paths, folders, strict=True):
        if folders.count(folder) > 1:
            raise UsageError(f"{path} is named twice, and would count twice in the mean")
    first = _subject(paths[0], which, data, data_dir, say)
    subjects = [first, *(_alike(first, _subject(path, which, data, data_dir, say)) for path in paths[1:])]
    records: list[Record] = []
    total: Any = 0.0  # float64 (N, classes)
    for subject in subjects:  # one model at a time
        record, probabilities = _scored(subject)
        records.append(record)
        total = total + probabilities.astype(np.float64)
    return records, _ensemble_record(subjects, total / len(subjects))


def _ensemble_record(subjects: Sequence[Subject], probabilities: np.ndarray) -> Record:
    """`probabilities` are float64 (N, classes)."""
    first = subjects[0]
    labels = first.test.labels
    of_truth = probabilities[np.arange(len(labels)), labels]
    cross_entropy = float(-np.log(np.maximum(of_truth, LEAST)).mean())
    return {
        "runs": [str(subject.run.path) for subject in subjects], "checkpoint": first.which,
        "chosen_on": _chosen_on(first.which), "dataset": first.dataset, "fit": first.fit,
        "test_loss": cross_entropy, "test_accuracy": float((probabilities.argmax(axis=1) == labels).mean()),
        "test_cross_entropy": cross_entropy, "images": len(labels),
    }  # fmt: skip


def _chosen_on(which: str) -> str | None:
    return CHOSEN if which == "best" else None


def _alike(first: Subject, other: Subject) -> Subject:
    """`other`, sharing the test pictures of `first`. Raises DataError where the two cannot be averaged."""
    unlike = [*_unlike_classes(_classes(first.run), _classes(other.run)), *_unlike_pictures(first.test, other.test)]
    if unlike:
        raise DataError(f"{first.run.path} and {other.run.path} cannot be averaged: {'; '.join(unlike)}",
                        hint="all need the same classes in the same order, and the same test pictures")  # fmt: skip
    return replace(other, test=first.test)


def _classes(run: Run) -> list[str]:
    """What the outputs of the run's network mean, in their order. Raises DataError."""
    names = run.read_json("classes.json")
    if not (isinstance(names, list) and all(isinstance(name, str) for name in names)):
        raise DataError(f"{run.path / 'classes.json'} is damaged: it is no list of names")
    return names


def _unlike_classes(one: list[str], other: list[str]) -> list[str]:
    if len(one) != len(other):
        return [f"they have {len(one)} and {len(other)} classes"]
    pairs = [(place, a, b) for place, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    return [f"class {place} is `{a}` in the one and `{b}` in the other" for place, a, b in pairs[:1]]


def _unlike_pictures(one: Split, other: Split) -> list[str]:
    if one.images.shape != other.images.shape:
        shapes = " and ".join("{} of {}x{}x{}".format(*split.images.shape) for split in (one, other))
        return [f"their test pictures are {shapes}"]
    differ = (one.images != other.images).any(axis=(1, 2, 3)) | (one.labels != other.labels)
    return [f"{differ.sum()} of their {len(differ)} test pictures differ"] if differ.any() else []


def _subject(path: str | Path, which: str, data: str | None, data_dir: str | Path | None, say: Say) -> Subject:
    run = existing(Path(path))
    graph = archcompile.compile(str(run.path / "resolved.yaml"))
    recipe = load(run.path / "recipe.yaml")
    saved = _checkpoint(run, which, say)
    _check_beside(run, saved, graph, recipe)
    folder = None if data_dir is None else Path(data_dir)
    source, place = (data, folder) if data else _own_data(run, saved, folder)
    found = _dataset(saved, recipe, graph, source, place)
    if data is None and found.fingerprint != saved.identity["data"]:
        raise DataError(f"{found.place} is not what the run was trained on: fingerprint {found.fingerprint[:12]}…, "
                        f"the run has {saved.identity['data'][:12]}…",
                        hint="to score it on these pictures all the same, name them with --data")  # fmt: skip
    tensors = {name: array for name, array in saved.tensors.items() if name.startswith("model/")}
    return Subject(run, graph, recipe, which, saved.state.epoch, tensors, found.test, found.label, found.fit)


def _checkpoint(run: Run, which: str, say: Say) -> Checkpoint:
    """Raises DataError where there is no intact one; a damaged `best` is not replaced by another."""
    paths = [path for _, path in sorted(checkpoint.found(run.checkpoints).items(), reverse=True)]
    last, damaged = checkpoint.newest(paths)
    for sentence in damaged:
        say(f"warning: {sentence}")
    if last is None:
        raise DataError(f"{run.path} has no checkpoint", hint="it has not finished an epoch yet")
    if which == "last":
        return last
    best, _ = checkpoint.newest([run.checkpoints / f"epoch-{last.state.best_epoch:04d}"])
    return best or last


def _check_beside(run: Run, saved: Checkpoint, graph: LayerGraph, recipe: Recipe) -> None:
    """Raises DataError naming the first of the run's files that is not what the checkpoint was trained with."""
    mine = {"resolved.yaml": graph.hash, "recipe.yaml": recipe.identity(), **run.beside()}
    theirs = {"resolved.yaml": saved.identity["spec"], "recipe.yaml": saved.identity["recipe"], **saved.beside}
    for name, value in theirs.items():
        if value != mine[name]:
            raise _changed(run, name, saved)


def _changed(run: Run, name: str, saved: Checkpoint) -> DataError:
    return DataError(f"{run.path / name} is damaged: it is not what {saved.path} was trained with",
                     hint="put the original back; a run that was changed by hand is another run")  # fmt: skip


def _own_data(run: Run, saved: Checkpoint, folder: Path | None) -> tuple[str, Path | None]:
    """The source the run was trained on, in `folder` if one is given, else where it lay then.

    Raises DataError where environment.json is not that of the checkpoint, or the data is gone.
    """
    try:
        record = run.read_json("environment.json")
        name, place, identity = record["dataset"]["name"], Path(record["dataset"]["place"]), record["identity"]
    except (KeyError, TypeError):
        identity = None
    if identity != saved.identity:
        raise _changed(run, "environment.json", saved)
    if folder is not None or name not in sources.PLACED:
        return name, folder
    if place.exists():
        return str(place), None
    if name in sources.SEARCHED:
        return name, None
    raise DataError(f"the run's data {place} is not there", hint="name it with --data PATH or --data-dir")


def _dataset(saved: Checkpoint, recipe: Recipe, graph: LayerGraph, source: str, folder: Path | None) -> Dataset:
    assert graph.classes is not None  # or it would not have been trained
    height, width, channels = graph.input_shape
    return sources.load(source, data_dir=folder, holdout=recipe.data.holdout, seed=saved.identity["seed"],
                        shape=(height, width, channels), classes=graph.classes, fit=recipe.data.fit,
                        channels=recipe.data.channels)  # fmt: skip


def _scored(subject: Subject) -> tuple[Record, np.ndarray]:
    """The record, and the probabilities (N, classes) of the test pictures."""
    model = subject.graph.to_keras()
    from archcompile.train.loop import Evaluator, arrays, assign, of_model

    variables = of_model(model)
    if checkpoint.signature(subject.tensors) != checkpoint.signature(arrays(variables)):
        raise DataError(f"the checkpoint in {subject.run.path} does not hold the tensors of its resolved.yaml")
    assign(variables, subject.tensors)
    evaluator = Evaluator(model, subject.recipe, subject.run.read_mean())
    probabilities = np.concatenate([np.asarray(batch) for batch in evaluator.predict(subject.test)])
    return subject.record(evaluator.sums.means()), probabilities
