"""A run scored again from disk: the model is rebuilt from resolved.yaml, and only tensors are loaded."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import archcompile
from archcompile import data as sources
from archcompile.api import LayerGraph
from archcompile.data.dataset import Dataset
from archcompile.errors import DataError
from archcompile.train import checkpoint
from archcompile.train.checkpoint import Checkpoint
from archcompile.train.recipe import Recipe, load
from archcompile.train.run import Run, existing


def evaluate(path: str | Path, *, which: str = "last", data: str | None = None, data_dir: str | Path | None = None,
             say: Callable[[str], None] = lambda text: print(text, file=sys.stderr, flush=True)) -> dict[str, Any]:  # fmt: skip
    """The test loss and accuracy of a run's `last` or `best` checkpoint, as a record.

    Without `data` the run's own data is found again, and must be the same to the last pixel. Raises UsageError,
    DataError, MissingError.
    """
    run = existing(Path(path))
    graph = archcompile.compile(str(run.path / "resolved.yaml"))
    recipe = load(run.path / "recipe.yaml")
    saved = _checkpoint(run, which, say)
    dataset = _dataset(saved, recipe, graph, data, None if data_dir is None else Path(data_dir))
    means = _score(graph, recipe, saved, run, dataset)
    return {
        "run": str(run.path), "name": graph.name, "hash": graph.hash, "checkpoint": which, "epoch": saved.state.epoch,
        "chosen_on": "test set" if which == "best" else None, "dataset": dataset.label, "fit": dataset.fit,
        "test_loss": means["loss"], "test_accuracy": means["accuracy"], "test_cross_entropy": means["cross_entropy"],
        "images": len(dataset.test.labels),
    }  # fmt: skip


def _checkpoint(run: Run, which: str, say: Callable[[str], None]) -> Checkpoint:
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


def _dataset(saved: Checkpoint, recipe: Recipe, graph: LayerGraph, data: str | None, folder: Path | None) -> Dataset:
    source = data or recipe.data.source
    if source is None or graph.classes is None:
        raise DataError(f"{saved.path} does not say what it was trained on", hint="name the data with --data")
    height, width, channels = graph.input_shape
    dataset = sources.load(source, data_dir=folder, holdout=recipe.data.holdout, seed=saved.identity["seed"],
                           shape=(height, width, channels), classes=graph.classes, fit=recipe.data.fit,
                           channels=recipe.data.channels)  # fmt: skip
    if data is None and dataset.fingerprint != saved.identity["data"]:
        raise DataError(f"{dataset.place} is not what the run was trained on: fingerprint {dataset.fingerprint[:12]}…, "
                        f"the run has {saved.identity['data'][:12]}…",
                        hint="to score it on these pictures all the same, name them with --data")  # fmt: skip
    return dataset


def _score(graph: LayerGraph, recipe: Recipe, saved: Checkpoint, run: Run, dataset: Dataset) -> dict[str, float]:
    model = graph.to_keras()
    from archcompile.train.loop import Evaluator, arrays, assign, of_model

    variables = of_model(model)
    have = {name: array for name, array in saved.tensors.items() if name.startswith("model/")}
    if checkpoint.signature(have) != checkpoint.signature(arrays(variables)):
        raise DataError(f"{saved.path} does not hold the tensors of {run.path / 'resolved.yaml'}")
    assign(variables, have)
    evaluator = Evaluator(model, recipe, run.read_mean())
    for _ in evaluator.evaluate(dataset.test):
        pass
    return evaluator.sums.means()
