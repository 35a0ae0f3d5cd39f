"""`archc predict`: what a run takes images for."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archcompile.cli.completion import complete_runs
from archcompile.cli.options import AsJson, Checkpoint, WhichCheckpoint

if TYPE_CHECKING:
    pass


def predict(
    run: Annotated[
        Path,
        typer.Argument(
            metavar="RUN",
            help="The folder of a run.",
            show_default=False,
            autocompletion=complete_runs,
        ),
    ],
    images: Annotated[
        list[Path],
        typer.Argument(metavar="IMAGE", help="Images, or folders of images.", show_default=False),
    ],
    top: Annotated[
        int, typer.Option(min=1, metavar="N", help="How many classes to show per image.")
    ] = 5,
    checkpoint: WhichCheckpoint = Checkpoint.LAST,
    as_json: AsJson = False,
) -> None:
    """Classify images with a run.

    Prints the most probable classes of each, with their probabilities. Reads JPEG, PNG, GIF, BMP,
    WebP and TIFF of any size; conversions are reported on stderr.
    """
    from archcompile import predict as classify
    from archcompile.cli.console import say, table

    predictions = classify(run, images, top=top, checkpoint=checkpoint.value, say=say)
    if as_json:
        print(json.dumps(predictions.to_dict(), indent=2))
        return
    print(table(predictions.table().rows, has_heading=False))
