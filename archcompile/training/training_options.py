"""The options of a command, beside spec, recipe and data."""

from dataclasses import dataclass
from typing import Any, Self

from archcompile.choices import EngineName, Kernels
from archcompile.data import Dataset
from archcompile.recipe import Recipe
from archcompile.run_folder import Run
from archcompile.training.limit import Limit

# the options that a run's files have
KEPT = ("seed", "engine", "kernels", "deterministic", "init", "freeze", "tensorboard")


@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """The options that belong to the training itself: with others it is another training."""

    seed: int = 0
    init: str | None = None
    freeze: tuple[str, ...] = ()

    def identity(self) -> dict[str, Any]:
        """As part of a run's identity; `init` and `freeze` only where they are given."""
        values: dict[str, Any] = {"seed": self.seed}
        if self.init:
            values["init"] = self.init
        if self.freeze:
            values["freeze"] = list(self.freeze)
        return values


@dataclass(frozen=True, kw_only=True)
class Options(TrainingOptions):
    """All options. `time_limit` is in seconds from `began`, on the clock of `time.perf_counter`."""

    engine: EngineName = "tensorflow"
    kernels: Kernels | None = None  # None leaves them to the engine
    deterministic: bool = False
    device: str | None = None
    time_limit: float | None = None
    began: float = 0.0
    force: bool = False
    tensorboard: bool = False

    @classmethod
    def of_run(cls, run: Run | None) -> Self:
        """Those that a run was begun with; the defaults without a run. Raises DataError."""
        if run is None:
            return cls()
        known = {key: value for key, value in run.options().items() if key in KEPT}
        freeze = tuple(known.get("freeze", ()))
        return cls(**{**known, "freeze": freeze, "engine": run.engine()})

    def record(self) -> dict[str, Any]:
        """What a resumed run takes over where its command leaves it open: all of KEPT."""
        values = {key: getattr(self, key) for key in KEPT}
        return {**values, "freeze": list(self.freeze)}

    def limit(self, recipe: Recipe, data: Dataset, opened: float) -> Limit | None:
        """The time limit, None without one; `opened` is when the building of the model began."""
        if self.time_limit is None:
            return None
        kept = len(data.validation or ())
        # scored with the last epoch, and with the best where other images have chosen it
        outcome = len(data.test) * (2 if kept else 1)
        return Limit(
            deadline=self.began + self.time_limit,
            stretches=recipe.fit_time,
            images=kept or len(data.test),
            outcome=outcome,
            opened=opened,
        )
