"""`archc graph`: draws a network, or several side by side."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from archcompile.choices import DrawnStyle, Level
from archcompile.cli.completion import complete_facts
from archcompile.cli.options import MaxNodes, Sets, SpecFiles, output_option
from archcompile.limits import MAX_NODES


def graph(
    specs: SpecFiles,
    output: Annotated[
        Path | None,
        output_option(".svg, .png, .pdf, .tex, .html, .mmd, .dot, .json. Default: text on stdout."),
    ] = None,
    level: Annotated[
        Level | None,
        typer.Option(
            help="What a box is. Default: blocks, where they hide nothing, else the most detailed "
            "that can be read on a page; for .dot layer, for .mmd block."
        ),
    ] = None,
    style: Annotated[
        DrawnStyle | None,
        typer.Option(
            help="Paper: weight layers, pools and merges; full: every layer; poster: networks "
            "side by side. Default: paper; for .dot full.",
        ),
    ] = None,
    show: Annotated[
        str,
        typer.Option(
            metavar="FACTS",
            help="What boxes also show, separated by commas: shapes, params, macs.",
            autocompletion=complete_facts,
        ),
    ] = "",
    sets: Sets = None,
    max_nodes: MaxNodes = MAX_NODES,
) -> None:
    """Draw a network to a file, or as text.

    With --style poster, several side by side.
    """
    from archcompile.drawing.formats import check_request, draw_networks
    from archcompile.terminal import is_coloured, width_of

    request = replace(
        check_request(output, len(specs), level, style=style, shown=show),
        width=width_of(sys.stdout),
        is_coloured=is_coloured(sys.stdout),
    )
    from archcompile import compile as compile_spec
    from archcompile.cli.console import print_text, say
    from archcompile.cli.notes import tell_notes

    graphs = [compile_spec(spec, sets=sets or [], max_nodes=max_nodes) for spec in specs]
    for compiled in graphs:
        tell_notes(compiled)
    content, note = draw_networks(graphs, request)
    if note:
        say(note)
    if output is None:
        print_text(str(content), end="")
        return
    from archcompile.outputs import save

    save(output, content)
    say(f"wrote {output}")
