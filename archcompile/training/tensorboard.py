"""The history of a run for TensorBoard."""

from pathlib import Path
from typing import Any

from archcompile.errors import MissingError
from archcompile.run_folder import COLUMNS, EpochRow


def check_board() -> None:
    """Raises MissingError without the package, which TensorFlow misses only later, in a run."""
    try:
        import tensorboard  # noqa: F401
    except ImportError as error:
        raise MissingError(
            "--tensorboard needs the package tensorboard, which is not installed",
            hint="pip install 'archcompile[tensorboard]'",
        ) from error


class Board:
    """Writes the rows of history as scalars; a step is an epoch.

    A resumed run writes to a new file.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.writer: Any = None

    def __call__(self, row: EpochRow) -> None:
        import tensorflow as tf

        if self.writer is None:
            self.writer = tf.summary.create_file_writer(str(self.folder))
        with self.writer.as_default():
            for name in COLUMNS[1:]:
                tf.summary.scalar(name, getattr(row, name), step=row.epoch)
        self.writer.flush()
