"""Training from start to result: what `archc train` and `archcompile.train` do."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

from archcompile.analyses import head_words
from archcompile.api import LayerGraph
from archcompile.messages import Say, to_stderr
from archcompile.recipe import decay_words
from archcompile.run_folder import Run, folder, hold_lock
from archcompile.training.plan import Plan
from archcompile.training.preparation import prefix_of, prepare
from archcompile.training.request import TrainingRequest
from archcompile.training.session import execute


def train(
    spec: str | Path | LayerGraph | None = None, *, say: Say = to_stderr, **options: Any
) -> Run:
    """Trains the network of a spec and writes a run folder; returns it with its result and
    history.

    The keywords are those of `TrainingRequest`. `recipe` and `data` go before what the spec and the
    recipe name; `sets` are settings `K=V` as on the command line; the seed decides initial weights,
    order, augmentation and how data are split. Keras' and NumPy's global random seeds are set on
    the way.
    Raises SpecError, UsageError (exit code 2), MissingError (3), DataError (4), TrainingStopped
    (5), Interrupted (130, 143).
    """
    return start(TrainingRequest(spec=spec, **options), say)


def start(request: TrainingRequest, say: Say = to_stderr) -> Run:
    """`train`, asked in one piece."""
    plan, resumed = prepare(request, say)
    is_chief = plan.devices.is_chief
    run = _run(request, plan, resumed)
    with hold_lock(run.path, say) if is_chief else nullcontext():
        for line in (f"run folder: {run.path}", *describe(plan)) if is_chief else ():
            say(line)
        try:
            return execute(plan, run, resumed is not None, say=say if is_chief else _say_nothing)
        except KeyboardInterrupt:  # before or after the epochs, while signals are not deferred
            if not run.checkpoints.exists():
                say("nothing has been written yet")
            raise


def _run(request: TrainingRequest, plan: Plan, resumed: Run | None) -> Run:
    """The run to train into; its folder is made where the training is a new one."""
    place = None if request.run_dir is None else Path(request.run_dir)
    # of several processes, the chief alone makes the folder that all of them are given
    if place is not None and (request.resume or not plan.devices.is_chief):
        return Run(place)
    if resumed:
        return resumed
    return folder.create(place, prefix_of(plan.graph, plan.recipe, plan.options.seed))


def _say_nothing(text: str) -> None:
    """What the processes beside the chief say."""


def describe(plan: Plan) -> list[str]:
    """What a run says of itself before it starts."""
    rule = plan.recipe.regularisation
    lines = [
        f"data: {plan.data.label}, from {plan.data.place}",
        *plan.data.notes,
        f"device: {', '.join(plan.devices.names)}; {plan.recipe.precision}",
    ]
    if plan.options.engine != "tensorflow":
        lines.append(f"engine: {plan.options.engine}")
    if rule != "spec":
        lines.append(decay_words(rule))
    lines += [*map(str, plan.head.notes), *head_words(plan.head, plan.data.classes)]
    if plan.options.freeze:
        lines.append(f"not trained: {', '.join(plan.options.freeze)}")
    return lines
