"""`archc graph`: draws a network."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from archcompile.cli.options import MaxNodes
from archcompile.errors import UsageError
from archcompile.limits import MAX_NODES

if TYPE_CHECKING:
    from archcompile.graph.ir import LayerGraph

Draw = Callable[["LayerGraph"], str | bytes]


def graph(
    spec: Annotated[str, typer.Argument(metavar="SPEC", help="a spec file, or the name of a shipped spec")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help=".svg, .png, .mmd, .dot or .json; without it, text on stdout",
        ),
    ] = None,
    style: Annotated[
        Literal["paper", "full"] | None,
        typer.Option(
            help="paper: weight layers, pools and merges; full: every node. Default: paper, for .dot full",
        ),
    ] = None,
    sets: Annotated[list[str] | None, typer.Option("--set", metavar="K=V", help="set a variable or a key")] = None,
    max_nodes: MaxNodes = MAX_NODES,
) -> None:
    """Draw a network: to a file, or as text."""
    draw = _drawing(output, style)
    from archcompile import compile as compile_spec
    from archcompile.cli.notes import tell_notes

    compiled = compile_spec(spec, sets=sets or [], max_nodes=max_nodes)
    tell_notes(compiled)
    drawn = draw(compiled)
    if output is None:
        typer.echo(drawn, nl=False)
        return
    from archcompile.emit.save import save

    save(output, drawn)
    typer.echo(f"wrote {output}", err=True)


def _drawing(output: Path | None, style: Literal["paper", "full"] | None) -> Draw:
    """What to call for this file name. Raises UsageError for an unknown suffix, or a style where there is none."""
    from archcompile.emit.dot import dot
    from archcompile.emit.mermaid import mermaid
    from archcompile.emit.png import png
    from archcompile.emit.svg import svg
    from archcompile.emit.text import text
    from archcompile.graph.text import to_json

    styled: dict[str, Draw] = {
        ".svg": lambda graph: svg(graph, style or "paper"),
        ".png": lambda graph: png(svg(graph, style or "paper")),
        ".dot": lambda graph: dot(graph, style or "full"),
    }
    plain: dict[str, Draw] = {".mmd": mermaid, ".json": to_json}
    suffix = output.suffix.lower() if output else None
    if suffix is not None and suffix not in styled | plain:
        raise UsageError(f"no diagram can be written as {output}",
                         hint=f"the suffix chooses the format: {', '.join(styled | plain)}")  # fmt: skip
    if style and suffix not in styled:
        raise UsageError(f"--style is for {', '.join(styled)}", hint="leave it out, or name such a file with -o")
    return text if suffix is None else (styled | plain)[suffix]
