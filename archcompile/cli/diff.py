"""`archc diff`: in what two networks differ."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archcompile.cli.completion import complete_specs
from archcompile.cli.options import (
    SPEC_FILE,
    AsJson,
    Batch,
    ExitCode,
    MaxNodes,
    Sets,
    output_option,
    set_option,
)
from archcompile.limits import MAX_NODES

if TYPE_CHECKING:
    from archcompile.analyses import Difference


def diff(
    a: Annotated[str, typer.Argument(metavar="A", help=SPEC_FILE, autocompletion=complete_specs)],
    b: Annotated[
        str,
        typer.Argument(
            metavar="B", help="The spec to compare it with.", autocompletion=complete_specs
        ),
    ],
    sets: Sets = None,
    sets_a: Annotated[
        list[str] | None, set_option("Like --set, for A only.", flag="--set-a")
    ] = None,
    sets_b: Annotated[
        list[str] | None, set_option("Like --set, for B only.", flag="--set-b")
    ] = None,
    output: Annotated[Path | None, output_option("Draw the difference: .svg or .png.")] = None,
    batch: Batch = 1,
    exit_code: ExitCode = False,
    as_json: AsJson = False,
    max_nodes: MaxNodes = MAX_NODES,
) -> None:
    """Compare two networks: what changed, and what that costs.

    Lists the stages, units and layers that came, went or changed.
    """
    if output is not None:
        from archcompile.drawing.formats import check_image

        check_image(output)
    from archcompile import compile as compile_spec
    from archcompile import diff as compare
    from archcompile.analyses import with_distinct_names
    from archcompile.cli.console import print_text, say
    from archcompile.cli.diff_report import text
    from archcompile.cli.notes import tell_notes

    graphs = []
    for spec, extra in ((a, sets_a), (b, sets_b)):
        graphs.append(compile_spec(spec, sets=[*(sets or []), *(extra or [])], max_nodes=max_nodes))
        tell_notes(graphs[-1])
    result = compare(*graphs, batch=batch)
    named = with_distinct_names(result.difference)
    if output is not None:
        _draw(named, output)
        if named.is_of_most_layers:
            say(
                "note: most layers differ; "
                f"`archc graph {a} {b} --style poster -o {output}` draws both side by side"
            )
    if as_json:
        print(json.dumps(result.to_dict(), indent=2))
    else:
        print_text(text(named, batch))
    if exit_code and not result.is_same:
        raise typer.Exit(1)


def _draw(difference: "Difference", output: Path) -> None:
    from archcompile.cli.console import say
    from archcompile.drawing.formats import draw_difference, encode_drawing, size_note
    from archcompile.outputs import save

    drawing = draw_difference(difference)
    save(output, encode_drawing(drawing, output.suffix.lower()))
    say(f"wrote {output}")
    if note := size_note(drawing):
        say(f"note: {note}")
