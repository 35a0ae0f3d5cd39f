"""`archc new`: a minimal child of a spec."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archcompile.cli.options import AsJson, output_option, set_option

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
    sets: Annotated[list[str] | None, set_option("A variable or a key it changes.")] = None,
    output: Annotated[Path | None, output_option("Default: NAME.yaml in this folder.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write a spec that extends another and says only what differs; print what that costs."""
    from archcompile.authoring import new as write
    from archcompile.cli.console import say, table

    made = write(name, parent, sets or [], file=output)
    figures = {"parent": _figures(made.parent), "child": _figures(made.graph)}
    if as_json:
        print(json.dumps({"name": name, "file": str(made.file), **figures}, indent=2))
        return
    names = ("depth", "params", "macs")
    rows: list[tuple[str, ...]] = [("", "depth", "parameters", "multiply-adds")]
    rows += [
        (graph.name if label == "parent" else name, *(f"{figures[label][key]:,}" for key in names))
        for label, graph in (("parent", made.parent), ("child", made.graph))
    ]
    rows.append(
        ("difference", *(f"{figures['child'][key] - figures['parent'][key]:+,}" for key in names))
    )
    print(table(rows, frozenset((1, 2, 3))))
    say(f"wrote {made.file}")


def _figures(graph: "LayerGraph") -> dict[str, Any]:
    from archcompile.analyses import summary

    found = summary(graph)
    return {
        "depth": found["depth"],
        "params": found["params"]["total"],
        "macs": found["macs"],
        "hash": found["hash"],
    }
