"""`archc data fetch`: gets pictures. No other command uses the network."""

from pathlib import Path
from typing import Annotated

import typer

from archcompile.errors import UsageError, did_you_mean

FETCHED = ("cifar10",)

data_app = typer.Typer(help="Get data to train on.", no_args_is_help=True)


@data_app.callback()
def _data() -> None:
    """Get data to train on."""


@data_app.command()
def fetch(
    name: Annotated[str, typer.Argument(metavar="NAME", help="cifar10")],
    data_dir: Annotated[Path | None, typer.Option(help="where to put it; default: the user cache")] = None,
) -> None:
    """Download a dataset, with its size said first; goes on where a broken download stopped."""
    if name not in FETCHED:
        raise UsageError(f"there is no download of `{name}`", hint=did_you_mean(name, FETCHED, "there is"))
    from archcompile.data.fetch import fetch as download

    print(download(folder=data_dir))
