"""`archc runs`: what was trained, a line a run."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from archcompile.cli.options import AsJson
from archcompile.run_files import RUNS

# columns that a narrow terminal does without, the first first
LEAST = (9, 8, 10, 3, 4, 2, 11, 5, 6, 1)


class Order(StrEnum):
    DATE = "date"
    ACCURACY = "accuracy"
    NAME = "name"


def runs(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder that holds the runs, at any depth.")
    ] = RUNS,
    sort: Annotated[
        Order, typer.Option(help="Newest first, best first, or by folder.")
    ] = Order.DATE,
    same_arch: Annotated[
        str | None,
        typer.Option(
            metavar="HASH|RUN",
            help="Only networks with this hash, or with that of a run.",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the runs in a folder, the damaged ones with the reason."""
    from archcompile import runs as runs_below
    from archcompile.cli.console import print_text, say, table
    from archcompile.errors import visible
    from archcompile.report import SUMMARY_RIGHT, summary_rows

    if folder == RUNS and not RUNS.exists():
        if as_json:
            print(json.dumps({"runs": []}, indent=2))
        else:
            say("no runs yet: `archc train SPEC --recipe digits` begins one")
        return
    result = runs_below(folder, sort=sort.value, same_arch=same_arch)
    summaries = result.summaries
    if as_json:
        print(json.dumps(result.to_dict(), indent=2))
    elif not summaries:
        say(f"there is no run below {folder}" + (" of that network" if same_arch else ""))
    else:
        print(table(summary_rows(summaries), SUMMARY_RIGHT, least=LEAST))
        for summary in summaries:
            if summary.problem is not None:
                print_text(f"damaged: {visible(summary.problem)}")
