"""The history of a run for TensorBoard."""

import os
import platform
import time
from pathlib import Path
from typing import Any

from archcompile.errors import MissingError
from archcompile.run_folder import COLUMNS, EpochRow, metric_column


def check_board() -> None:
    """Raises MissingError without the package, which would be missed only later, in a run."""
    try:
        import tensorboard  # noqa: F401
    except ImportError as error:
        raise MissingError(
            "--tensorboard needs the package tensorboard, which is not installed",
            hint="pip install 'archcompile[tensorboard]'",
        ) from error


class Board:
    """Writes the rows of history as scalars; a step is an epoch.

    A resumed run writes to a new file. No framework is needed: an event file is a sequence of
    records.
    """

    def __init__(self, folder: Path) -> None:
        from tensorboard.summary.writer.record_writer import RecordWriter

        folder.mkdir(parents=True, exist_ok=True)
        name = f"events.out.tfevents.{time.time():.0f}.{platform.node()}.{os.getpid()}"
        self.writer = RecordWriter((folder / name).open("ab"))
        self._write(file_version="brain.Event:2")  # what readers expect first

    def __call__(self, row: EpochRow) -> None:
        from tensorboard.compat.proto.summary_pb2 import Summary

        figures = {tag: getattr(row, tag) for tag in COLUMNS[1:]}
        measured = {metric_column(name): value for name, value in row.metrics.items()}
        values = [
            Summary.Value(tag=tag, simple_value=value)
            for tag, value in {**figures, **measured}.items()
            if value is not None
        ]
        self._write(step=row.epoch, summary=Summary(value=values))

    def _write(self, **content: Any) -> None:
        from tensorboard.compat.proto.event_pb2 import Event

        self.writer.write(Event(wall_time=time.time(), **content).SerializeToString())
        self.writer.flush()
