"""Arguments and options that several commands share, each with one wording.

`tests/cli/test_options.py` holds this, and names the options that mean something else in some
command. Those are declared there, or here by `set_option` and `output_option`, so that flags and
metavars still stand here alone.
"""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from archcompile import choices
from archcompile.cli.completion import (
    complete_data,
    complete_recipe_sets,
    complete_recipes,
    complete_runs,
    complete_sets,
    complete_specs,
)
from archcompile.errors import UsageError


def set_option(
    help_text: str,
    *,
    flag: str = "--set",
    metavar: str = "K=V",
    complete: Callable[..., list[str]] = complete_sets,
) -> Any:
    return typer.Option(flag, metavar=metavar, help=help_text, autocompletion=complete)


def output_option(help_text: str, *, metavar: str = "FILE") -> Any:
    """What is written, and its default, differ from command to command."""
    return typer.Option(
        "--output", "-o", metavar=metavar, help=help_text, callback=_check_is_no_stream
    )


def _check_is_no_stream(output: Path | None) -> Path | None:
    """Raises UsageError for `-`, which would be a file of that name."""
    if output is not None and str(output) == "-":
        raise UsageError(
            "-o: expected a file or folder, got `-`",
            hint="-o writes nothing to standard output; what a command prints there goes on with "
            "`>` or `|`",
        )
    return output


class Checkpoint(StrEnum):
    LAST = "last"
    BEST = "best"
    AVERAGED = "averaged"


# ---- what a command works on ---------------------------------------------------------------------

Spec = Annotated[
    str,
    typer.Argument(
        metavar="SPEC",
        help="A spec file, the name of a shipped spec, or - for stdin.",
        autocompletion=complete_specs,
    ),
]
# of commands that read it several times, or beside others: not from stdin
SPEC_FILE = "A spec file, or the name of a shipped spec."
SpecFile = Annotated[
    str, typer.Argument(metavar="SPEC", help=SPEC_FILE, autocompletion=complete_specs)
]
SpecFiles = Annotated[
    list[str], typer.Argument(metavar="SPEC", help=SPEC_FILE, autocompletion=complete_specs)
]

Sets = Annotated[
    list[str] | None, set_option("Set a variable or a key of the spec; may be repeated.")
]
RecipeSets = Annotated[
    list[str] | None,
    set_option("Set a key of the recipe.", metavar="train.K=V", complete=complete_recipe_sets),
]
MaxNodes = Annotated[
    int,
    typer.Option(
        "--max-nodes", metavar="N", min=1, help="Largest number of layers a network may have."
    ),
]

# ---- networks that are compared ------------------------------------------------------------------

ProofLevel = Annotated[
    Literal["exact", "canonical"],
    typer.Option(
        "--level",
        help="Canonical: different spellings are equal, such as x + y and an Add layer, and layers "
        "that do nothing are dropped.",
    ),
]
InputShape = Annotated[
    str | None,
    typer.Option("--input", metavar="H,W,C", help="The image size to build for, such as 64,64,3."),
]
Seed = Annotated[
    int, typer.Option(min=0, metavar="N", help="Seed of the random weights and images.")
]

# ---- training and runs ---------------------------------------------------------------------------

Runs = Annotated[
    list[Path],
    typer.Argument(
        metavar="RUN", help="Folders of runs.", show_default=False, autocompletion=complete_runs
    ),
]
Batch = Annotated[
    int,
    typer.Option(min=1, metavar="N", help="Batch size that memory is estimated for."),
]
Data = Annotated[
    str | None,
    typer.Option(
        metavar="SOURCE",
        help="A data source's name or a path. Default: the run's own; for a new run, the one that "
        "the recipe names.",
        autocompletion=complete_data,
    ),
]
DataDir = Annotated[
    Path | None, typer.Option(metavar="DIR", help="The folder that holds the data.")
]
Device = Annotated[
    str | None,
    typer.Option(
        metavar="DEVICE",
        help="cpu, gpu, gpu:1, gpu:0,gpu:1, gpu:all, or cpu:0,cpu:1 to try out several. "
        "Default: the first GPU, else the CPU.",
    ),
]
Engine = Annotated[
    choices.EngineName | None,
    typer.Option(help="The framework that trains. Default: tensorflow, or that of the run."),
]
Kernels = Annotated[
    choices.Kernels | None,
    typer.Option(
        help="Stock layers, faster ones that compute the same, or XLA's. Default: the engine's "
        "choice, fused on a CPU."
    ),
]
RecipeName = Annotated[
    str | None,
    typer.Option(
        "--recipe",
        metavar="RECIPE",
        help="A shipped recipe's name, or a file. Default: the one the spec names.",
        autocompletion=complete_recipes,
    ),
]
RunSeed = Annotated[
    int | None,
    typer.Option(
        "--seed",
        min=0,
        metavar="N",
        help="Seed of a run: held-out images, initial weights, order and augmentation. Default: 0.",
    ),
]
TimeLimit = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="Stop a run in good order within this time: 90 (seconds), 10m, 1h30m. Default: none.",
    ),
]
WhichCheckpoint = Annotated[
    Checkpoint,
    typer.Option(
        "--checkpoint",
        help="Weights of the last epoch, or of the best (the report says how it was chosen), or "
        "the average that the recipe asked for.",
    ),
]

# ---- what a command prints -----------------------------------------------------------------------

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Blame = Annotated[
    bool, typer.Option("--blame", help="Show the file and line each value came from.")
]
ExitCode = Annotated[bool, typer.Option("--exit-code", help="Exit 1 if they differ.")]
Strict = Annotated[
    bool,
    typer.Option(
        "--strict", help="Also treat warnings, and claims that --set made untrue, as errors."
    ),
]


def input_shape(text: str | None) -> tuple[int, int, int] | None:
    """`H,W,C` of --input. Raises UsageError."""
    if text is None:
        return None
    sizes = text.split(",")
    if len(sizes) != 3 or not all(size.strip().isdecimal() and int(size) > 0 for size in sizes):
        raise UsageError(
            f"--input: expected H,W,C, got '{text}'",
            hint="height, width and channels: --input 64,64,3",
        )
    height, width, channels = map(int, sizes)
    return height, width, channels
