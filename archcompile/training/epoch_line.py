"""The line about an epoch, in the width that there is."""

from archcompile.report import duration
from archcompile.run_folder import EpochRow
from archcompile.terminal import fit_fields


def epoch_line(row: EpochRow, epochs: int, *, measured: str, label: str, width: int | None) -> str:
    """Elsewhere than on a terminal, every figure, and the data's label at the end.

    A terminal showed the label when the training began; a narrow one does without the figures that
    say least. `measured` is what the figures of the evaluation are of: `test` or `validation`.
    """
    number = str(row.epoch) if width is None else str(row.epoch).rjust(len(str(epochs)))
    fields = [  # those with the highest rank are left out first
        (f"epoch {number}/{epochs}", 0),
        (duration(row.seconds), 3),
        (f"{row.images_per_second:.0f} images/s", 6),
        (f"lr {row.learning_rate:.4g}", 7),
        (f"loss {row.loss:.4f}", 4),
        (f"accuracy {row.accuracy:.4f}", 2),
        (f"{measured} loss {row.val_loss:.4f}", 5),
        (f"{measured} accuracy {row.val_accuracy:.4f}", 1),
    ]
    if width is None:
        fields.append((f"[{label}]", 0))
    return fit_fields(fields, width)
