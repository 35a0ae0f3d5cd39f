"""`archc recipe`: what a recipe says, what in it has no effect, and how two of them differ."""

import json
import re
import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archcompile.cli.commands import Command, first_paragraph
from archcompile.cli.completion import complete_recipes, complete_specs
from archcompile.cli.options import AsJson, Blame, ExitCode, RecipeSets, output_option
from archcompile.errors import UsageError

if TYPE_CHECKING:
    from archcompile.recipe import Pace, PartDifference, Recipe

CELL = 46  # characters of a column
CURVE, MARGIN = 60, 4  # characters of the learning rate over the run, and in front of it
GAP = "  "

Name = Annotated[
    str,
    typer.Argument(
        metavar="RECIPE",
        help="The name of a shipped recipe, or a file.",
        autocompletion=complete_recipes,
    ),
]
Images = Annotated[
    int | None,
    typer.Option(
        "--pictures",
        min=1,
        metavar="N",
        help="Number of training images. Default: the 50,000 of CIFAR-10.",
    ),
]
ForSpec = Annotated[
    str | None,
    typer.Option(
        metavar="SPEC",
        help="The network it is for, to compare its L2.",
        autocompletion=complete_specs,
    ),
]

StrictLint = Annotated[bool, typer.Option("--strict", help="Also treat warnings as errors.")]

recipe_app = typer.Typer(help="List, show, check and compare recipes.", no_args_is_help=True)


@recipe_app.command("list", cls=Command)
def list_recipes(as_json: AsJson = False) -> None:
    """List the recipes that ship with archc."""
    from archcompile.cli.console import table
    from archcompile.recipe import find, load
    from archcompile.shipped import shipped_files

    recipes = [load(find(name)) for name in shipped_files("recipe")]
    if as_json:
        listed = [{"name": recipe.name, "about": recipe.about} for recipe in recipes]
        print(json.dumps({"recipes": listed}, indent=2))
    else:
        rows = [
            (recipe.name, re.split(r"(?<=\.) (?=[A-Z])", first_paragraph(recipe.about))[0])
            for recipe in recipes
        ]
        print(table(rows, has_heading=False))


