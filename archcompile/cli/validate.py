"""`archc validate`: checks specs, libraries and recipes, and only that."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from archcompile.errors import Diagnostic, SpecError, UsageError, visible


def validate(
    specs: Annotated[list[str], typer.Argument(metavar="SPEC…", help="Files, shipped names, folders, or - for stdin.")],
    form: Annotated[
        Literal["text", "json", "github"], typer.Option("--format", help="How findings are printed.")
    ] = "text",
    as_json: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Notes and warnings are errors too.")] = False,
) -> None:
    """Check specs; exit 1 if any is wrong."""
    from archcompile.cli.console import coloured, render, report, say

    names: list[str] = []
    findings: list[Diagnostic] = []
    unread: list[UsageError] = []
    for given in specs:
        try:
            names += _walk(given)
        except UsageError as error:
            unread.append(error)
    for name in names:
        try:
            findings += _check(name)
        except SpecError as error:
            findings += error.diagnostics
        except UsageError as error:
            unread.append(error)
    bad = [f for f in findings if strict or f.severity == "error"]
    if as_json or form == "json":
        print(json.dumps([*(f.record() for f in findings), *(r for problem in unread for r in problem.records())], indent=2))
    else:
        for found in findings:
            if form == "github":
                print(_github(found))
            else:
                say(render(found, coloured(sys.stderr)))
        for problem in unread:
            report(problem)
        if form == "text" and not bad and not unread:
            say(f"{len(names)} file{'s' if len(names) != 1 else ''} checked, nothing wrong")
    if bad or unread:
        raise typer.Exit(UsageError.exit_code if unread else 1)


def _walk(given: str) -> list[str]:
    """The files a word stands for: YAML files below a folder, else itself. Raises UsageError for an empty folder."""
    from archcompile.spec.files import shipped_specs

    path = Path(given)
    if not os.path.isdir(path) or given in shipped_specs():
        return [given]
    files = sorted(p for p in path.rglob("*") if p.suffix in (".yaml", ".yml") and p.is_file())
    if not files:
        raise UsageError(f"the folder {given} holds no YAML files")
    return [str(p) if "/" in str(p) else f"./{p}" for p in files]


def _check(name: str) -> list[Diagnostic]:
    """The notes on a file that is right. Raises ArchError."""
    from archcompile import compile as compile_spec
    from archcompile.spec.load import check_library, kind_of_file
    from archcompile.train.recipe import load as load_recipe

    kind = "spec" if name == "-" else kind_of_file(name)
    if kind == "library":
        check_library(Path(name))
        return []
    if kind == "recipe":
        load_recipe(Path(name))
        return []
    return list(compile_spec(name).notes)


def _github(found: Diagnostic) -> str:
    """A workflow command that GitHub shows beside the line."""
    level = {"error": "error", "warning": "warning"}.get(found.severity, "notice")
    text = found.message + (f" ({found.hint})" if found.hint else "")
    escaped = visible(text).replace("%", "%25")
    where = found.location
    return f"::{level} file={visible(where.file)},line={where.line},col={where.column},title={found.code}::{escaped}"
