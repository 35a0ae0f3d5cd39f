"""Sums of numbers over the processes of a training."""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from archcompile.engine.tensorflow.devices import Devices


class ProcessSums:
    """Sums over all processes; with a single one, the numbers themselves."""

    def __init__(self, devices: Devices) -> None:
        self.devices = devices
        self._sum = tf.function(self._sum_over_processes, autograph=False)

    def __call__(self, values: Sequence[float]) -> list[float]:
        """Waits for all processes, which must call this at the same step."""
        if self.devices.workers == 1:
            return list(values)
        return [float(value) for value in self._sum(tf.constant(values, tf.float64)).numpy()]

    def _sum_over_processes(self, values: Any) -> Any:
        devices = self.devices
        replicas_per_worker = devices.replicas // devices.workers
        parts = devices.strategy.run(lambda: values / replicas_per_worker)
        return devices.strategy.reduce(tf.distribute.ReduceOp.SUM, parts, axis=None)
