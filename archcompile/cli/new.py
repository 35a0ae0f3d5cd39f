"""`archc new`: a minimal child of a spec."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archcompile.cli.options import AsJson, Sets, output_option

if TYPE_CHECKING:
    from archcompile.graph import LayerGraph


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The new spec's name.")],
    parent: Annotated[
        str,
        typer.Option(
            "--from", metavar="SPEC", help="The spec it changes: a file or a shipped name."
        ),
    ],
    sets: Sets = None,
    output: Annotated[Path | None, output_option("Default: NAME.yaml in this folder.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write a spec that extends another, and print what that costs.

    The new spec says only what --set changes.
    """
    from archcompile.authoring import new as write
    from archcompile.cli.console import say, table

    child = write(name, parent, sets or [], file=output)
    before, after = _figures(child.parent), _figures(child.graph)
    if as_json:
        figures = {"parent": before, "child": after}
        print(json.dumps({"name": name, "file": str(child.file), **figures}, indent=2))
        return
    keys = ("depth", "params", "macs")
    rows: list[tuple[str, ...]] = [
        ("", "depth", "parameters", "multiply-adds"),
        (child.parent.name, *(f"{before[key]:,}" for key in keys)),
        (name, *(f"{after[key]:,}" for key in keys)),
        ("difference", *(f"{after[key] - before[key]:+,}" for key in keys)),
    ]
    print(table(rows, frozenset((1, 2, 3))))
    say(f"wrote {child.file}")


def _figures(graph: "LayerGraph") -> dict[str, Any]:
    from archcompile.analyses import summary

    figures = summary(graph)
    params = figures["params"]["total"]
    return {
        "depth": figures["depth"],
        "params": params,
        "macs": figures["macs"],
        "hash": figures["hash"],
    }
