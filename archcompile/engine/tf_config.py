"""The variable TF_CONFIG, in which TensorFlow describes the processes of a training."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from archcompile.errors import UsageError


@dataclass(frozen=True)
class TfConfig:
    """Its `workers` are addresses `host:port`; this process is the one of a `kind` and `index`."""

    workers: Sequence[Any]
    kind: Any
    index: Any

    @classmethod
    def read(cls, text: str) -> Self:
        """`{"cluster": {"worker": ["host:port", …]}, "task": {"type": "worker", "index": 0}}`.

        Raises UsageError.
        """
        try:
            config = json.loads(text)
            workers, task = config.get("cluster", {}).get("worker", []), config.get("task", {})
            return cls(workers, task.get("type", "worker"), task.get("index", 0))
        except (ValueError, AttributeError) as error:
            raise UsageError(
                "the environment variable TF_CONFIG is not a JSON map",
                hint="unset it to train in one process",
            ) from error
