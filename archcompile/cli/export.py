"""`archc export`: a network, or a trained run, in a form that others read."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from archcompile.choices import ExportFormat, SourceStyle
from archcompile.cli.completion import complete_passes, complete_subjects
from archcompile.cli.options import (
    AsJson,
    Checkpoint,
    Data,
    DataDir,
    MaxNodes,
    Seed,
    Sets,
    WhichCheckpoint,
    output_option,
)
from archcompile.limits import MAX_NODES

if TYPE_CHECKING:
    from archcompile.exporting import ExportRecord


class Format(StrEnum):
    SOURCE = "source"
    KERAS = "keras"
    SAVED_MODEL = "saved_model"
    ONNX = "onnx"
    LITERT = "litert"
    TORCH = "torch"


def export(
    what: Annotated[
        str,
        typer.Argument(
            metavar="RUN|SPEC",
            help="The folder of a run, a spec file or a shipped spec.",
            autocompletion=complete_subjects,
        ),
    ],
    to: Annotated[
        Format, typer.Option("--format", help="What to write; litert makes a .tflite file.")
    ],
    output: Annotated[
        Path | None,
        output_option(
            "Where to write. Default: stdout for source, else RUN/export or build/NAME.",
            metavar="PATH",
        ),
    ] = None,
    style: Annotated[
        SourceStyle | None,
        typer.Option(
            help="For source and torch: functions and loops, or a line per layer. Default: article."
        ),
    ] = None,
    passes: Annotated[
        str | None,
        typer.Option(
            metavar="LIST",
            help="Rewrites, in this order: fold_bn, drop_dead_bias.",
            autocompletion=complete_passes,
        ),
    ] = None,
    preprocessing: Annotated[
        bool,
        typer.Option(
            "--preprocessing",
            help="Take pixels from 0 to 255: the run's preprocessing becomes part of the network.",
        ),
    ] = False,
    checkpoint: WhichCheckpoint = Checkpoint.LAST,
    data: Data = None,
    data_dir: DataDir = None,
    seed: Seed = 0,
    sets: Sets = None,
    as_json: AsJson = False,
    max_nodes: MaxNodes = MAX_NODES,
) -> None:
    """Write a network as Python, Keras, PyTorch, ONNX or LiteRT.

    Except source, the file is loaded and run again, and its numbers are compared: on the run's test
    set, on --data, or on random images. Exit code 1 if they differ; then nothing is kept.
    """
    from archcompile import export as write
    from archcompile.cli.console import say
    from archcompile.cli.notes import tell_notes
    from archcompile.interface import check_source_options, exported_graph, write_source
    from archcompile.passes import parse_names

    names = () if passes is None else parse_names(passes)
    if to is Format.SOURCE:
        for_others = {
            "--preprocessing": preprocessing,
            "--checkpoint": checkpoint is not Checkpoint.LAST,
            "--data": data,
            "--data-dir": data_dir,
            "--json": as_json,
        }
        check_source_options(for_others, output)
        graph = exported_graph(what, sets=sets or [], max_nodes=max_nodes, say=say)
        tell_notes(graph)
        source = write_source(graph, style or "article", names, output=output)
        if output is None:
            print(source.text, end="")
        else:
            say(f"wrote {output}")
        return
    exported = write(
        what,
        cast("ExportFormat", to.value),
        output=output,
        style=style,
        passes=names,
        preprocessing=preprocessing,
        checkpoint=checkpoint.value,
        data=data,
        data_dir=data_dir,
        seed=seed,
        sets=sets or [],
        max_nodes=max_nodes,
        say=say,
    )
    if as_json:
        print(json.dumps(exported.to_dict(), indent=2))
    elif exported.record is not None:
        _report(exported.record)


def _report(record: "ExportRecord") -> None:
    """How well the numbers agree, and what was written."""
    from archcompile.cli.console import print_text, say

    print_text(record.check.words)
    say(f"wrote {record.file} and {record.about}")
