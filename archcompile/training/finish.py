"""The outcome of a run: that of the portable float32 model, which eval, predict and export use."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from archcompile import atomic
from archcompile.errors import plural
from archcompile.inference import measure_all
from archcompile.keras_model import load_values, to_keras, write_model
from archcompile.messages import Say
from archcompile.recipe import (
    LAGGING,
    Pace,
    Recipe,
    decay_left,
    has_average,
    lag_words,
    share_of_start,
)
from archcompile.report import draw_history
from archcompile.run_files import AVERAGED, CURVES_PNG, CURVES_SVG, MODEL, RESULT
from archcompile.run_folder import (
    AveragedWeights,
    BestEpoch,
    Outcome,
    Run,
    State,
    checkpoint,
    columns,
)
from archcompile.training.early_stop import is_over, is_stopped_early
from archcompile.training.loop import TrainingLoop
from archcompile.training.plan import Plan
from archcompile.training.run_report import write_report

UNDECAYED = 0.2  # of the fall of the learning rate, up to which it counts as decayed
APART = 0.1  # in accuracy, from which on training and test need an explanation


def finish(plan: Plan, run: Run, loop: TrainingLoop, *, say: Say) -> Run:
    """Writes model, curves, report and, last, result.json: a run that has one is complete.

    Of several processes, only the chief writes.
    """
    tensors = loop.trainer.tensors()
    averaged = _average_tensors(plan, loop)
    if not plan.devices.is_chief:
        return Run(run.path, {}, loop.state.history)
    loop.progress.note("writing the model …")
    model = portable(plan.graph, tensors)
    run.write_history(loop.state.history)
    with atomic.replacing(run.path / MODEL) as part:
        write_model(plan.graph, model, part)
    _draw_curves(plan, run, loop)
    loop.progress.note("evaluating the model that is kept …")
    means, probabilities = _on_test(plan, loop, model)
    best = None
    try:
        best = _best(plan, run, loop, model=model)
    except checkpoint.DamagedError as error:
        say(
            f"warning: the checkpoint of the best epoch, {loop.state.best_epoch}, is damaged: "
            f"{error}; the result omits it"
        )
    average = _keep_average(plan, run, loop, model=model, tensors=averaged)
    loop.progress.note("writing the report …")
    metrics = measure_all(plan.data.test.labels, probabilities, plan.recipe.metrics)
    outcome = _outcome(
        plan,
        loop.state,
        means,
        metrics=metrics,
        params=model.count_params(),
        best=best,
        averaged=average,
    )
    write_report(run, plan.graph, plan.data, outcome=outcome, probabilities=probabilities)
    run.write_json(RESULT, outcome.record())
    for sentence in _closing_words(plan, loop, best=best, averaged=average):
        say(sentence)
    return Run(run.path, outcome.record(), loop.state.history)


def _draw_curves(plan: Plan, run: Run, loop: TrainingLoop) -> None:
    """Loss and accuracy over epochs, once there is an epoch."""
    history = loop.state.history
    if not history:
        return
    title = f"{plan.graph.name}, recipe {plan.recipe.name}, {plan.data.label}"
    for suffix, name in (("svg", CURVES_SVG), ("png", CURVES_PNG)):
        drawing = draw_history(columns(history), title, suffix, measured=loop.progress.measured)
        run.write(name, drawing)


def _closing_words(
    plan: Plan, loop: TrainingLoop, *, best: BestEpoch | None, averaged: AveragedWeights | None
) -> Iterator[str]:
    if loop.is_out_of_time:
        yield (
            f"the time limit ended the run after {loop.state.step} of {loop.state.pace.total} "
            "steps; "
            "--resume continues"
        )
    rule = plan.recipe.early_stop
    if rule is not None and is_stopped_early(loop.state, plan.recipe):
        yield (
            f"{rule.monitor} has not improved for {plural(rule.patience, 'epoch')}: the run ended "
            f"early, after {loop.state.step} of {loop.state.pace.total} steps"
        )
    if _is_cut_short(plan.recipe, loop.state.pace):
        yield (
            "warning: the time was too short for the schedule: the run ended before its learning "
            "rate had decayed"
        )
    if _is_lagging(plan, loop.state):
        last = loop.state.history[-1]
        yield (
            f"warning: accuracy is {last.accuracy:.4f} in training and {last.val_accuracy:.4f} on "
            f"the {loop.progress.measured} images: {lag_words(plan.graph, loop.state.step)}, and "
            "tests use them. Train longer (--resume with more --epochs), or anew with "
            "--set defaults.bn.momentum=0.9; see archc explain averages-lag"
        )
    if best:
        yield (
            f"best epoch {best.epoch}: test accuracy {best.test_accuracy:.4f} (chosen on the "
            f"{best.chosen_on})"
        )
    if averaged:
        yield (
            f"averaged weights: test accuracy {averaged.test_accuracy:.4f} (--checkpoint averaged)"
        )
    elif plan.recipe.average:
        yield "warning: the run ended before the average of its weights began: there is none"


def _is_lagging(plan: Plan, state: State) -> bool:
    """Whether tests are worse than training because moving averages have seen too few steps."""
    if not state.history or plan.options.init:
        return False
    last = state.history[-1]
    is_apart = last.accuracy - last.val_accuracy > APART
    return is_apart and share_of_start(plan.graph, state.step) > LAGGING


def _is_cut_short(recipe: Recipe, pace: Pace) -> bool:
    """Whether a schedule fitted to a time limit had to rush through its decay.

    If little of the decay was left by then, the last steps change little.
    """
    return pace.is_rushed and decay_left(recipe, pace.rush_progress) > UNDECAYED


def portable(graph: Any, tensors: Mapping[str, Any]) -> Any:
    """The plain Keras model of a graph with the values of a checkpoint."""
    model = to_keras(graph)
    load_values(model, tensors)
    return model


def _outcome(
    plan: Plan,
    state: State,
    means: Mapping[str, float],
    *,
    metrics: Mapping[str, float | None],
    params: int,
    best: BestEpoch | None,
    averaged: AveragedWeights | None,
) -> Outcome:
    """`means` and `metrics` are the figures on the test set."""
    graph, recipe, data, options = plan.graph, plan.recipe, plan.data, plan.options
    return Outcome(
        name=graph.name,
        hash=graph.hash,
        params=params,
        recipe=recipe.name,
        recipe_hash=recipe.hash(),
        seed=options.seed,
        epochs=state.epoch,
        steps=state.step,
        finished=is_over(state, recipe),
        test_loss=means["loss"],
        test_cross_entropy=means["cross_entropy"],
        test_accuracy=means["accuracy"],
        test_metrics=metrics,
        best=best,
        averaged=averaged,
        dataset=data.label,
        fit=data.fit,
        fingerprint=data.fingerprint,
        precision=recipe.precision,
        engine=options.engine,
        kernels=plan.kernels,
        head_output=plan.head.output,
        seconds=round(state.seconds, 3),
    )


def _average_tensors(plan: Plan, loop: TrainingLoop) -> dict[str, np.ndarray]:
    """The model with averaged weights; nothing where there is no average.

    All processes work on it together.
    """
    rule, state = plan.recipe.average, loop.state
    if rule is None or not has_average(rule, state.step, state.pace):
        return {}
    loop.progress.note("estimating the norms of the averaged weights …")
    return loop.trainer.average_tensors(rule.norm_images)


def _keep_average(
    plan: Plan, run: Run, loop: TrainingLoop, *, model: Any, tensors: Mapping[str, np.ndarray]
) -> AveragedWeights | None:
    """Saves the averaged weights, and says how they do; None where there are none."""
    if not tensors:
        return None
    checkpoint.commit(
        run.path / AVERAGED,
        loop.state,
        tensors,
        identity=loop.identity,
        machine=loop.machine.record(),
        beside=loop.beside,
    )
    load_values(model, tensors)
    means, _ = _on_test(plan, loop, model)
    return AveragedWeights(
        test_accuracy=means["accuracy"],
        test_loss=means["loss"],
        test_cross_entropy=means["cross_entropy"],
    )


def _on_test(plan: Plan, loop: TrainingLoop, model: Any) -> tuple[dict[str, float], np.ndarray]:
    """The figures on the test set, and the probabilities (N, classes) of its images."""
    evaluator = plan.engine.make_evaluator(
        plan.graph, model, plan.recipe, statistics=loop.statistics
    )
    batches = list(evaluator.predict(plan.data.test))
    return evaluator.means(), np.concatenate(batches)


def _best(plan: Plan, run: Run, loop: TrainingLoop, *, model: Any) -> BestEpoch | None:
    """The best epoch; None where there is none. Raises DamagedError where its checkpoint is."""
    state, best = loop.state, loop.state.best
    if best is None or state.best_epoch is None or state.best_step is None:
        return None
    accuracy, loss = best.val_accuracy, best.val_loss
    if plan.data.validation is not None:
        name = checkpoint.name_of((state.best_epoch, state.best_step))
        load_values(model, checkpoint.read(run.checkpoints / name).tensors)
        means, _ = _on_test(plan, loop, model)
        accuracy, loss = means["accuracy"], means["loss"]
    return BestEpoch(
        epoch=best.epoch,
        monitor=plan.recipe.checkpoint.monitor,
        chosen_on=loop.chosen_on,
        val_accuracy=best.val_accuracy,
        test_accuracy=accuracy,
        test_loss=loss,
    )
