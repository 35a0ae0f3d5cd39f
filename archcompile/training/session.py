"""One run, once everything it needs has been checked: build the model, train, write the outcome."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archcompile.api import LayerGraph
from archcompile.choices import FIRST_ENGINE
from archcompile.data import Dataset, sources
from archcompile.engine import Statistics, Trainer, class_weights, statistics
from archcompile.errors import UsageError
from archcompile.messages import Say
from archcompile.recipe import pace
from archcompile.run_files import (
    CLASSES,
    ENVIRONMENT,
    HISTORY,
    RECIPE,
    RESOLVED,
    SPEC,
    STATISTICS,
)
from archcompile.run_folder import (
    EpochRow,
    Machine,
    Run,
    Session,
    State,
    as_csv,
    checkpoint,
    differences,
    inputs,
    json_text,
    machine,
    session,
)
from archcompile.spec.language import find_spec
from archcompile.spec.yaml import read_text
from archcompile.training.early_stop import is_over
from archcompile.training.limit import now
from archcompile.training.live_line import LiveLine
from archcompile.training.plan import Plan, Training

if TYPE_CHECKING:
    from archcompile.training.progress import Progress


def trainer_of(plan: Plan, statistics: Statistics) -> Trainer:
    """Builds the model and its step; nothing has run yet."""
    return plan.engine.make_trainer(
        plan.graph,
        plan.recipe,
        plan.data.train,
        statistics=statistics,
        seed=plan.options.seed,
        freeze=plan.options.freeze,
        devices=plan.devices,
        kernels=plan.kernels,
        teacher=plan.teacher,
        weights_of_classes=class_weights(plan.recipe, plan.data.train.labels, plan.data.classes),
    )


def statistics_of(training: Training) -> Statistics:
    """The statistics of the training images: one pass over them where the recipe asks for any."""
    height, width, _ = training.graph.input_shape
    return statistics(training.data.train, training.recipe.preprocessing, (height, width))


def execute(plan: Plan, run: Run, resume: bool, *, say: Say, line: LiveLine) -> Run:
    """Trains into the run's folder, resuming from its last intact checkpoint where that is asked.

    Writes the outcome, and returns the run with it.
    """
    from archcompile.training.finish import finish
    from archcompile.training.loop import TrainingLoop

    opened = now()
    line.show("building the model …")
    keeps_statistics = resume and _prepares_alike(plan, run)
    statistics = run.read_statistics() if keeps_statistics else statistics_of(plan)
    trainer = trainer_of(plan, statistics)
    platform = plan.engine.read_platform()
    this_machine = machine(
        platform,
        plan.devices,
        kernels=plan.kernels,
        deterministic=plan.options.deterministic,
    )
    restored = None
    if resume:
        restored = _restore(plan, run, trainer, this_machine=this_machine, say=say)
    state = restored or _initial_state(plan, trainer, say)
    if plan.devices.is_chief:
        # only now: nothing is written of a run that cannot begin
        started = session(platform.gpus, this_machine)
        _begin(plan, run, statistics, started=started, resume=resume)
    loop = TrainingLoop(
        trainer=trainer,
        evaluator=trainer.evaluator(),
        statistics=statistics,
        graph=plan.graph,
        recipe=plan.recipe,
        data=plan.data,
        run=run,
        state=state,
        identity=plan.identity,
        machine=this_machine,
        progress=_progress(plan, line),
        limit=plan.options.limit(plan.recipe, plan.data, opened),
        on_epoch=_epoch_listener(plan, run),
        saved_place=(restored.epoch, restored.step) if restored else None,
    )
    if plan.options.force or (plan.options.init and state.step == 0):
        loop.save()  # so that a resumed run never needs the file again, nor --force
    if not is_over(state, plan.recipe):
        line.show("compiling the step …")
    loop.train()
    return finish(plan, run, loop, say=say)


def _progress(plan: Plan, line: LiveLine) -> "Progress":
    """What the run shows, on this line."""
    from archcompile.training.progress import Progress

    measured = "validation" if plan.data.validation else "test"
    return Progress(measured=measured, line=line)


def _prepares_alike(plan: Plan, run: Run) -> bool:
    """Whether the run has trained on images prepared as now: --force may have changed that."""
    identity = run.identity()
    if not checkpoint.by_place(run.checkpoints):
        return False
    preprocessing = plan.identity.recipe["preprocessing"]
    return identity is None or bool(identity.recipe["preprocessing"] == preprocessing)


def _epoch_listener(plan: Plan, run: Run) -> Callable[[EpochRow], None]:
    """What is called with the row of each epoch: TensorBoard's writer, or nothing."""
    if not plan.options.tensorboard or not plan.devices.is_chief:
        return lambda row: None
    from archcompile.training.tensorboard import Board

    return Board(run.path / "tensorboard")


