"""The functions about runs: `train`, `load_run`, `runs`, `compare`, `evaluate` and `predict`."""

from collections.abc import Iterator, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Literal, TypeAlias

from archcompile.api import settings_of
from archcompile.argument_checks import Count, Seed, check_arguments
from archcompile.choices import CheckpointName, EngineName, Kernels, TestViews
from archcompile.errors import UsageError
from archcompile.interface.networks import Network
from archcompile.interface.run_results import (
    RunComparison,
    RunList,
    TrainedRun,
    read_intact,
    run_at,
)
from archcompile.interface.run_scores import Evaluations, PredictionList
from archcompile.messages import Say, to_python

# the folder of a run, or what `train` returned
RunLike: TypeAlias = str | PathLike[str] | TrainedRun
RunLikes: TypeAlias = RunLike | Sequence[RunLike]


def folder_of(run: RunLike) -> str | Path:
    """A run's folder; any other text or path as it is given. Raises UsageError for other values."""
    if isinstance(run, TrainedRun):
        return run.path
    if not isinstance(run, str | PathLike):
        raise UsageError(
            f"expected the folder of a run, or what `train` returned, got a value of type "
            f"{type(run).__name__}"
        )
    return run if isinstance(run, str) else Path(run)


def _folders(runs: Sequence[RunLikes]) -> Iterator[Path]:
    """Each folder, whether runs are given one by one or as a list."""
    for given in runs:
        if isinstance(given, Sequence) and not isinstance(given, str):
            yield from (Path(folder_of(run)) for run in given)
        else:
            yield Path(folder_of(given))


def _source(data: str | Path | None) -> str | None:
    return None if data is None else str(data)


@check_arguments
def train(
    spec: Network | None = None,
    *,
    recipe: str | Path | None = None,
    data: str | Path | None = None,
    data_dir: str | Path | None = None,
    epochs: Count | None = None,
    seed: Seed | None = None,
    sets: Sequence[str] = (),
    run_dir: str | Path | None = None,
    resume: bool = False,
    force: bool = False,
    init: str | Path | None = None,
    freeze: str | Sequence[str] = (),
    time_limit: str | None = None,
    device: str | None = None,
    engine: EngineName | None = None,
    kernels: Kernels | None = None,
    deterministic: bool = False,
    tensorboard: bool = False,
    say: Say = to_python,
    **params: Any,
) -> TrainedRun:
    """Trains the network of a spec, or a compiled graph, and writes a run folder.

    `recipe` and `data` go before what the spec and the recipe name; `params` set variables of the
    spec, `sets` are settings `K=V` as on the command line, `freeze` parts to leave untrained; the
    seed decides initial weights, order, augmentation and how data are split. Keras' and NumPy's
    global random seeds are set on the way. Raises SpecError, UsageError, MissingError, DataError,
    TrainingStopped, Interrupted.
    """
    from archcompile.training import train as train_network

    run = train_network(
        spec,
        recipe=recipe,
        data=_source(data),
        data_dir=data_dir,
        epochs=epochs,
        seed=seed,
        sets=settings_of(params, sets),
        run_dir=run_dir,
        resume=resume,
        force=force,
        init=init,
        freeze=freeze,
        time_limit=time_limit,
        device=device,
        engine=engine,
        kernels=kernels,
        deterministic=deterministic,
        tensorboard=tensorboard,
        say=say,
    )
    return TrainedRun(path=run.path, result=run.result, history=run.history)


def load_run(run: RunLike) -> TrainedRun:
    """A run from its folder: result and history, as far as it has come.

    Raises UsageError where there is no run, DataError where it is damaged.
    """
    return run_at(Path(folder_of(run)))


@check_arguments
def runs(
    folder: str | PathLike[str] = "runs",
    *,
    sort: Literal["date", "accuracy", "name"] = "date",
    same_arch: RunLike | None = None,
) -> RunList:
    """The runs in a folder, at any depth: newest first, best first, or by folder.

    `same_arch` is a network's hash or a run: only runs of that network are listed.
    """
    from archcompile.report import list_runs, runs_of_network, sort_runs
    from archcompile.run_folder import check_files, is_locked

    summaries = list_runs(Path(folder), is_locked, check_files)
    if same_arch is not None:
        summaries = runs_of_network(summaries, str(folder_of(same_arch)))
    return RunList(Path(folder), tuple(sort_runs(summaries, sort)))


def compare(*runs: RunLikes) -> RunComparison:
    """Runs side by side: their results, and in what they differ.

    Runs that differ only in their seed are also summarised together. Raises UsageError, DataError.
    """
    from archcompile.report import compare_runs

    paths = list(_folders(runs))
    if not paths:
        raise UsageError("name the runs to compare")
    folders = [path.resolve() for path in paths]
    for path, folder in zip(paths, folders, strict=True):
        if folders.count(folder) > 1:
            raise UsageError(f"{path} is named twice")
    return RunComparison(compare_runs(list(map(read_intact, paths))))


@check_arguments
def evaluate(
    *runs: RunLikes,
    ensemble: bool = False,
    checkpoint: CheckpointName = "last",
    data: str | Path | None = None,
    data_dir: str | Path | None = None,
    tta: TestViews | None = None,
    say: Say = to_python,
) -> Evaluations:
    """Scores checkpoints of runs on their test sets, or on `data`.

    With `tta`, the mean of what is predicted for several views of each image is scored, too; with
    `ensemble`, the mean of the runs' predicted probabilities. Raises UsageError, DataError,
    MissingError.
    """
    from archcompile.inference import evaluate as score
    from archcompile.inference import evaluate_ensemble

    paths = list(_folders(runs))
    if not paths:
        raise UsageError("name the runs to score")
    if ensemble:
        evaluations, together = evaluate_ensemble(
            paths, which=checkpoint, data=_source(data), data_dir=data_dir, tta=tta, say=say
        )
        return Evaluations(tuple(evaluations), together)
    scored = (
        score(path, which=checkpoint, data=_source(data), data_dir=data_dir, tta=tta, say=say)
        for path in paths
    )
    return Evaluations(tuple(scored))


@check_arguments
def predict(
    run: RunLike,
    *images: str | PathLike[str] | Sequence[str | PathLike[str]],
    top: Count = 5,
    checkpoint: CheckpointName = "last",
    say: Say = to_python,
) -> PredictionList:
    """What a run takes images for: the `top` most probable classes of each.

    Images are files, or folders of them; conversions are told. Raises UsageError, DataError.
    """
    from archcompile.inference import predict as classify

    paths = list(_folders(images))
    return PredictionList(classify(folder_of(run), paths, top=top, which=checkpoint, say=say))
