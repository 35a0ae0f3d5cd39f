"""A run read back from its folder: a model rebuilt from resolved.yaml, its tensors loaded."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import archcompile
from archcompile.analyses import Head, head
from archcompile.api import LayerGraph
from archcompile.data import Dataset, name_chooser, sources
from archcompile.engine import Statistics, model_tensors
from archcompile.errors import ArchError, DataError
from archcompile.keras_model import load_values, values_of, variables_of
from archcompile.messages import Say
from archcompile.recipe import Recipe, load
from archcompile.run_files import AVERAGED, CLASSES, ENVIRONMENT, RECIPE, RESOLVED
from archcompile.run_folder import checkpoint, inputs
from archcompile.run_folder.checkpoint import Checkpoint
from archcompile.run_folder.folder import Run, open_run
from archcompile.run_folder.identity import Identity, trained_hash


@dataclass(frozen=True, kw_only=True)
class Saved:
    """`which` is one of CheckpointName; `chosen_on` says what chose the best, None for others."""

    run: Run
    graph: LayerGraph
    recipe: Recipe
    which: str
    checkpoint: Checkpoint
    classes: tuple[str, ...]
    statistics: Statistics
    chosen_on: str | None

    @cached_property
    def head(self) -> Head:
        """Raises SpecError where the network's outputs are none that can be scored."""
        return head(self.graph)

    def model(self) -> Any:
        """The portable Keras model with the checkpoint's weights.

        Raises DataError where they are not this network's.
        """
        model = self.graph.to_keras()
        tensors = model_tensors(self.checkpoint.tensors)
        if checkpoint.signature(tensors) != checkpoint.signature(values_of(variables_of(model))):
            raise DataError(
                f"the checkpoint in {self.run.path} does not hold the tensors of its resolved.yaml"
            )
        load_values(model, tensors)
        return model


def read_run(path: str | Path, which: str, say: Say) -> Saved:
    """The run at `path` with its `last`, `best` or `averaged` checkpoint.

    Raises UsageError where there is no run, DataError where it has no intact checkpoint or was
    changed.
    """
    run = open_run(Path(path))
    inputs.check(run, say)
    graph = archcompile.compile(str(run.path / RESOLVED))
    recipe = load(run.path / RECIPE)
    saved = _checkpoint(run, which, say)
    _check_beside(run, saved, graph, recipe=recipe)
    kept = None if recipe.data.folds else recipe.data.validation
    chooser = name_chooser(*run.validation(kept)) if which == "best" else None
    return Saved(
        run=run,
        graph=graph,
        recipe=recipe,
        which=which,
        checkpoint=saved,
        classes=_classes(run),
        statistics=run.read_statistics(),
        chosen_on=chooser,
    )


def _checkpoint(run: Run, which: str, say: Say) -> Checkpoint:
    """Raises DataError where there is no intact one; no other replaces one that was chosen."""
    if which == "averaged":
        return _average_of(run)
    last, damaged = checkpoint.newest(checkpoint.latest_first(run.checkpoints))
    for sentence in damaged:
        say(f"warning: {sentence}")
    if last is None:
        raise DataError(f"{run.path} has no checkpoint", hint="it has not trained long enough yet")
    if which == "last":
        return last
    if last.state.best_epoch is None or last.state.best_step is None:
        raise DataError(f"{run.path} has no best epoch", hint="it has not finished an epoch yet")
    path = run.checkpoints / checkpoint.name_of((last.state.best_epoch, last.state.best_step))
    try:
        return checkpoint.read(path)
    except checkpoint.DamagedError as error:
        raise DataError(
            f"{path}, the best, is damaged: {error}", hint=f"the last one is intact: {last.path}"
        ) from error


def _average_of(run: Run) -> Checkpoint:
    """The average of the weights. Raises DataError where there is none, or a damaged one."""
    path = run.path / AVERAGED
    if not path.exists():
        raise DataError(
            f"{run.path} has no averaged weights",
            hint="a run has them once it is over, if its recipe has an `average`",
        )
    try:
        return checkpoint.read(path)
    except checkpoint.DamagedError as error:
        raise DataError(
            f"{path} is damaged: {error}", hint="remove it: --resume writes it anew"
        ) from error


def _classes(run: Run) -> tuple[str, ...]:
    """What the outputs of the run's network mean, in their order. Raises DataError."""
    names = run.read_json(CLASSES)
    if not (isinstance(names, list) and all(isinstance(name, str) for name in names)):
        raise DataError(f"{run.path / CLASSES} is damaged: it is not a list of names")
    return tuple(names)


def _check_beside(run: Run, saved: Checkpoint, graph: LayerGraph, *, recipe: Recipe) -> None:
    """Raises DataError naming the first file that is not what the checkpoint was trained with."""
    for name, before, now in (
        (RESOLVED, saved.identity.spec, trained_hash(graph)),
        (RECIPE, saved.identity.recipe, recipe.identity()),
    ):
        if before != now:
            raise inputs.changed_error(run, name, saved)
    inputs.check_beside(run, saved)


def load_dataset(saved: Saved, data: str | None, data_dir: Path | None) -> Dataset:
    """The run's own data, found again and the same to the last pixel, or those that `data` names.

    Raises UsageError, DataError, MissingError.
    """
    source, place = (data, data_dir) if data else _own_data(saved.run, saved.checkpoint, data_dir)
    recipe = saved.recipe
    height, width, channels = saved.graph.input_shape
    try:
        dataset = sources.load(
            source,
            data_dir=place,
            wants=recipe.data,
            seed=saved.checkpoint.identity.seed,
            shape=(height, width, channels),
            classes=saved.head.classes,
            skips_validation=data is None and saved.run.skips_validation(),
        )
    except ArchError as error:
        # --set is for training: what is done to images here is the run's
        if error.hint and "--set" in error.hint:
            error.hint = f"images are fitted as in the run: {_fitting(recipe)}"
        raise
    trained_on = saved.checkpoint.identity.data
    if data is None and dataset.fingerprint != trained_on:
        raise DataError(
            f"{dataset.place} is not what the run was trained on: fingerprint "
            f"{dataset.fingerprint[:12]}…, the run has {trained_on[:12]}…",
            hint="to score it on these images anyway, give them with --data",
        )
    return dataset


def _fitting(recipe: Recipe) -> str:
    """`data.fit: pad, data.channels: repeat`, or what it means to have none."""
    given = {"data.fit": recipe.data.fit, "data.channels": recipe.data.channels}
    return ", ".join(f"{key}: {value}" for key, value in given.items() if value) or "not at all"


def _own_data(run: Run, saved: Checkpoint, folder: Path | None) -> tuple[str, Path | None]:
    """The source the run was trained on, in `folder` if one is given, else where it lay then.

    Raises DataError where environment.json is not that of the checkpoint, or the data is gone.
    """
    try:
        record = run.read_json(ENVIRONMENT)
        identity, name = Identity(record["identity"]), record["dataset"]["name"]
    except (KeyError, TypeError):
        identity = None
    if identity != saved.identity:
        raise inputs.changed_error(run, ENVIRONMENT, saved)
    return (name, folder) if folder is not None else run.data() or (name, None)