def begin_weights(plan: Plan, trainer: Trainer, say: Say) -> None:
    """Gives the model the weights that it begins with, where these are not drawn."""
    if plan.options.init:
        from archcompile.training.initial_weights import initialise

        initialise(trainer, plan.graph, plan.options.init, classes=plan.data.classes, say=say)


def _initial_state(plan: Plan, trainer: Trainer, say: Say) -> State:
    """The beginning of a run."""
    begin_weights(plan, trainer, say)
    return State(pace=pace(plan.recipe, len(plan.data.train)))


def _restore(
    plan: Plan, run: Run, trainer: Trainer, *, this_machine: Machine, say: Say
) -> State | None:
    """Loads the last intact checkpoint and returns its state; None where there is no checkpoint."""
    identity = None if plan.options.force else plan.identity
    last, damaged = checkpoint.newest(
        checkpoint.latest_first(run.checkpoints), identity, checkpoint.signature(trainer.tensors())
    )
    for sentence in damaged:
        say(f"warning: {sentence}; continuing from the one before it")
    if last is None:
        say("no checkpoint yet: starting from the beginning")
        return None
    inputs.check_beside(run, last)
    _check_best(run, last.state, say)
    _warn_of_changes(plan, last, say)
    state = _with_new_length(plan, run, last.state)
    if is_over(state, plan.recipe):
        _check_engine(run, last.machine, this_machine)
    trainer.load_tensors(last.tensors)
    trainer.draw_as(last.state.draws)
    say(f"resuming after epoch {last.state.epoch}, step {last.state.step}, from {last.path}")
    _warn_of_machine(last.machine, this_machine, say)
    if plan.devices.is_chief:
        _check_history(run, last.state, say)
    return state


def _check_engine(run: Run, before: Mapping[str, Any], machine: Machine) -> None:
    """Raises UsageError where another engine would claim a finished run as its own."""
    engine = before.get("engine", FIRST_ENGINE)
    if engine != machine.engine:
        raise UsageError(
            f"{run.path} is finished, and was trained with {engine}: no step is left for "
            f"{machine.engine}",
            hint="omit --engine, or give more --epochs",
        )


def _warn_of_changes(plan: Plan, last: checkpoint.Checkpoint, say: Say) -> None:
    """Warns of what --force has changed since the checkpoint."""
    for sentence in last.identity.differences(plan.identity):
        say(f"warning: {sentence}: continuing anyway, because of --force")
    is_held_out = plan.data.validation is not None and plan.data.validation_from is None
    if is_held_out and last.identity.seed != plan.identity.seed:
        say(
            "warning: another seed holds out different images for validation: earlier validation "
            "figures are not comparable"
        )


def _warn_of_machine(before: Mapping[str, Any], machine: Machine, say: Say) -> None:
    """Warns of what may change the last bits, or more, since the checkpoint."""
    engine = before.get("engine", FIRST_ENGINE)
    if engine != machine.engine:
        say(
            f"warning: trained with {engine} so far, and with {machine.engine} from here on: "
            "figures agree to rounding, but dropout draws other masks"
        )
        return
    # earlier versions wrote less of the machine down
    known = {key: value for key, value in machine.record().items() if key in before}
    for sentence in differences(before, known):
        say(f"warning: {sentence}: the last bits may differ from an uninterrupted run")


