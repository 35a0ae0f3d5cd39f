"""What the processes of a training decide together: none may stop, or save, on its own."""

import signal
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Self

from archcompile.engine import Trainer

EVERY = 10  # steps between two exchanges: each waits for all processes


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What one process asks for between two steps; summed over all, what they all do.

    `total_steps` is what the run is now to have in all, None to leave it as it is. It and the
    clock are the chief's alone: a sum of several would mean nothing.
    """

    interrupts: bool
    terminates: bool
    saves: bool
    is_out_of_time: bool
    total_steps: int | None

    @property
    def ending_signal(self) -> signal.Signals | None:
        """The signal that ends the training."""
        if self.interrupts:
            return signal.SIGINT
        return signal.SIGTERM if self.terminates else None

    def pack(self) -> list[float]:
        """A number per field, in their order, to be added to those of other processes."""
        return [float(value or 0) for value in astuple(self)]

    @classmethod
    def unpack(cls, sums: Sequence[float]) -> Self:
        """The decision of all from the sums of their numbers."""
        interrupts, terminates, saves, is_out_of_time, total_steps = sums
        return cls(
            interrupts=bool(interrupts),
            terminates=bool(terminates),
            saves=bool(saves),
            is_out_of_time=bool(is_out_of_time),
            total_steps=round(total_steps) or None,
        )


def is_due(step: int, trainer: Trainer) -> bool:
    """Whether the processes decide after this step; one alone always does."""
    return trainer.devices.workers == 1 or step % EVERY == 0


def agree(decision: Decision, trainer: Trainer) -> Decision:
    """The decision of all processes, which must all call this at the same step."""
    return Decision.unpack(trainer.sum_over_processes(decision.pack()))
