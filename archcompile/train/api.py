"""Training from start to result: what `archc train` and `archcompile.train` do."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import archcompile
from archcompile import data as sources
from archcompile.api import LayerGraph
from archcompile.data.dataset import Dataset
from archcompile.errors import UsageError
from archcompile.limits import MAX_SEED
from archcompile.spec.settings import split_sets
from archcompile.train import run as runs
from archcompile.train.execute import Plan, execute
from archcompile.train.lock import locked
from archcompile.recipe.load import find, load
from archcompile.recipe.model import Recipe
from archcompile.train.run import Run

Say = Callable[[str], None]


def to_stderr(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def train(spec: str | Path, *, recipe: str | Path | None = None, data: str | None = None,
          data_dir: str | Path | None = None, epochs: int | None = None, seed: int = 0, sets: Sequence[str] = (),
          run_dir: str | Path | None = None, resume: bool = False, say: Say = to_stderr) -> Run:  # fmt: skip
    """Trains the network of a spec and leaves a run directory; returns it with its result and history.

    `recipe` and `data` go before what the spec and the recipe name; `sets` are settings `K=V` as on the command line;
    the seed decides initial weights, order, augmentation and how a folder without a test set is split. Keras' and
    NumPy's global random seeds are set on the way. Raises SpecError, UsageError (exit code 2), MissingError (3),
    DataError (4), TrainingStopped (5), Interrupted (130, 143).
    """
    if not 0 <= seed <= MAX_SEED:
        raise UsageError(f"the seed must be between 0 and {MAX_SEED}, got {seed}")
    for_spec, for_recipe = split_sets([*sets, *([] if epochs is None else [f"train.epochs={epochs}"])])
    graph = archcompile.compile(spec, sets=for_spec)
    for note in graph.notes:
        say(str(note))
    place = None if run_dir is None else Path(run_dir)
    resumed = None
    if resume:
        resumed = _resumed(place, graph, recipe, data, seed)
        if recipe is None and (resumed.path / "recipe.yaml").exists():  # what was set then need not be said again
            recipe = resumed.path / "recipe.yaml"
    chosen = _recipe(recipe, graph, for_recipe, data)
    dataset = _dataset(chosen, graph, None if data_dir is None else Path(data_dir), seed)
    plan = Plan(spec, graph, chosen, dataset, seed)
    if resumed:
        runs.check_same(resumed, plan.identity)
    run = resumed or runs.create(place, _prefix(graph, chosen, seed))
    with locked(run.path, say):
        for line in (f"run folder: {run.path}", f"data: {dataset.label}, from {dataset.place}", *dataset.notes):
            say(line)
        try:
            return execute(plan, run, resume, say)
        except KeyboardInterrupt:  # before or after the epochs, while signals are not deferred
            if not run.checkpoints.exists():
                say("nothing was written yet")
            raise


def _resumed(place: Path | None, graph: LayerGraph, recipe: str | Path | None, data: str | None, seed: int) -> Run:
    if place is not None:
        return runs.existing(place)
    return runs.unfinished(_prefix(graph, _recipe(recipe, graph, (), data), seed))


def _prefix(graph: LayerGraph, chosen: Recipe, seed: int) -> str:
    return runs.prefix(graph.name, sources.resolve(_source(chosen))[0], chosen.name, seed)


def _recipe(given: str | Path | None, graph: LayerGraph, sets: Sequence[str], data: str | None) -> Recipe:
    wanted = given or graph.recipe
    if wanted is None:
        raise UsageError(f"{graph.name} names no recipe", hint="choose one with --recipe, for example --recipe article")
    chosen = load(find(wanted), sets)
    return (
        chosen if data is None else chosen.model_copy(update={"data": chosen.data.model_copy(update={"source": data})})
    )


def _source(chosen: Recipe) -> str:
    if chosen.data.source is None:
        raise UsageError(f"the recipe {chosen.name} names no data", hint="choose some with --data, for example cifar10")
    return chosen.data.source


def _dataset(chosen: Recipe, graph: LayerGraph, data_dir: Path | None, seed: int) -> Dataset:
    """The pictures, of the shape and with the classes the network expects."""
    if graph.classes is None or len(graph.input_shape) != 3:
        raise UsageError(f"{graph.name} does not end in one vector of classes, so it cannot be trained to classify")
    wants = chosen.data
    height, width, channels = graph.input_shape
    return sources.load(_source(chosen), data_dir=data_dir, holdout=wants.holdout, seed=seed,
                        shape=(height, width, channels), classes=graph.classes, fit=wants.fit,
                        channels=wants.channels)  # fmt: skip
