"""`archc validate`: checks specs, libraries, recipes and experiments, and only that."""

import json
import os
from pathlib import Path
from typing import Annotated, Literal

import typer

from archcompile.cli.completion import complete_specs
from archcompile.cli.options import MaxNodes, Strict
from archcompile.errors import Diagnostic, SpecError, UsageError, plural, visible
from archcompile.limits import MAX_NODES


def validate(
    specs: Annotated[
        list[str],
        typer.Argument(
            metavar="SPEC",
            help="Files, shipped names, folders, or - for stdin.",
            autocompletion=complete_specs,
        ),
    ],
    form: Annotated[
        Literal["text", "json", "github"],
        typer.Option("--format", help="How findings are printed."),
    ] = "text",
    as_json: Annotated[bool, typer.Option("--json", help="Same as --format json.")] = False,
    strict: Strict = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show one line per stage, and remarks.")
    ] = False,
    max_nodes: MaxNodes = MAX_NODES,
) -> None:
    """Check specs; exit 1 if any is wrong."""
    names, unread = _find_files(specs)
    if as_json:
        form = "json"
    findings, unreadable = _check_files(
        names, max_nodes, verbose, prints_tables=verbose and form == "text"
    )
    unread += unreadable
    has_errors = any(_is_error(finding, strict) for finding in findings)
    if form == "json":
        _print_json(findings, unread)
    else:
        _print(findings, unread, form)
    if form == "text" and not has_errors and not unread:
        _say_count(len(names), findings)
    if has_errors or unread:
        raise typer.Exit(UsageError.exit_code if unread else 1)


def _find_files(arguments: list[str]) -> tuple[list[str], list[UsageError]]:
    """The files to check, and why there are none where there should be."""
    names: list[str] = []
    unread: list[UsageError] = []
    for argument in arguments:
        try:
            names += _files_of(argument)
        except UsageError as error:
            unread.append(error)
    return names, unread


def _check_files(
    names: list[str], max_nodes: int, verbose: bool, *, prints_tables: bool
) -> tuple[list[Diagnostic], list[UsageError]]:
    """The findings in all files, and the errors of those that cannot be read."""
    findings: list[Diagnostic] = []
    unread: list[UsageError] = []
    for name in names:
        try:
            findings += _check(name, max_nodes, verbose, prints_tables=prints_tables)
        except SpecError as error:
            findings += error.diagnostics
        except UsageError as error:
            unread.append(error)
    return findings, unread


def _is_error(finding: Diagnostic, strict: bool) -> bool:
    """With --strict a warning is one too, and a remark is not."""
    from archcompile.recipe import REMARKS as OF_RECIPES
    from archcompile.spec.language import REMARKS

    if finding.severity == "error":
        return True
    return strict and finding.code not in (*REMARKS, *OF_RECIPES)


def _print_json(findings: list[Diagnostic], unread: list[UsageError]) -> None:
    records = [finding.record() for finding in findings]
    records += [record for problem in unread for record in problem.records()]
    print(json.dumps(records, indent=2))


def _print(findings: list[Diagnostic], unread: list[UsageError], form: str) -> None:
    from archcompile.cli.console import report, say_diagnostic

    for finding in findings:
        if form == "github":
            print(_github(finding))
        else:
            say_diagnostic(finding)
    for problem in unread:
        report(problem)


def _say_count(files: int, findings: list[Diagnostic]) -> None:
    from archcompile.cli.console import say

    count = sum(finding.severity == "warning" for finding in findings)
    warnings = plural(count, "warning") if count else "nothing wrong"
    say(f"{plural(files, 'file')} checked, {warnings}")


def _files_of(given: str) -> list[str]:
    """The YAML files below a folder, else the argument. Raises UsageError for none."""
    from archcompile.shipped import SUFFIXES, shipped_specs

    path = Path(given)
    if not os.path.isdir(path) or given in shipped_specs():
        return [given]
    files = sorted(p for p in path.rglob("*") if p.suffix in SUFFIXES and p.is_file())
    if not files:
        raise UsageError(f"the folder {given} holds no YAML files")
    return [str(p) if "/" in str(p) else f"./{p}" for p in files]


def _check(name: str, max_nodes: int, verbose: bool, *, prints_tables: bool) -> list[Diagnostic]:
    """The notes on a file that is right, its stages printed where asked for. Raises ArchError."""
    from archcompile import compile as compile_spec
    from archcompile.spec.loading import check_library, kind_of_file

    kind = "spec" if name == "-" else kind_of_file(name)
    if kind == "library":
        check_library(Path(name))
        return []
    if kind == "recipe":
        return _check_recipe(Path(name), verbose)
    if kind == "experiment":
        return _check_experiment(Path(name), max_nodes)
    graph = compile_spec(name, max_nodes=max_nodes)
    if prints_tables:
        from archcompile.cli.console import heading, print_text, table
        from archcompile.interface import STAGE_COLUMNS, stage_rows

        rows = [("part", *STAGE_COLUMNS), *stage_rows(graph)]
        stages = table(rows, frozenset((4, 5)), least=(5, 3))
        print_text(f"{heading(visible(name))}\n{stages}\n")
    return [*graph.notes, *(graph.remarks if verbose else ())]


def _check_recipe(file: Path, verbose: bool) -> list[Diagnostic]:
    """The findings that a recipe does not allow; remarks only if asked for. Raises ArchError."""
    from archcompile.recipe import REMARKS, known_images, lint, read, recipe_of

    tree = read(file)
    recipe = recipe_of(tree)
    silent = recipe.allow if verbose else (*recipe.allow, *REMARKS)
    findings = lint(recipe, tree, images=known_images(recipe))
    return [finding for finding in findings if finding.code not in silent]


def _check_experiment(file: Path, max_nodes: int) -> list[Diagnostic]:
    """The notes on its specs, as it sets them. Raises ArchError."""
    from archcompile import compile as compile_spec
    from archcompile.experiments import load_experiment
    from archcompile.recipe import find
    from archcompile.recipe import load as load_recipe
    from archcompile.spec.loading import split_sets

    definition = load_experiment(file)
    for_specs, for_recipes = split_sets(definition.set)
    for name in definition.recipes:
        load_recipe(find(name), for_recipes)
    return [
        note
        for spec in definition.specs
        for note in compile_spec(spec, sets=for_specs, max_nodes=max_nodes).notes
    ]


def _github(finding: Diagnostic) -> str:
    """A workflow command that GitHub shows beside the line."""
    level = {"error": "error", "warning": "warning"}.get(finding.severity, "notice")
    text = f"{finding.message} ({finding.hint})" if finding.hint else finding.message
    escaped = visible(text).replace("%", "%25")
    place = finding.location
    position = f"file={visible(place.file)},line={place.line},col={place.column}"
    return f"::{level} {position},title={finding.code}::{escaped}"
