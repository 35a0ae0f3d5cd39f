"""`archc runs`: what was trained, a line a run."""

import json
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from archcompile.cli.options import AsJson

RIGHT = frozenset((4, 5, 7, 8, 10))


class Order(StrEnum):
    DATE = "date"
    ACCURACY = "accuracy"
    NAME = "name"


def runs(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder the runs lie in, at any depth.")
    ] = Path("runs"),
    sort: Annotated[
        Order, typer.Option(help="newest first, best first, or by folder")
    ] = Order.DATE,
    same_arch: Annotated[
        str | None,
        typer.Option(
            metavar="HASH|RUN",
            help="only networks with this hash, or with that of a run",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the runs in a folder, the damaged ones with what is wrong with them."""
    from archcompile.cli.console import say, table
    from archcompile.errors import visible
    from archcompile.report import alike, listed, ordered, summary_rows
    from archcompile.run_folder import held

    found = listed(folder, held)
    if same_arch is not None:
        found = alike(found, same_arch)
    found = ordered(found, sort.value)
    if as_json:
        print(json.dumps({"runs": [asdict(one) for one in found]}, indent=2))
    elif not found:
        say(f"no run lies below {folder}" + (" of that network" if same_arch else ""))
    else:
        print(table(summary_rows(found), RIGHT))
        for one in found:
            if one.problem is not None:
                print(f"damaged: {visible(one.problem)}")
