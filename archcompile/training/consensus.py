"""What the processes of one training must decide together: none may stop, or save, on its own."""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from archcompile.engine.tensorflow import Devices

EVERY = 10  # steps between two exchanges: each waits for all processes


class Together:
    """Sums of numbers over all processes; alone, they are the numbers themselves."""

    def __init__(self, devices: Devices) -> None:
        self.devices = devices
        self._sum = tf.function(self._summed)

    def due(self, step: int) -> bool:
        return self.devices.workers == 1 or step % EVERY == 0

    def sums(self, values: Sequence[float]) -> list[float]:
        """Every process must call this at the same step."""
        if self.devices.workers == 1:
            return list(values)
        return [float(value) for value in self._sum(tf.constant(values, tf.float64)).numpy()]

    def _summed(self, values: Any) -> Any:
        devices = self.devices
        each = devices.strategy.run(lambda: values / (devices.replicas // devices.workers))
        return devices.strategy.reduce(tf.distribute.ReduceOp.SUM, each, axis=None)
