"""`archc new`: a minimal child of a spec."""

import json
from operator import sub
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archcompile.cli.completion import complete_specs
from archcompile.cli.options import AsJson, Sets, output_option

if TYPE_CHECKING:
    from archcompile.analyses import NetworkCost


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The new spec's name.")],
    parent: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="SPEC",
            help="The spec it changes: a file or a shipped name.",
            autocompletion=complete_specs,
        ),
    ],
    sets: Sets = None,
    output: Annotated[Path | None, output_option("Default: NAME.yaml in this folder.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write a spec that extends another, and print what that costs.

    The new spec says only what --set changes; `archc init` writes a whole one.
    """
    from archcompile.analyses import network_cost
    from archcompile.authoring import new as write
    from archcompile.cli.console import say, table
    from archcompile.cli.notes import tell_namesake

    child = write(name, parent, sets or [], file=output)
    before, after = network_cost(child.parent), network_cost(child.graph)
    if as_json:
        figures = {"parent": _record(before), "child": _record(after)}
        print(json.dumps({"name": name, "file": str(child.file), **figures}, indent=2))
        return
    changes = map(sub, _figures(after), _figures(before))
    rows: list[tuple[str, ...]] = [
        ("", "depth", "parameters", "multiply-adds"),
        (child.parent.name, *(f"{figure:,}" for figure in _figures(before))),
        (name, *(f"{figure:,}" for figure in _figures(after))),
        ("difference", *(f"{change:+,}" for change in changes)),
    ]
    print(table(rows, frozenset((1, 2, 3))))
    say(f"wrote {child.file}")
    tell_namesake(child.file)


def _figures(cost: "NetworkCost") -> tuple[int, int, int]:
    return cost.depth, cost.params, cost.macs


def _record(cost: "NetworkCost") -> dict[str, Any]:
    return {"depth": cost.depth, "params": cost.params, "macs": cost.macs, "hash": cost.hash}
