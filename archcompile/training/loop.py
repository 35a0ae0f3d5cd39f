"""Step after step, epoch after epoch: train, evaluate, save, tell; and stop in good order, whatever
the reason.
"""

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import tensorflow as tf

from archcompile.data import Dataset, Split, chosen_on
from archcompile.engine import Statistics
from archcompile.engine.tensorflow import Devices, Evaluator, Trainer, arrays
from archcompile.errors import ArchError, Interrupted, TrainingStopped
from archcompile.recipe import Recipe, minimised, rate
from archcompile.run_folder import Row, Run, State, checkpoint
from archcompile.training.consensus import Together
from archcompile.training.limit import Limit, now, refitted
from archcompile.training.progress import Progress
from archcompile.training.signals import Stop, stoppable

LOWER = (
    "a smaller learning rate may help: --set train.optimizer.learning_rate=…; what was saved "
    "before is kept"
)
SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(kw_only=True)
class Fit:
    """One session of training. `state` is what has been reached; `fit` takes it to the end of the
    run.
    """

    trainer: Trainer
    evaluator: Evaluator
    found: Statistics
    recipe: Recipe
    data: Dataset
    run: Run
    state: State
    identity: Mapping[str, Any]
    machine: Mapping[str, Any]
    devices: Devices
    progress: Progress
    limit: Limit | None
    on_epoch: Callable[[Row], None]
    stop: Stop = field(default_factory=Stop)
    out_of_time: bool = False
    safe: checkpoint.Place | None = None  # what has been done at the last checkpoint
    saved: float = field(default_factory=now)  # when
    ticked: float = 0.0

    def __post_init__(self) -> None:
        self.together = Together(self.devices)
        self.beside = self.run.beside() if self.devices.chief else {}

    @property
    def validation(self) -> Split:
        """The pictures whose figures go into history: those kept from training, or the test set."""
        return self.data.validation or self.data.test

    @property
    def chosen_on(self) -> str:
        """What the best epoch is chosen on, in words."""
        kept = self.data.validation
        return chosen_on(0 if kept is None else len(kept), self.data.validation_from)

    # ---- the course of things ----

    def fit(self) -> State:
        """Trains to the end, or to the limit on time; each epoch ends with a checkpoint and a new
        history.csv.

        Raises TrainingStopped where the loss is not finite, Interrupted after SIGINT or SIGTERM,
        DataError where a checkpoint cannot be written or a picture not read, and whatever fails
        inside the framework. The last checkpoint stays in each case.
        """
        with stoppable() as self.stop:
            try:
                while not (self.state.finished or self.out_of_time):
                    self._train()
                    if self.state.step >= self.state.end:
                        self._close_epoch()
                    else:  # out of time
                        self._check_loss()
                        self.save()
            except (
                tf.errors.UnavailableError,
                tf.errors.AbortedError,
                tf.errors.DeadlineExceededError,
            ) as error:
                if self.devices.workers == 1:
                    raise
                raise TrainingStopped(
                    "another process of this training is gone, and none can go on without it",
                    hint="start all of them again with --resume",
                ) from error
            except ArchError:
                raise
            except Exception as error:
                error.add_note(self._outlook())
                raise
            finally:
                self.progress.clear()
        return self.state

    def _outlook(self) -> str:
        """What is left of a training that has failed, and how it goes on."""
        if self.safe is None:
            return "Nothing was saved yet."
        return (
            f"Epochs and steps that are saved: {self.safe[0]} and {self.safe[1]}. Once the cause "
            "is mended, "
            f"archc train --resume --run-dir {self.run.path} goes on from there."
        )

    def _train(self) -> None:
        """The steps of the epoch that are still to be done."""
        first = self.state.step - self.state.begun
        if self.state.step >= self.state.end:
            return
        if not first:
            self.state = replace(self.state, rate=self.rate(self.state.step))
        self.ticked = now()
        for step in self.trainer.epoch(self.state.epoch, first):
            step(self.rate(step.number))
            self._stepped()
            if self.out_of_time or self.state.step >= self.state.end:
                return

    def rate(self, step: int) -> float:
        """The learning rate of a step: the schedule's; a plateau rule has a say only where there is
        no schedule.
        """
        lowered = self.state.watch.rate
        return rate(self.recipe, step, self.state.pace) if lowered is None else lowered

    def _stepped(self) -> None:
        """Everything that has to be looked at between two steps."""
        here = now()
        self.state = self.state.stepped(here - self.ticked)
        self.ticked = here
        if self.limit:
            self.limit.stepped(here)
        if self.progress.due():
            self._check_loss()
            self.progress.step(self.state, self.recipe.batch_size, self.trainer.sums.means())
        if self.together.due(self.state.step):
            self._decide(here)
        every = self.recipe.checkpoint.steps
        if every and self.state.step % every == 0 and self.state.step < self.state.end:
            self._check_loss()
            self.save()

    def _decide(self, here: float) -> None:
        """What every process of a training does at the same step: stop, save, or run shorter or
        longer.
        """
        chief, minutes = float(self.devices.chief), self.recipe.checkpoint.minutes
        wishes = [float(self.stop.signal == number) for number in SIGNALS]
        wishes.append(chief * (minutes is not None and here - self.saved > minutes * 60))
        wishes += [chief * value for value in self._time(here)]
        first, second, save, over, total = self.together.sums(wishes)
        if total:
            self.state = replace(
                self.state,
                pace=refitted(self.state.pace, self.state.step, round(total) - self.state.step),
            )
        for number, asked in zip(SIGNALS, (first, second), strict=True):
            if asked:
                self._interrupted(number)
        if over:
            self.out_of_time = True
        elif save and self.state.step < self.state.end:
            self._check_loss()
            self.save()

    def _time(self, here: float) -> tuple[float, float]:
        """Whether the time is over, and the steps the run is now to have in all (0: as before)."""
        limit, batch = self.limit, self.recipe.batch_size
        each = limit.step_seconds(here) if limit else None
        if limit is None or each is None:
            return float(limit is not None and here > limit.deadline), 0.0
        if not (limit.stretches and limit.warm):
            return float(limit.over(here, each, batch)), 0.0
        if not limit.due(here):
            return 0.0, 0.0
        return 0.0, float(
            self.state.step + limit.steps_left(here, each, batch, epoch=self.state.pace.epoch)
        )

    def _interrupted(self, number: int) -> None:
        self._check_loss()
        path = self.save()
        raise Interrupted(
            f"stopped by a signal after step {self.state.step} of {self.state.pace.total}; saved "
            f"in {path}",
            signal=number,
            hint=f"archc train --resume --run-dir {self.run.path} goes on",
        )

    # ---- the end of an epoch ----

    def _close_epoch(self) -> None:
        """Saves, so that no fault of an evaluation costs the epoch; evaluates, writes a row of
        history, saves that.
        """
        self._check_loss()
        if self.safe != (self.state.epoch, self.state.step):
            self.save()
        begun = now()
        means = self.trainer.sums.means()
        pictures = self.trainer.pictures_of(self.state.step - self.state.begun)
        found = self._evaluate()
        state = self.state
        row = Row(
            epoch=state.epoch + 1,
            learning_rate=state.rate,
            **means,
            val_loss=found["loss"],
            val_cross_entropy=found["cross_entropy"],
            val_accuracy=found["accuracy"],
            seconds=state.epoch_seconds,
            images_per_second=pictures / max(state.epoch_seconds, 1e-9),
        )
        took = now() - begun
        if self.limit:
            self.limit.evaluated(took)
        self.state = self._watched(state.after(row, self.recipe.checkpoint.monitor, took), row)
        self.save()
        if self.devices.chief:
            self.run.write_history(self.state.history)
        self.on_epoch(row)
        self.progress.epoch(row, self.state)

    def _evaluate(self) -> dict[str, float]:
        self.progress.note("evaluating")
        for _ in self.evaluator.evaluate(self.validation):
            if self.stop.signal is not None and self.devices.workers == 1:
                self._interrupted(self.stop.signal)
        found = self.evaluator.sums.means()
        if not checkpoint.all_finite(found):
            raise TrainingStopped(
                f"after epoch {self.state.epoch + 1} the loss on the pictures not trained on is "
                f"{found['loss']}",
                hint=LOWER,
            )
        return found

    def _watched(self, state: State, row: Row) -> State:
        rule = self.recipe.live_plateau
        if rule is None:
            return state
        value, used = getattr(row, rule.monitor), self.rate(state.step - 1)
        return replace(
            state, watch=state.watch.after(value, used, rule, minimised=minimised(rule.monitor))
        )

    # ---- saving ----

    def save(self) -> Any:
        """A checkpoint of the state. Raises TrainingStopped rather than save numbers that are not
        finite.
        """
        tensors = arrays(self.trainer.variables())
        bad = checkpoint.not_finite(tensors)
        if bad is not None:
            raise TrainingStopped(f"{bad} is not finite after step {self.state.step}", hint=LOWER)
        self.saved = now()
        path = self.run.checkpoints
        if self.devices.chief:
            path = checkpoint.save(
                path,
                self.state,
                tensors,
                identity=self.identity,
                machine=self.machine,
                beside=self.beside,
            )
        self.safe = (self.state.epoch, self.state.step)
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
