"""The outcome of a run. It is always that of the portable model in float32: what eval, predict and
export use.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from archcompile import atomic as files
from archcompile.engine.tensorflow import Devices, Evaluator, arrays, load, of_model
from archcompile.keras_model import recursion_for, to_keras
from archcompile.recipe import Pace
from archcompile.report import draw_history
from archcompile.run_folder import Run, checkpoint, columns
from archcompile.training.loop import Fit
from archcompile.training.plan import Plan
from archcompile.training.run_report import write_report

Say = Callable[[str], None]


def finish(plan: Plan, run: Run, work: Fit, *, say: Say) -> Run:
    """Writes model, curves, report and, last, result.json: a run that has one is complete.

    Of several processes, only the chief writes.
    """
    tensors = arrays(of_model(work.trainer.model))
    if not plan.devices.chief:
        return Run(run.path, {}, work.state.history)
    model = portable(plan.graph, tensors)
    run.write_history(work.state.history)
    with files.replacing(run.path / "model.keras") as part, recursion_for(plan.graph):
        model.save(part)
    title = f"{plan.graph.name}, recipe {plan.recipe.name}, {plan.data.label}"
    for suffix in ("svg", "png") if work.state.history else ():
        run.write(
            f"curves.{suffix}",
            draw_history(
                columns(work.state.history), title, suffix, measured=work.progress.measured
            ),
        )
    figures, probabilities = _on_test(plan, work, model)
    result = _result(plan, work, model, test=figures)
    try:
        result["best"] = _best(plan, run, work, model=model)
    except checkpoint.DamagedError as error:
        say(
            f"warning: the checkpoint of the best epoch, {work.state.best_epoch}, is damaged: "
            f"{error}; the result has none"
        )
    write_report(run, plan.graph, plan.data, result=result, probabilities=probabilities)
    run.write_json("result.json", result)
    if work.out_of_time:
        say(
            f"the time is over after {work.state.step} of {work.state.pace.total} steps; "
            "--resume goes on"
        )
    if _cut_short(work.state.pace):
        say(
            "warning: the time was too short for the schedule: the run ended before its learning "
            "rate had come down"
        )
    if result["best"]:
        best = result["best"]
        say(
            f"best epoch {best['epoch']}: test accuracy {best['test_accuracy']:.4f} (chosen on "
            f"the {best['chosen_on']})  "
            f"[{plan.data.label}]"
        )
    return Run(run.path, result, work.state.history)


def _cut_short(pace: Pace) -> bool:
    """Whether a schedule fitted to a limit on time had to jump to its end: more of it was left than
    of the steps.
    """
    return (
        bool(pace.step) and 1.0 - pace.progress > 2.0 * (pace.total - pace.step) / pace.total + 0.05
    )


def portable(graph: Any, tensors: Mapping[str, Any]) -> Any:
    """The plain Keras model of a graph with the values of a checkpoint."""
    model = to_keras(graph)
    load(model, tensors)
    return model


def _result(plan: Plan, work: Fit, model: Any, *, test: Mapping[str, float]) -> dict[str, Any]:
    state, graph, recipe, data = work.state, plan.graph, plan.recipe, plan.data
    return {
        "name": graph.name,
        "hash": graph.hash,
        "params": model.count_params(),
        "recipe": recipe.name,
        "recipe_hash": recipe.hash(),
        "seed": plan.options.seed,
        "epochs": state.epoch,
        "steps": state.step,
        "finished": state.finished,
        "test_loss": test["loss"],
        "test_cross_entropy": test["cross_entropy"],
        "test_accuracy": test["accuracy"],
        "best": None,
        "dataset": data.label,
        "fit": data.fit,
        "fingerprint": data.fingerprint,
        "precision": recipe.precision,
        "kernels": plan.options.kernels,
        "head_output": plan.head.output,
        "seconds": round(state.seconds, 3),
    }


def _on_test(plan: Plan, work: Fit, model: Any) -> tuple[dict[str, float], np.ndarray]:
    """The figures on the test set, and the probabilities (N, classes) of its pictures."""
    evaluator = Evaluator(
        model, plan.recipe, work.found, output=plan.head.output, devices=Devices.single()
    )
    probabilities = np.concatenate(
        [np.asarray(batch) for batch in evaluator.predict(plan.data.test)]
    )
    return evaluator.sums.means(), probabilities


def _best(plan: Plan, run: Run, work: Fit, *, model: Any) -> dict[str, Any] | None:
    """The best epoch: what chose it, and its figures on the test set."""
    state, best = work.state, work.state.best
    if best is None or state.best_epoch is None or state.best_step is None:
        return None
    record = {
        "epoch": best.epoch,
        "monitor": plan.recipe.checkpoint.monitor,
        "chosen_on": work.chosen_on,
        "val_accuracy": best.val_accuracy,
    }
    if plan.data.validation is None:
        return {**record, "test_accuracy": best.val_accuracy, "test_loss": best.val_loss}
    saved = checkpoint.read(
        run.checkpoints / checkpoint.name_of((state.best_epoch, state.best_step))
    )
    load(model, saved.tensors)
    found, _ = _on_test(plan, work, model)
    return {**record, "test_accuracy": found["accuracy"], "test_loss": found["loss"]}
