"""Epoch after epoch: train, evaluate, checkpoint, tell."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from archcompile.data.dataset import Dataset
from archcompile.errors import Interrupted, TrainingStopped
from archcompile.train import checkpoint
from archcompile.train.loop import Evaluator, Trainer, arrays, finite
from archcompile.train.progress import Progress
from archcompile.recipe.model import Recipe
from archcompile.train.run import Run
from archcompile.train.schedule import learning_rate
from archcompile.train.signals import Stop, stoppable
from archcompile.train.state import Row, State


def fit(trainer: Trainer, evaluator: Evaluator, recipe: Recipe, data: Dataset, run: Run, state: State,
        identity: Mapping[str, Any], machine: Mapping[str, Any]) -> State:  # fmt: skip
    """Trains from `state` to the recipe's last epoch; each epoch ends with a checkpoint and a new history.csv.

    Raises TrainingStopped when the loss is not finite, Interrupted after SIGINT or SIGTERM, DataError when a
    checkpoint cannot be written. The last checkpoint stays in each case.
    """
    progress, beside = Progress(recipe.epochs, trainer.steps), run.beside()
    with stoppable() as stop:
        try:
            while state.epoch < recipe.epochs:
                began = time.perf_counter()
                check = partial(_check, stop, run, state)
                row = _epoch(trainer, evaluator, recipe, data, state.epoch, progress, check)
                state = state.after(row, trainer.steps, time.perf_counter() - began)
                checkpoint.save(run.checkpoints, state, arrays(trainer.variables()), identity, machine, beside)
                run.write_history(state.history)
                progress.epoch(row, data.label)
        finally:
            progress.clear()
    return state


def _epoch(trainer: Trainer, evaluator: Evaluator, recipe: Recipe, data: Dataset, epoch: int, progress: Progress,
           check: Callable[[], None]) -> Row:  # fmt: skip
    """The epoch counted from 0. `check` is called after each step and raises where the run has to stop."""
    rate = learning_rate(recipe.optimizer.learning_rate, recipe.schedule, epoch)
    began = time.perf_counter()
    for done in trainer.epoch(epoch, rate):
        check()
        if progress.due():
            _check_loss(trainer)
            progress.step(epoch + 1, done, recipe.batch_size, trainer.sums.means())
    _check_loss(trainer)
    means = trainer.sums.means()
    seconds = time.perf_counter() - began
    progress.note(f"epoch {epoch + 1}/{recipe.epochs}  evaluating")
    for _ in evaluator.evaluate(data.test):
        check()
    test = evaluator.sums.means()
    if not finite(test):
        raise TrainingStopped(f"the test loss after epoch {epoch + 1} is {test['loss']}", hint=_LOWER)
    return Row(epoch + 1, rate, **means, val_loss=test["loss"], val_accuracy=test["accuracy"], seconds=seconds,
               images_per_second=len(data.train.labels) / seconds)  # fmt: skip


_LOWER = "a smaller learning rate may help: --set train.optimizer.learning_rate=…; what was saved before is kept"


def _check_loss(trainer: Trainer) -> None:
    bad = trainer.bad_step()
    if bad is not None:
        epoch, step = divmod(bad, trainer.steps)
        raise TrainingStopped(f"the loss is not finite in epoch {epoch + 1}, step {step + 1} of {trainer.steps}",
                              hint=_LOWER)  # fmt: skip


def _check(stop: Stop, run: Run, state: State) -> None:
    if stop.signal is not None:
        if state.epoch:
            kept, then = f"the checkpoint of epoch {state.epoch} is kept", "goes on"
        else:
            kept, then = "no checkpoint was written yet, the first epoch being unfinished", "begins again"
        raise Interrupted(f"stopped by a signal; {kept}", signal=stop.signal,
                          hint=f"the same command with --resume --run-dir {run.path} {then}")  # fmt: skip