@recipe_app.command(cls=Command)
def show(
    name: Name,
    sets: RecipeSets = None,
    blame: Blame = False,
    images: Images = None,
    output: Annotated[
        Path | None, output_option("Draw the learning rate instead: .svg or .png.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print a recipe with every value written out.

    Also prints its learning rate over the run.
    """
    from archcompile.cli.console import print_text
    from archcompile.cli.yaml_text import print_yaml
    from archcompile.recipe import CIFAR, find, pace_on, read, recipe_of, resolved_trees
    from archcompile.spec.schema import origins

    if output is not None:
        _check_suffix(output)
    tree = read(find(name), sets or [])
    recipe = recipe_of(tree)
    images = images or CIFAR
    pace = pace_on(recipe, images)
    if output is not None:
        _draw(recipe, pace, output)
    if as_json:
        record: dict[str, Any] = {"name": recipe.name, "recipe": recipe.model_dump(mode="json")}
        if blame:
            record["blame"] = origins(resolved_trees(recipe, tree))
        print(json.dumps({**record, "learning_rate": _rates(recipe, pace, images)}, indent=2))
    elif output is None:
        print_yaml(resolved_trees(recipe, tree), recipe.text(), blame)
        for line in _rate_lines(recipe, pace, images):
            print_text(f"# {line}".rstrip())


def _check_suffix(output: Path) -> None:
    """Raises UsageError."""
    if output.suffix.lower() not in (".svg", ".png"):
        raise UsageError(
            f"a chart cannot be written as {output}",
            hint="the suffix chooses the format: .svg, .png",
        )


def _draw(recipe: "Recipe", pace: "Pace", output: Path) -> None:
    from archcompile.cli.console import say
    from archcompile.outputs import save
    from archcompile.report import draw_rates

    save(output, draw_rates(recipe, pace, output.suffix.lower()[1:]))
    say(f"wrote {output}")


def _rates(recipe: "Recipe", pace: "Pace", images: int) -> dict[str, Any]:
    from archcompile.recipe import curve, pieces

    return {
        "images": images,
        "steps_per_epoch": pace.epoch,
        "steps": pace.total,
        "pieces": [
            {"from_step": p.first, "to_step": p.end, "first": p.start, "last": p.last}
            for p in pieces(recipe, pace)
        ],
        "curve": curve(recipe, pace),
    }


def _rate_lines(recipe: "Recipe", pace: "Pace", images: int) -> list[str]:
    from archcompile.cli.console import table
    from archcompile.recipe import length, plateau_words, rate_rows, sparkline
    from archcompile.terminal import width_of

    held_out = recipe.data.held_out(images)
    kept = f", {held_out:,} of them held out" if held_out else ""
    lines = ["", f"learning rate at {images:,} training images{kept}: {length(recipe, pace)}"]
    rates = table(rate_rows(recipe, pace), has_heading=False, indent="  ")
    lines += rates.splitlines()
    room = (width_of(sys.stdout) or CURVE + MARGIN) - MARGIN
    if line := sparkline(recipe, pace, min(CURVE, room)):
        lines.append(f"  {line}")
    if recipe.live_plateau:
        lines.append(f"  and from there: {plateau_words(recipe.live_plateau)}")
    if recipe.warmup is not None and recipe.warmup.from_depth > 1:
        lines.append(f"  the warm-up is for networks of depth {recipe.warmup.from_depth} and more")
    return lines


@recipe_app.command(cls=Command)
def lint(
    name: Name,
    sets: RecipeSets = None,
    spec: ForSpec = None,
    images: Images = None,
    strict: StrictLint = False,
    as_json: AsJson = False,
) -> None:
    """Report settings that have no effect, or another than meant.

    Exit 1 for errors, with --strict also for warnings.
    """
    from archcompile.cli.notes import tell
    from archcompile.recipe import find, known_images, read, recipe_of
    from archcompile.recipe import lint as findings

    tree = read(find(name), sets or [])
    recipe = recipe_of(tree)
    diagnostics = findings(recipe, tree, _graph(spec), images=images or known_images(recipe))
    has_warnings = any(item.severity == "warning" for item in diagnostics)
    if as_json:
        print(
            json.dumps(
                {"name": recipe.name, "findings": [item.record() for item in diagnostics]}, indent=2
            )
        )
    else:
        tell(diagnostics)
        if not diagnostics:
            typer.echo("nothing found", err=True)
    if strict and has_warnings:
        raise typer.Exit(1)


def _graph(spec: str | None) -> Any:
    """The network that a recipe is looked at with, or None. Raises ArchError."""
    if spec is None:
        return None
    from archcompile import compile as compile_spec

    return compile_spec(spec)


@recipe_app.command(cls=Command)
def diff(
    a: Annotated[
        str,
        typer.Argument(
            metavar="A",
            help="The name of a shipped recipe, or a file.",
            autocompletion=complete_recipes,
        ),
    ],
    b: Annotated[
        str,
        typer.Argument(
            metavar="B", help="The recipe to compare it with.", autocompletion=complete_recipes
        ),
    ],
    spec: ForSpec = None,
    images: Images = None,
    exit_code: ExitCode = False,
    as_json: AsJson = False,
) -> None:
    """Compare two recipes part by part.

    What only names or describes them does not count.
    """
    from dataclasses import asdict

    from archcompile.cli.console import print_text
    from archcompile.recipe import CIFAR, differences, find, load, values

    images = images or CIFAR
    recipe_a, recipe_b = load(find(a)), load(find(b))
    parts = differences(recipe_a, recipe_b, images, graph=_graph(spec))
    if as_json:
        record = {
            "a": recipe_a.name,
            "b": recipe_b.name,
            "images": images,
            "differences": [asdict(part) for part in parts],
            "values": [
                {"path": path, "a": value_a, "b": value_b}
                for path, value_a, value_b in values(recipe_a, recipe_b)
            ],
        }
        print(json.dumps(record, indent=2))
    else:
        lines = _difference_lines(parts, recipe_a.name, recipe_b.name, images=images)
        print_text("\n".join(lines))
    if exit_code and parts:
        raise typer.Exit(1)


def _difference_lines(
    parts: Sequence["PartDifference"], a: str, b: str, *, images: int
) -> list[str]:
    """The differences in three columns, a heading for each group; notes stand below their row."""
    from archcompile.cli.console import heading
    from archcompile.terminal import cells, table_rows, width_of, wrap

    if not parts:
        return [f"{a} and {b} train alike"]
    rows: list[tuple[str, ...]] = [("", a, b), ("", "", "")]
    notes: dict[int, str] = {}
    for group, items in groupby(parts, lambda item: item.group):
        rows.append((group, "", ""))
        for item in items:
            rows.append((f"  {item.part}", item.a, item.b))
            if item.note:
                notes[len(rows) - 1] = f"    {item.note}"
    widest = max(cells(name) for name, *_ in rows) + 2 * (len(GAP) + CELL)
    width = min(widest, width_of(sys.stdout) or widest)
    blocks, _ = table_rows(rows, width=width, most=CELL)
    lines: list[str] = []
    for number, block in enumerate(blocks):
        is_heading = rows[number][1:] == ("", "") or number == 0
        lines += map(heading, block) if is_heading else block
        if number in notes:
            lines += wrap(notes[number], width)
    return [*lines, "", f"epochs and steps are those of {images:,} training images"]