def _check_best(run: Run, state: State, say: Say) -> None:
    """Warns where the checkpoint of the best epoch is damaged; training continues without it."""
    if state.best_epoch is None or state.best_step is None:
        return
    path = run.checkpoints / checkpoint.name_of((state.best_epoch, state.best_step))
    try:
        checkpoint.read(path)
    except checkpoint.DamagedError as error:
        say(
            f"warning: {path}, the best so far, is damaged: {error}; its weights are lost unless "
            "a later epoch is better"
        )


def _check_history(run: Run, state: State, say: Say) -> None:
    """Rewrites history.csv where it differs from the checkpoint's; either may have more rows."""
    file = run.path / HISTORY
    expected, content = as_csv(state.history).encode(), file.read_bytes() if file.exists() else b""
    if not (expected.startswith(content) or content.startswith(expected)):
        say(f"warning: {file} is damaged: rewritten from the checkpoint")
        run.write_history(state.history)


def _with_new_length(plan: Plan, run: Run, state: State) -> State:
    """The state on the pace that the recipe now asks for. Raises UsageError where it is over."""
    new_pace = pace(plan.recipe, len(plan.data.train))
    if plan.recipe.fit_time and state.pace.step:
        return state  # fitted to a limit on time: it stays as it was
    if new_pace.epoch != state.pace.epoch:
        raise UsageError(
            f"{run.path} has had {state.pace.epoch:,} steps an epoch, and would now have "
            f"{new_pace.epoch:,}; its "
            "history is counted in epochs, which cannot change in the middle of a run",
            hint=f"start a new run from its weights: --init {run.path}",
        )
    if new_pace.total < state.step:
        raise UsageError(
            f"{run.path} has {state.step} steps already, more than the requested {new_pace.total}",
            hint="--epochs is the length of the whole run; without it, the run continues to its "
            "end as planned",
        )
    return state.longer(new_pace, plan.recipe.checkpoint.monitor)


def _begin(
    plan: Plan,
    run: Run,
    statistics: Statistics,
    *,
    started: Session,
    resume: bool,
) -> None:
    """Writes everything that is known before the first step; `started` is this start of the run."""
    texts = {
        RESOLVED: plan.graph.spec_text,
        RECIPE: plan.recipe.text(),
        ENVIRONMENT: json_text(_environment(plan, run, started, resume=resume)),
        CLASSES: json_text(list(plan.data.classes)),
    }
    if not (resume and (run.path / SPEC).exists()):
        texts = {SPEC: _spec_as_given(plan), **texts}
    contents = {name: text.encode() for name, text in texts.items()}
    inputs.write(run, {STATISTICS: statistics.to_bytes(), **contents})


def _spec_as_given(plan: Plan) -> str:
    """The text of the spec as the user wrote it; of stdin and graphs only the resolved one."""
    if isinstance(plan.spec, LayerGraph) or str(plan.spec) == "-":
        return plan.graph.spec_text
    return read_text(find_spec(str(plan.spec)))


def _environment(plan: Plan, run: Run, started: Session, *, resume: bool) -> dict[str, Any]:
    """The first start of the run, with one entry more for each time it was resumed."""
    record = {
        "identity": plan.identity.record,
        "options": plan.options.record(),
        "dataset": _dataset(plan.data),
    }
    if resume and (run.path / ENVIRONMENT).exists():
        before = run.read_json(ENVIRONMENT)
        return {**before, **record, "resumed": [*before["resumed"], started.record()]}
    return {**started.record(), "seed": plan.options.seed, **record, "resumed": []}


def _place(data: Dataset) -> str:
    return str(Path(data.place).absolute()) if data.name in sources.PLACED else data.place


def _dataset(data: Dataset) -> dict[str, Any]:
    kept = 0 if data.validation is None else len(data.validation)
    return {
        "name": data.name,
        "label": data.label,
        "place": _place(data),
        "fit": data.fit,
        "fingerprint": data.fingerprint,
        "train": len(data.train),
        "validation": kept,
        "validation_from": data.validation_from,
        "test": len(data.test),
    }
