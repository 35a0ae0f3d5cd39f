"""`archc init`: from an empty folder to a spec of one's own that builds."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archcompile.cli.completion import complete_templates
from archcompile.cli.options import output_option
from archcompile.data_sources import DIGITS

if TYPE_CHECKING:
    from archcompile.graph import LayerGraph


def init(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The name of the network and of its file.")
    ] = "my_net",
    template: Annotated[
        str,
        typer.Option(
            metavar="KIND",
            help="What to begin from: cifar (small images), imagenet (photographs), mobile (small "
            "and fast) or fpn (a backbone for detectors).",
            autocompletion=complete_templates,
        ),
    ] = "cifar",
    output: Annotated[
        Path | None, output_option("Where to write. Default: NAME.yaml in this folder.")
    ] = None,
) -> None:
    """Start a spec of your own, with comments that explain it.

    NAME.yaml is a whole network to be changed; `archc new` writes one that says only in what it
    differs from another. A file that exists is never overwritten.
    """
    from archcompile.authoring import start_from
    from archcompile.cli.console import say
    from archcompile.cli.notes import tell_namesake
    from archcompile.drawing.formats import text
    from archcompile.terminal import is_coloured, width_of

    start = start_from(template, name, output)
    print(text(start.graph, width_of(sys.stdout), is_coloured(sys.stdout)), end="")
    say(f"wrote {start.file}")
    tell_namesake(start.file)
    say("next:")
    commands = _next_commands(str(start.file), start.graph)
    width = max(len(command) for command, _ in commands)
    for command, purpose in commands:
        say(f"  {command:{width}}  {purpose}")


def _next_commands(file: str, graph: "LayerGraph") -> list[tuple[str, str]]:
    """What to do with a new spec, and what for."""
    from archcompile.spec.check import class_setting_of

    commands = [
        (f"archc graph {file} -o {file.removesuffix('.yaml')}.svg", "draw it"),
        (f"archc build {file}", "build it"),
    ]
    if graph.classes == DIGITS:
        commands.append((f"archc train {file} --recipe digits", "train it a little"))
    elif graph.classes is not None:
        setting = class_setting_of(graph.spec_text, "N")
        options = f"--data DIR --set data.fit=crop {setting}"  # by the recipe that the spec names
        commands.append((f"archc train {file} {options}", "train it"))
    else:
        commands.append((f"archc cost {file}", "see its shapes and costs"))
    return commands
