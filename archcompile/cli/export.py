"""`archc export`: a network, or a trained run, in a form that others read."""

import json
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archcompile.choices import SourceStyle
from archcompile.cli.completion import complete_subjects
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
from archcompile.errors import UsageError
from archcompile.limits import MAX_NODES

if TYPE_CHECKING:
    from archcompile.exporting import ExportRecord


class Format(StrEnum):
    SOURCE = "source"
    KERAS = "keras"
    SAVED_MODEL = "saved_model"
    ONNX = "onnx"
    LITERT = "litert"


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
            help="For source: functions and loops, or one line per layer. Default: article."
        ),
    ] = None,
    passes: Annotated[
        str | None,
        typer.Option(metavar="LIST", help="Rewrites, in this order: fold_bn, drop_dead_bias."),
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
    """Write a network as Python, Keras, SavedModel, ONNX or LiteRT.

    Except source, the file is loaded and run again, and its numbers are compared: on the run's test
    set, on --data, or on random images. Exit code 1 if they differ; then nothing is kept.
    """
    from archcompile.cli.console import say
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
        _check_source_options(for_others, output)
        text = _source(what, style or "article", names, sets=sets or [], max_nodes=max_nodes)
        _write_source(text, output)
        return
    if style is not None:
        raise UsageError("--style is for --format source")
    from archcompile.exporting import ExportRequest
    from archcompile.exporting import export as write

    request = ExportRequest(
        what=what,
        form=to.value,
        output=output,
        passes=names,
        preprocessing=preprocessing,
        which=checkpoint.value,
        data=data,
        data_dir=data_dir,
        seed=seed,
        sets=sets or [],
        max_nodes=max_nodes,
    )
    record = write(request, say)
    if as_json:
        print(json.dumps(record.record(), indent=2))
    else:
        _report(record)


def _check_source_options(given: Mapping[str, object], output: Path | None) -> None:
    """Raises UsageError for options that source has no use for, and for a file of another kind."""
    for option, value in given.items():
        if value:
            raise UsageError(f"{option} is not for --format source, which holds no weights")
    if output is not None and output.suffix != ".py":
        raise UsageError(f"{output} does not end in .py", hint=f"-o {output.with_suffix('.py')}")


def _report(record: "ExportRecord") -> None:
    """How well the numbers agree, and what was written."""
    from archcompile.cli.console import print_text, say

    check, comparison = record.check, record.check.comparison
    weights = "" if check.random_seed is None else " with random weights"
    print_text(
        f"{check.runtime} and Keras{weights} on {check.on}: largest difference "
        f"{comparison.difference:.1e}, "
        f"equal arg-max on {comparison.equal} of {comparison.images}"
    )
    say(f"wrote {record.file} and {record.about}")


def _write_source(text: str, output: Path | None) -> None:
    from archcompile.cli.console import say
    from archcompile.outputs import save

    if output is None:
        print(text, end="")
        return
    save(output, text)
    say(f"wrote {output}")


def _source(
    what: str,
    style: SourceStyle,
    passes: tuple[str, ...],
    *,
    sets: list[str],
    max_nodes: int,
) -> str:
    from archcompile import compile as compile_spec
    from archcompile.cli.console import say
    from archcompile.cli.notes import tell_notes
    from archcompile.passes import run
    from archcompile.run_files import RESOLVED, holds_run
    from archcompile.source import to_source

    folder = Path(what)
    if holds_run(folder):
        from archcompile.run_folder import Run, check

        if sets:
            raise UsageError("--set is for specs: a run is what it was trained as")
        check(Run(folder), say)
    spec = str(folder / RESOLVED) if holds_run(folder) else what
    graph = compile_spec(spec, sets=sets, max_nodes=max_nodes)
    tell_notes(graph)
    return to_source(run(graph, passes).graph, style)
