"""`archc data`: `check` looks at images, `preview` at what becomes of them, `fetch` gets some.

No other command uses the network.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archcompile.cli.commands import Command
from archcompile.cli.completion import complete_data, complete_recipes, complete_specs
from archcompile.cli.options import (
    AsJson,
    DataDir,
    Engine,
    RecipeSets,
    RunSeed,
    output_option,
)
from archcompile.data_sources import DATA_SOURCES
from archcompile.errors import DataError, UsageError, did_you_mean, visible

if TYPE_CHECKING:
    from archcompile.data import Contents

FETCHED = ("cifar10", "cifar100")
LISTED = 20  # classes that are shown one by one; of more, only the smallest and the largest

data_app = typer.Typer(help="List, fetch and check training data.", no_args_is_help=True)


def complete_fetched(incomplete: str) -> list[str]:
    """What `archc data fetch` downloads."""
    return [name for name in FETCHED if name.startswith(incomplete)]


@data_app.callback()
def _data() -> None:
    """List, fetch and check training data."""


@data_app.command("list", cls=Command)
def list_sources(as_json: AsJson = False) -> None:
    """List the data sources, their sizes, and how to get them."""
    from archcompile.cli.console import table

    if as_json:
        listed = [{"name": name, **asdict(source)} for name, source in DATA_SOURCES.items()]
        print(json.dumps({"sources": listed}, indent=2))
        return
    rows = [("source", "what it is", "images", "size", "how to get it")]
    for name, source in DATA_SOURCES.items():
        size = source.size
        figures = (f"{size.train:,}", "x".join(map(str, size.shape))) if size else ("", "")
        rows.append((name, source.about, *figures, source.how_to_get))
    print(table(rows, frozenset({2})))


@data_app.command(cls=Command)
def check(
    source: Annotated[
        str,
        typer.Argument(
            metavar="PATH|SOURCE", help="As for archc train --data.", autocompletion=complete_data
        ),
    ],
    data_dir: DataDir = None,
    holdout: Annotated[
        float,
        typer.Option(
            metavar="FRACTION", help="The fraction held out where a folder has no test set."
        ),
    ] = 0.2,
    seed: RunSeed = None,
    as_json: AsJson = False,
) -> None:
    """Decode every image once; exit 4 if any file is bad.

    The fingerprint printed is the one that a run records.
    """
    from archcompile.cli.console import print_text
    from archcompile.data import Progress
    from archcompile.data import check as look
    from archcompile.recipe import Data

    if not 0 < holdout < 1:
        raise UsageError(f"--holdout: expected a fraction between 0 and 1, got {holdout}")
    progress = Progress(sys.stderr) if sys.stderr.isatty() else None
    data = look(
        source,
        data_dir=data_dir,
        wants=Data(holdout=holdout),
        seed=seed or 0,
        watch=progress.show if progress else lambda done, total: None,
    )
    if as_json:
        print(json.dumps(data.record(), indent=2))
    else:
        print_text(_text(data))
    if data.bad:
        raise typer.Exit(DataError.exit_code)


@data_app.command(cls=Command)
def fetch(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help=" or ".join(FETCHED), autocompletion=complete_fetched),
    ],
    data_dir: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where to store it. Default: the user cache.")
    ] = None,
) -> None:
    """Download a dataset, after printing its size.

    An interrupted download is resumed.
    """
    if name not in FETCHED:
        raise UsageError(
            f"there is no download of `{name}`", hint=did_you_mean(name, FETCHED, "there is")
        )
    from archcompile.data import ARCHIVES
    from archcompile.data import fetch as download

    print(download(ARCHIVES[name], folder=data_dir))


@data_app.command(cls=Command)
def preview(
    recipe: Annotated[
        str,
        typer.Argument(
            metavar="RECIPE",
            help="The name of a shipped recipe, or a file.",
            autocompletion=complete_recipes,
        ),
    ],
    output: Annotated[Path, output_option("The contact sheet, a .png file.", metavar="FILE.png")],
    sets: RecipeSets = None,
    spec: Annotated[
        str | None,
        typer.Option(
            metavar="SPEC",
            help="The network it is for, whose input the images are made to fit. Default: the size "
            "that they have.",
            autocompletion=complete_specs,
        ),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            "--data",
            metavar="SOURCE",
            help="A data source's name or a path. Default: the one that the recipe names.",
            autocompletion=complete_data,
        ),
    ] = None,
    data_dir: DataDir = None,
    seed: RunSeed = None,
    epoch: Annotated[
        int, typer.Option(min=1, metavar="N", help="The epoch that it begins with.")
    ] = 1,
    rows: Annotated[int, typer.Option(min=1, max=64, metavar="N", help="Training images.")] = 6,
    columns: Annotated[int, typer.Option(min=1, max=64, metavar="N", help="Versions of each.")] = 8,
    engine: Engine = None,
    as_json: AsJson = False,
) -> None:
    """Draw training images as a recipe changes them, on a sheet.

    They are what a training of this seed is fed: the same images in the same steps. Below each
    stand its label, the shares of two where images are mixed, and its epoch and step.
    """
    from archcompile.cli.console import say
    from archcompile.outputs import check_place, save
    from archcompile.training import PreviewRequest, draw_preview

    if output.suffix.lower() != ".png":
        raise UsageError(
            f"a contact sheet cannot be written as {output}", hint="give it the suffix .png"
        )
    check_place(output)
    request = PreviewRequest(seed=seed or 0, epoch=epoch - 1, images=rows, versions=columns)
    drawn = draw_preview(
        recipe,
        sets or [],
        request,
        spec=spec,
        source=source,
        data_dir=data_dir,
        engine=engine or "tensorflow",
    )
    save(output, drawn.png)
    if as_json:
        print(json.dumps(drawn.record(), indent=2))
    say(f"wrote {output}")


def _text(data: "Contents") -> str:
    """The bad files, each with its reason; then what there is."""
    from archcompile.cli.console import table

    bad = [
        f"bad files: {len(data.bad):,}",
        *(f"  {visible(error.message)}" for error in data.bad),
        "",
    ]
    rows = [
        ("data", f"{data.label}, from {data.place}"),
        *(("note", note) for note in data.notes),
    ]
    chooses = f", {data.validation:,} to choose by" if data.validation else ""
    rows.append(("images", f"{data.train:,} to train on{chooses}, {data.test:,} to test on"))
    if data.heights and data.widths:
        rows.append(("size", f"height {_range(data.heights)}, width {_range(data.widths)}"))
        rows.append(("channels", str(len(data.mean))))
    if data.mean:
        rows.append(("mean", f"{_numbers(data.mean)}  (of the training pixels, 0 to 1)"))
        rows.append(("std", _numbers(data.std)))
    if data.fingerprint:
        rows.append(("fingerprint", data.fingerprint))
    if data.listing:
        rows.append(("if streamed", data.listing))
    return "\n".join(
        [*(bad if data.bad else ()), table(rows, has_heading=False), "", _classes(data)]
    )


def _classes(data: "Contents") -> str:
    from archcompile.cli.console import table

    if len(data.classes) <= LISTED:
        rows = [(name, f"{train:,}", f"{test:,}") for name, train, test in data.classes]
        return table([("class", "train", "test"), *rows], frozenset({1, 2}))
    ordered = sorted(data.classes, key=lambda row: row[1])
    ends = (
        f"the {word} is {visible(name)} with {train:,} training and {test:,} test images"
        for word, (name, train, test) in (("smallest", ordered[0]), ("largest", ordered[-1]))
    )
    return f"{len(data.classes):,} classes: {', '.join(ends)}"


def _range(ends: tuple[int, int]) -> str:
    return str(ends[0]) if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def _numbers(values: tuple[float, ...]) -> str:
    return "  ".join(f"{value:.4f}" for value in values)
