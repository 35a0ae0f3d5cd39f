"""Training from start to result: what `archc train` and `archcompile.train` do."""

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from archcompile.analyses import head_words, summary
from archcompile.api import LayerGraph
from archcompile.errors import plural
from archcompile.messages import Say, to_stderr
from archcompile.recipe import Pace, decay_words, pace
from archcompile.run_folder import Run, folder, hold_lock
from archcompile.training.live_line import LiveLine
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


def start(request: TrainingRequest, say: Say = to_stderr, *, is_quiet: bool = False) -> Run:
    """`train`, asked in one piece. `is_quiet` leaves nothing but warnings to be said."""
    line = LiveLine(is_silent=is_quiet)
    say = line.above(_only_warnings(say) if is_quiet else say)
    line.show("reading spec, recipe and data …")
    try:
        plan, resumed = prepare(request, say)
    finally:
        line.clear()
    is_chief = plan.devices.is_chief
    run = _run(request, plan, resumed)
    if not is_chief:
        say, line = _say_nothing, LiveLine(is_silent=True)
    with hold_lock(run.path, say) if is_chief else nullcontext():
        for text in (f"run folder: {run.path}", *_headline(plan), *describe(plan)):
            say(text)
        try:
            return execute(plan, run, resumed is not None, say=say, line=line)
        except KeyboardInterrupt:  # before or after the epochs, while signals are not deferred
            if not run.checkpoints.exists():
                say("nothing has been written yet")
            raise
        finally:
            line.clear()


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


def _only_warnings(say: Say) -> Say:
    def say_warning(text: str) -> None:
        if "warning" in text.partition(" ")[0] or " warning[" in text:
            say(text)

    return say_warning


def _headline(plan: Plan) -> Iterator[str]:
    """What is trained, and for how long."""
    counts, course = summary(plan.graph), pace(plan.recipe, len(plan.data.train))
    count = plural(plan.recipe.batch_size, "image")
    yield f"network: {plan.graph.name}, {counts['params']['total']:,} parameters"
    yield (
        f"recipe: {plan.recipe.name}, {plural(f'{course.total:,}', 'step')} of {count} "
        f"({epoch_words(course)})"
    )
    yield f"images: {count_images(plan)}"


def epoch_words(course: Pace) -> str:
    """How many epochs a training has: `1 epoch`, `2.5 epochs`."""
    return plural(f"{course.total / course.epoch:.4g}", "epoch")


def count_images(plan: Plan) -> str:
    """How many images are trained on, chosen by and tested on."""
    kept = plan.data.validation
    chosen = f", {len(kept):,} to choose by" if kept else ""
    return f"{len(plan.data.train):,} to train on{chosen}, {len(plan.data.test):,} to test on"


def describe(plan: Plan) -> list[str]:
    """What a run says of itself before it starts."""
    rule = plan.recipe.regularisation
    lines = [
        f"data: {plan.data.label}, {_place(plan)}",
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


def _place(plan: Plan) -> str:
    data = plan.data
    return f"from {data.place}" if data.is_present else f"not on this machine ({data.place})"
