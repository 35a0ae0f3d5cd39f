"""Steps and epochs: train, evaluate, save, report, and stop in good order, whatever the reason.

What happens in a step stands on one page of each engine, such as `engine/tensorflow/trainer.py`.
"""

import signal
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from archcompile.api import LayerGraph
from archcompile.data import Dataset, Split, name_chooser
from archcompile.engine import Evaluator, Statistics, Trainer
from archcompile.errors import ArchError, Interrupted, TrainingStopped
from archcompile.inference import Metrics, measure
from archcompile.recipe import Recipe, average_share, is_minimised, rate
from archcompile.run_folder import EpochRow, Identity, Machine, Run, State, checkpoint
from archcompile.training.consensus import EVERY, Decision, agree, is_due
from archcompile.training.early_stop import is_over
from archcompile.training.limit import Limit, now, refit
from archcompile.training.progress import Progress
from archcompile.training.signals import Stop, stoppable
from archcompile.training.too_little_memory import memory_error

BETWEEN_LOOKS = 0.5  # seconds, within which a signal is answered

LOWER = (
    "a smaller learning rate may help: --set train.optimizer.learning_rate=…; earlier "
    "checkpoints are kept"
)


@dataclass(kw_only=True)
class TrainingLoop:
    """One session of training. `state` is what it has reached, and `train` takes it to the end.

    `saved_place` is what had been done at the last checkpoint, `saved_at` when that was written,
    and `last_step_at` when the last step ended, both on the clock of `now`.
    """

    trainer: Trainer
    evaluator: Evaluator
    statistics: Statistics
    graph: LayerGraph
    recipe: Recipe
    data: Dataset
    run: Run
    state: State
    identity: Identity
    machine: Machine
    progress: Progress
    limit: Limit | None
    on_epoch: Callable[[EpochRow], None]
    stop: Stop = field(default_factory=Stop)
    is_out_of_time: bool = False
    saved_place: checkpoint.Place | None = None
    saved_at: float = field(default_factory=now)
    last_step_at: float = 0.0
    steps_at_once: int = 1

    def __post_init__(self) -> None:
        self.devices = self.trainer.devices
        self.beside = self.run.beside() if self.devices.is_chief else {}

    @property
    def validation(self) -> Split:
        """The images whose figures go into history: those kept from training, or the test set."""
        return self.data.validation or self.data.test

    @property
    def chosen_on(self) -> str:
        """What the best epoch is chosen on, in words."""
        kept = self.data.validation
        return name_chooser(0 if kept is None else len(kept), self.data.validation_from)

    # ---- epochs and steps ----

    def train(self) -> State:
        """Trains to the end or the time limit; each epoch ends with a checkpoint and a history.csv.

        Raises TrainingStopped where the loss is not finite, Interrupted after SIGINT or SIGTERM,
        DataError where a checkpoint cannot be written or an image cannot be read, and whatever
        fails inside the framework. The last checkpoint stays in each case.
        """
        with stoppable() as self.stop:
            try:
                while not (is_over(self.state, self.recipe) or self.is_out_of_time):
                    self._train_epoch()
                    if self.state.step >= self.state.epoch_end:
                        self._close_epoch()
                    else:  # out of time
                        self._check_loss()
                        self.save()
            except ArchError:
                raise
            except Exception as error:
                if reason := self._reason(error):
                    raise reason from error
                error.add_note(self._outlook())
                raise
            finally:
                self.progress.clear()
        return self.state

    def _reason(self, error: Exception) -> ArchError | None:
        """What a user is told of an error of the framework; None where it is not a known one."""
        if self.devices.workers > 1 and self.trainer.is_lost_process(error):
            return TrainingStopped(
                "another process of this training has ended, and none can continue without it",
                hint="restart all of them with --resume",
            )
        if self.trainer.is_out_of_memory(error):
            return memory_error(self.graph, self.recipe, self.devices, outlook=self._outlook())
        if self.devices.workers > 1 and self.trainer.is_of_framework(error):
            reason = str(error).partition("\n")[0]
            return TrainingStopped(
                f"a step that all processes do together has failed: {reason}",
                hint="if one of them has ended, restart all with --resume; --debug shows the whole "
                "error",
            )
        return None

    def _outlook(self) -> str:
        """What is left of a training that has failed, and how it is resumed."""
        if self.saved_place is None:
            return "Nothing has been saved yet."
        epochs, steps = self.saved_place
        return (
            f"Saved epochs and steps: {epochs} and {steps}. Once the cause is fixed, "
            f"archc train --resume --run-dir {self.run.path} continues from there."
        )

    def _train_epoch(self) -> None:
        """The steps of the epoch that are still to be done."""
        first = self.state.step - self.state.epoch_start
        if self.state.step >= self.state.epoch_end:
            return
        if not first:
            self.state = replace(self.state, rate=self.rate(self.state.step))
        self.last_step_at = now()
        while not self.is_out_of_time and self.state.step < self.state.epoch_end:
            steps = range(self.state.step, self._next_look())
            rates = [self.rate(step) for step in steps]
            self._after_steps(self.trainer.run(self.state.step, rates, self.shares(steps)))

    def _next_look(self) -> int:
        """The step before which something may have to be done: saving, agreeing, stopping."""
        step, every = self.state.step, self.recipe.checkpoint.steps
        looks = [step + self.steps_at_once, self.state.epoch_end]
        if every:
            looks.append(next_multiple(step, every))
        if self.devices.workers > 1:
            looks.append(next_multiple(step, EVERY))
        return min(looks)

    def rate(self, step: int) -> float:
        """The learning rate of a step: the schedule's, or what a plateau rule has lowered it to."""
        lowered = self.state.watch.rate
        return rate(self.recipe, step, self.state.pace) if lowered is None else lowered

    def shares(self, steps: Iterable[int]) -> list[float]:
        """What the weights after each step become of their average; empty where there is none."""
        rule = self.recipe.average
        return [average_share(rule, step, self.state.pace) for step in steps] if rule else []

    def _after_steps(self, count: int) -> None:
        """Everything that has to be looked at between steps, after so many."""
        time = now()
        seconds, self.last_step_at = time - self.last_step_at, time
        self.state = self.state.add_steps(count, seconds)
        self._choose_steps_at_once(count, seconds)
        if self.limit:
            self.limit.count_steps(count, time)
        if self.progress.is_due(count):
            self._check_loss()
            self.progress.step(self.state, self.recipe.batch_size, self.trainer.means())
        if is_due(self.state.step, self.trainer):
            self._decide(time)
        every = self.recipe.checkpoint.steps
        if every and self.state.step % every == 0 and self.state.step < self.state.epoch_end:
            self._check_loss()
            self.save()

    def _choose_steps_at_once(self, count: int, seconds: float) -> None:
        """As many as take about BETWEEN_LOOKS by the last `count`, at most twice those before.

        With other processes it is always as many as they agree after.
        """
        most = self.trainer.steps_at_once
        if self.devices.workers == 1:
            in_time = int(count * BETWEEN_LOOKS / max(seconds, 1e-9))
            most = min(most, 2 * self.steps_at_once, in_time)
        self.steps_at_once = max(1, most)

    def _decide(self, time: float) -> None:
        """What all processes do at the same step: stop, save, or train for fewer or more steps."""
        decision = agree(self._ask(time), self.trainer)
        if decision.total_steps:
            left = decision.total_steps - self.state.step
            pace = refit(self.state.pace, self.state.step, left)
            self.state = replace(self.state, pace=pace)
        if decision.ending_signal is not None:
            self._save_and_interrupt(decision.ending_signal)
        if decision.is_out_of_time:
            self.is_out_of_time = True
        elif decision.saves and self.state.step < self.state.epoch_end:
            self._check_loss()
            self.save()

    def _ask(self, time: float) -> Decision:
        """What this process asks for; only the chief looks at the clock."""
        is_chief, minutes = self.devices.is_chief, self.recipe.checkpoint.minutes
        is_out_of_time, total_steps = self._time(time)
        return Decision(
            interrupts=self.stop.signal == signal.SIGINT,
            terminates=self.stop.signal == signal.SIGTERM,
            saves=is_chief and minutes is not None and time - self.saved_at > minutes * 60,
            is_out_of_time=is_chief and is_out_of_time,
            total_steps=total_steps if is_chief else None,
        )

    def _time(self, time: float) -> tuple[bool, int | None]:
        """Whether time is over, and the steps the run is now to have in all (None: as before)."""
        limit, batch = self.limit, self.recipe.batch_size
        if limit is None:
            return False, None
        step_seconds = limit.step_seconds(time)
        if step_seconds is None:
            return time > limit.deadline, None
        if not (limit.stretches and limit.is_warm):
            return limit.is_over(time, step_seconds, batch), None
        if not limit.is_due(time):
            return False, None
        left = limit.steps_left(time, step_seconds, batch, epoch=self.state.pace.epoch)
        return False, self.state.step + left

    def _save_and_interrupt(self, number: int) -> None:
        self._check_loss()
        path = self.save()
        raise Interrupted(
            f"stopped by a signal after step {self.state.step} of {self.state.pace.total}; saved "
            f"in {path}",
            signal=number,
            hint=f"archc train --resume --run-dir {self.run.path} continues",
        )

    # ---- the end of an epoch ----

    def _close_epoch(self) -> None:
        """Saves, evaluates, adds a row to the history, and saves again.

        The first save is there so that an evaluation that fails costs no epoch.
        """
        self._check_loss()
        if self.saved_place != (self.state.epoch, self.state.step):
            self.save()
        began = now()
        means = self.trainer.means()
        images = self.trainer.images_in(self.state.step - self.state.epoch_start)
        validation, metrics = self._evaluate()
        state = self.state
        row = EpochRow(
            epoch=state.epoch + 1,
            learning_rate=state.rate,
            **means,
            val_loss=validation["loss"],
            val_cross_entropy=validation["cross_entropy"],
            val_accuracy=validation["accuracy"],
            seconds=state.epoch_seconds,
            images_per_second=images / max(state.epoch_seconds, 1e-9),
            metrics=metrics,
        )
        seconds = now() - began
        if self.limit:
            self.limit.note_evaluation(seconds)
        state = state.after(row, self.recipe.checkpoint.monitor, seconds)
        self.state = self._watch_plateau(state, row)
        self.save()
        if self.devices.is_chief:
            self.run.write_history(self.state.history)
        self.on_epoch(row)
        self.progress.epoch(row, self.state)

    def _evaluate(self) -> tuple[dict[str, float], Metrics]:
        """The figures on the held-out images, and the metrics that the recipe asks for."""
        self.progress.note("evaluating")
        names, kept = self.recipe.metrics, []
        passes = self.evaluator.predict if names else self.evaluator.evaluate
        for part in passes(self.validation):
            if self.stop.signal is not None and self.devices.workers == 1:
                self._save_and_interrupt(self.stop.signal)
            kept += [part] if names else []
        means = self.evaluator.means()
        if not checkpoint.are_all_finite(means):
            raise TrainingStopped(
                f"after epoch {self.state.epoch + 1} the loss on the held-out images is "
                f"{means['loss']}",
                hint=LOWER,
            )
        if not names:
            return means, {}
        return means, measure(self.validation.labels, np.concatenate(kept), names)

    def _watch_plateau(self, state: State, row: EpochRow) -> State:
        """The state, its rate lowered where the recipe's plateau rule says so."""
        rule = self.recipe.live_plateau
        if rule is None:
            return state
        value, last_rate = getattr(row, rule.monitor), self.rate(state.step - 1)
        watch = state.watch.after(value, last_rate, rule, minimised=is_minimised(rule.monitor))
        return replace(state, watch=watch)

    # ---- saving ----

    def save(self) -> Any:
        """Saves a checkpoint. Raises TrainingStopped where a number in it is not finite."""
        tensors = self.trainer.tensors()
        bad = checkpoint.not_finite(tensors)
        if bad is not None:
            raise TrainingStopped(f"{bad} is not finite after step {self.state.step}", hint=LOWER)
        self.saved_at = now()
        path = self.run.checkpoints
        if self.devices.is_chief:
            path = checkpoint.save(
                path,
                self.state,
                tensors,
                identity=self.identity,
                machine=self.machine.record(),
                beside=self.beside,
            )
        self.saved_place = (self.state.epoch, self.state.step)
        return path

    def _check_loss(self) -> None:
        bad = self.trainer.bad_step()
        if bad is not None:
            epoch, step = divmod(bad, self.trainer.steps)
            raise TrainingStopped(
                f"the loss is not finite in epoch {epoch + 1}, step {step + 1} of "
                f"{self.trainer.steps}",
                hint=LOWER,
            )


def next_multiple(step: int, every: int) -> int:
    """The first multiple of `every` after `step`."""
    return (step // every + 1) * every
