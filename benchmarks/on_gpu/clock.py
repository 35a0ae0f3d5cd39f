"""The time that a call of the GPU benchmark has."""

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Clock:
    """Ends at `end`, in seconds of time.monotonic()."""

    end: float

    @classmethod
    def of_minutes(cls, minutes: float) -> "Clock":
        return cls(time.monotonic() + 60 * minutes)

    def left(self) -> float:
        """Seconds."""
        return self.end - time.monotonic()

    def cut(self, limit: float) -> float:
        """The limit of a process, cut to what is left."""
        return min(limit, self.left())
