"""What a command says beside spec, recipe and data."""

from dataclasses import dataclass
from typing import Any

from archcompile.data import Dataset
from archcompile.engine.tensorflow import Kernels
from archcompile.recipe import Recipe
from archcompile.training.limit import Limit


@dataclass(frozen=True, kw_only=True)
class Options:
    """`time_limit` is in seconds and counted from `began`, on the clock of `time.perf_counter`."""

    seed: int = 0
    kernels: Kernels = "fused"
    deterministic: bool = False
    device: str | None = None
    time_limit: float | None = None
    began: float = 0.0
    init: str | None = None
    freeze: tuple[str, ...] = ()
    force: bool = False
    tensorboard: bool = False

    def identity(self) -> dict[str, Any]:
        """What belongs to the training itself; where weights come from and what is frozen only
        where anything is.
        """
        values: dict[str, Any] = {"seed": self.seed}
        if self.init:
            values["init"] = self.init
        if self.freeze:
            values["freeze"] = list(self.freeze)
        return values

    def record(self) -> dict[str, Any]:
        """What a resumed run takes over unless it is told otherwise."""
        return {
            "seed": self.seed,
            "kernels": self.kernels,
            "deterministic": self.deterministic,
            "init": self.init,
            "freeze": list(self.freeze),
            "tensorboard": self.tensorboard,
        }

    def limit(self, recipe: Recipe, data: Dataset, opened: float) -> Limit | None:
        """The limit of a run whose model was begun to be built at `opened`; None where there is
        none.
        """
        if self.time_limit is None:
            return None
        kept = len(data.validation or ())
        # of the last epoch, and of the best where it was chosen on others
        outcome = len(data.test) * (2 if kept else 1)
        return Limit(
            deadline=self.began + self.time_limit,
            stretches=recipe.fit_time,
            pictures=kept or len(data.test),
            outcome=outcome,
            opened=opened,
        )
