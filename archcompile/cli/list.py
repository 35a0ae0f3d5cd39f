"""`archc list`: the specs that ship."""

import json
import sys
from typing import Annotated

import typer

from archcompile.cli.completion import complete_specs
from archcompile.cli.options import AsJson


def list_specs(
    pattern: Annotated[
        str | None,
        typer.Argument(
            metavar="PATTERN",
            help="Only those with this in their name or summary; * and ? stand for anything.",
            autocompletion=complete_specs,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the specs that ship with archc, grouped by family."""
    from archcompile import list_specs as shipped_specs
    from archcompile.cli.console import say, table

    specs = shipped_specs(pattern)
    if as_json:
        print(json.dumps(specs.to_dict(), indent=2))
    elif sys.stdout.isatty():
        print(table([("spec", "what it is"), *specs.table().rows]))
        say("next: archc graph SPEC draws it, archc new NAME --from SPEC starts from it")
    else:
        print(table(specs.table().rows, has_heading=False))
