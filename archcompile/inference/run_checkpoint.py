"""Which run and checkpoint a result comes from."""

from dataclasses import dataclass
from typing import Any

from archcompile.run_folder import Saved


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCheckpoint:
    """A checkpoint of a run: the `last`, or the `best` with what it was chosen on.

    `name` and `hash` are those of the network.
    """

    run: str
    name: str
    hash: str
    which: str
    epoch: int
    step: int
    chosen_on: str | None

    def record(self) -> dict[str, Any]:
        return {
            "run": self.run,
            "name": self.name,
            "hash": self.hash,
            "checkpoint": self.which,
            "epoch": self.epoch,
            "step": self.step,
            "chosen_on": self.chosen_on,
        }


def checkpoint_of(saved: Saved) -> RunCheckpoint:
    state = saved.checkpoint.state
    return RunCheckpoint(
        run=str(saved.run.path),
        name=saved.graph.name,
        hash=saved.graph.hash,
        which=saved.which,
        epoch=state.epoch,
        step=state.step,
        chosen_on=saved.chosen_on,
    )
