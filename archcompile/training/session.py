"""One run, once everything it needs has been checked: build, train, write down."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archcompile.data import Dataset, sources
from archcompile.engine import Statistics, statistics
from archcompile.errors import UsageError
from archcompile.keras_model import settle
from archcompile.recipe import pace
from archcompile.run_files import STATISTICS
from archcompile.run_folder import (
    Row,
    Run,
    State,
    as_csv,
    checkpoint,
    inputs,
    json_text,
    machine,
    session,
)
from archcompile.spec.language import find_spec
from archcompile.spec.yaml import read_text
from archcompile.training.limit import now
from archcompile.training.plan import Plan

Say = Callable[[str], None]


@dataclass(frozen=True)
class Engine:
    """The model in training. `found` are the statistics its pictures are prepared with."""

    trainer: Any
    evaluator: Any
    found: Statistics


def engine(plan: Plan, found: Statistics) -> Engine:
    """The model built and the step made, nothing run yet."""
    from archcompile.engine.tensorflow import Evaluator, Trainer, freeze, lowered

    options = plan.options
    made = lowered(
        plan.graph,
        options.seed,
        plan.recipe.precision,
        devices=plan.devices,
        kernels=options.kernels,
    )
    freeze(made.model, plan.graph, options.freeze)
    trainer = Trainer(
        made, plan.recipe, plan.data.train, found=found, seed=options.seed, devices=plan.devices
    )
    return Engine(
        trainer,
        Evaluator(made.model, plan.recipe, found, output=made.output, devices=plan.devices),
        found,
    )


def statistics_of(plan: Plan) -> Statistics:
    """One pass over the training pictures, where the recipe wants to know of them."""
    height, width, _ = plan.graph.input_shape
    return statistics(plan.data.train, plan.recipe.preprocessing, (height, width))


def execute(plan: Plan, run: Run, resume: bool, *, say: Say) -> Run:
    """Trains into the run's folder, from its last intact checkpoint where it is resumed, and writes
    the outcome.
    """
    from archcompile.training.finish import finish
    from archcompile.training.loop import Fit
    from archcompile.training.progress import Progress

    opened = now()
    made = engine(
        plan,
        run.read_statistics() if resume and _prepares_alike(plan, run) else statistics_of(plan),
    )
    here = machine(plan.devices, plan.options.kernels, plan.options.deterministic)
    restored = _restored(plan, run, made.trainer, here=here, say=say) if resume else None
    state = restored or _initial(plan, made.trainer, say)
    if plan.devices.chief:
        # nothing is written of a run that cannot begin
        _begin(plan, run, made.found, resume=resume)
    progress = Progress(
        label=plan.data.label,
        measured="validation" if plan.data.validation else "test",
        silent=not plan.devices.chief,
    )
    work = Fit(
        trainer=made.trainer,
        evaluator=made.evaluator,
        found=made.found,
        recipe=plan.recipe,
        data=plan.data,
        run=run,
        state=state,
        identity=plan.identity,
        machine=here,
        devices=plan.devices,
        progress=progress,
        limit=plan.options.limit(plan.recipe, plan.data, opened),
        on_epoch=_told(plan, run),
        safe=(restored.epoch, restored.step) if restored else None,
    )
    if plan.options.force or (plan.options.init and state.step == 0):
        work.save()  # so that a resumed run never needs the file again, nor --force
    work.fit()
    return finish(plan, run, work, say=say)


def _prepares_alike(plan: Plan, run: Run) -> bool:
    """Whether the run has trained, on pictures that were prepared as they are now to be, which
    --force may have changed.
    """
    there = run.identity()
    mine = plan.identity["recipe"]["preprocessing"]
    return bool(checkpoint.found(run.checkpoints)) and (
        there is None or there["recipe"]["preprocessing"] == mine
    )


def _told(plan: Plan, run: Run) -> Callable[[Row], None]:
    """What is told of each epoch to TensorBoard, if it is to be told anything."""
    if not plan.options.tensorboard or not plan.devices.chief:
        return lambda row: None
    from archcompile.training.tensorboard import Board

    return Board(run.path / "tensorboard")


def _initial(plan: Plan, trainer: Any, say: Say) -> State:
    """The beginning of a run."""
    if plan.options.init:
        from archcompile.training.initial_weights import initialise

        initialise(trainer.model, plan.graph, plan.options.init, classes=plan.data.classes, say=say)
    return State(pace=pace(plan.recipe, len(plan.data.train)))


def _restored(
    plan: Plan, run: Run, trainer: Any, *, here: Mapping[str, Any], say: Say
) -> State | None:
    """The state of the last intact checkpoint, its tensors put into the model; None where there is
    none.
    """
    from archcompile.engine.tensorflow import arrays, assign

    variables = trainer.variables()
    wanted = None if plan.options.force else plan.identity
    last, damaged = checkpoint.newest(
        checkpoint.latest_first(run.checkpoints), wanted, checkpoint.signature(arrays(variables))
    )
    for sentence in damaged:
        say(f"warning: {sentence}; going on from the one before it")
    if last is None:
        say("no checkpoint yet: starting from the beginning")
        return None
    inputs.check_beside(run, last)
    _check_best(run, last.state, say)
    for sentence in checkpoint.differences(last.identity, plan.identity):
        say(f"warning: {sentence}: going on all the same, as --force says")
    if (
        plan.data.validation is not None
        and plan.data.validation_from is None
        and last.identity["seed"] != plan.identity["seed"]
    ):
        say(
            "warning: another seed keeps other pictures for validation: what was measured on "
            "them before does not compare"
        )
    assign(variables, last.tensors)
    settle(trainer.model)
    say(f"resuming after {last.state.epoch} epochs and {last.state.step} steps, from {last.path}")
    # what earlier versions wrote down too
    known = {key: value for key, value in here.items() if key in last.machine}
    for sentence in checkpoint.differences(last.machine, known):
        say(
            f"warning: {sentence}: the last bits may come out otherwise than without the "
            "interruption"
        )
    if plan.devices.chief:
        _check_history(run, last.state, say)
    return _at_length(plan, run, last.state)


def _check_best(run: Run, state: State, say: Say) -> None:
    """Warns where the checkpoint of the best epoch is damaged, which training goes on without."""
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
    """Writes history.csv anew where it is not what the checkpoint has, but for rows at its end that
    one of the two lacks.
    """
    file = run.path / "history.csv"
    wanted, there = as_csv(state.history).encode(), file.read_bytes() if file.exists() else b""
    if not (wanted.startswith(there) or there.startswith(wanted)):
        say(f"warning: {file} is damaged: it is written anew, as the checkpoint has it")
        run.write_history(state.history)


def _at_length(plan: Plan, run: Run, state: State) -> State:
    """The state on the pace that the recipe now asks for. Raises UsageError where it is over
    already.
    """
    wanted = pace(plan.recipe, len(plan.data.train))
    if plan.recipe.fit_time and state.pace.step:
        return state  # fitted to a limit on time: it stays as it was
    if wanted.epoch != state.pace.epoch:
        raise UsageError(
            f"{run.path} has had {state.pace.epoch:,} steps an epoch, and would now have "
            f"{wanted.epoch:,}; its "
            "history is counted in epochs, which cannot change on the way",
            hint=f"begin a new run with its weights: --init {run.path}",
        )
    if wanted.total < state.step:
        raise UsageError(
            f"{run.path} has {state.step} steps already, more than the {wanted.total} asked for"
        )
    return state.longer(wanted, plan.recipe.checkpoint.monitor)


def _begin(plan: Plan, run: Run, found: Statistics, *, resume: bool) -> None:
    """Everything that is known before the first step."""
    contents = {
        "resolved.yaml": plan.graph.spec_text,
        "recipe.yaml": plan.recipe.text(),
        "environment.json": json_text(_environment(plan, run, resume)),
        "classes.json": json_text(list(plan.data.classes)),
    }
    if not (resume and (run.path / "spec.yaml").exists()):
        given = (
            plan.graph.spec_text if str(plan.spec) == "-" else read_text(find_spec(str(plan.spec)))
        )
        contents = {"spec.yaml": given, **contents}
    inputs.write(
        run,
        {STATISTICS: found.stored(), **{name: text.encode() for name, text in contents.items()}},
    )


def _environment(plan: Plan, run: Run, resume: bool) -> dict[str, Any]:
    """The first start of the run, with one entry more for each time it was resumed."""
    started = session(plan.devices, plan.options.kernels, plan.options.deterministic)
    record = {
        "identity": plan.identity,
        "options": plan.options.record(),
        "dataset": _dataset(plan.data),
    }
    if resume and (run.path / "environment.json").exists():
        before = run.read_json("environment.json")
        return {**before, **record, "resumed": [*before["resumed"], started]}
    return {**started, "seed": plan.options.seed, **record, "resumed": []}


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
