"""Everything archc says about many networks, as texts with keys.

Only the published interface is used, the package `archcompile` and the script `archc`, so that a
recording outlives moves of modules.
"""

import io
import json
import os
import shlex
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from importlib.metadata import entry_points
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

import archcompile
from archcompile.errors import ArchError, Diagnostic, SpecError
from tests.conftest import ROOT
from tests.oracles.generator import random_spec
from tests.oracles.generator.mutants import mutant

SPECS, CASES = ROOT / "specs", ROOT / "tests" / "cases"
RANDOM = 1000  # specs, and as many with a mistake
COMMANDS = [  # with the place of a network
    "validate {} -v --json",
    "show {}",
    "cost {}",
    "cost {} --json",
    "graph {}",
    "graph {} --level layer --style full",
    *(f"graph {{}} -o out.{ending}" for ending in ("svg", "html", "mmd", "dot", "json")),
    "graph {} -o out.svg --style poster",
    "export {} --format source -o out.py",
    "expect {}",
]
MISTAKE_COMMANDS = ["validate {}", "validate {} -v --json", "validate {} --format github"]
GENERAL = [
    "--help",
    "list",
    "list --json",
    "explain",
    *(f"schema --kind {kind}" for kind in ("spec", "library", "recipe", "experiment")),
]

Reading = tuple[str, str]


def readings_of_random(seed: int) -> Iterator[Reading]:
    """Graph text, hash, drawing, both sources and findings of a random spec; and the mistakes of a
    changed one.
    """
    spec = random_spec(seed)
    yield from _readings_of_text(f"random/{seed}", json.dumps(spec), seed)
    yield from _readings_of_text(f"changed/{seed}", json.dumps(mutant(spec, seed)), seed)


def _readings_of_text(key: str, text: str, seed: int) -> Iterator[Reading]:
    try:
        graph = archcompile.compile_text(text, file=f"random_{seed}.yaml")
    except SpecError as error:
        yield f"{key}/diagnostics", _diagnostics(error.diagnostics)
        return
    yield f"{key}/diagnostics", _diagnostics([*graph.notes, *graph.remarks])
    yield f"{key}/hash", graph.hash
    yield f"{key}/text", graph.to_text()
    yield f"{key}/svg", archcompile.draw(graph, level="block").content
    for style in ("flat", "article"):
        try:
            yield f"{key}/{style}", graph.to_source(style)
        except ArchError as error:
            yield f"{key}/{style}", f"{type(error).__name__}: {error}"


def _diagnostics(diagnostics: Iterable[Diagnostic]) -> str:
    return "\n".join(json.dumps(diagnostic.record(), indent=1) for diagnostic in diagnostics)


def readings_of_command(command: str) -> Iterator[Reading]:
    """What a command prints and writes in an empty folder, and its exit code."""
    with tempfile.TemporaryDirectory() as scratch, chdir(scratch):
        Path("cases").symlink_to(CASES)
        out, err = io.StringIO(), io.StringIO()
        (main,) = entry_points(group="console_scripts", name="archc")
        environment = patch.dict(os.environ, {"COLUMNS": "80", "NO_COLOR": "1"})
        with (
            environment,
            patch.object(sys, "argv", ["archc", *shlex.split(command)]),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            try:
                main.load()()
                code: object = 0
            except SystemExit as left:
                code = left.code
        yield f"{command}/exit", str(code)
        yield f"{command}/out", _anywhere(out.getvalue())
        yield f"{command}/err", _anywhere(err.getvalue())
        for path in sorted(Path(scratch).rglob("*")):
            if path.is_file():
                yield f"{command}/{path.relative_to(scratch)}", _anywhere(path.read_text())


def _anywhere(text: str) -> str:
    """A text without the place of this checkout."""
    return text.replace(str(ROOT), "ROOT")


def all_commands() -> list[str]:
    names = sorted(path.stem for path in SPECS.glob("*.yaml"))
    shipped = [command.format(name) for name in names for command in COMMANDS]
    pairs = [f"diff {before} {after}" for before, after in pairwise(names)]
    cases = [
        command.format(f"cases/{path.name}")
        for path in sorted(CASES.glob("*.yaml"))
        for command in MISTAKE_COMMANDS
    ]
    return [*GENERAL, *(f"{name} --help" for name in command_names()), *shipped, *pairs, *cases]


def command_names(group: str = "") -> list[str]:
    """As the help lists them, those of groups behind the group."""
    text = dict(readings_of_command(f"{group} --help"))[f"{group} --help/out"]
    lines = text.partition("\nOptions:\n")[2].partition("\n\n")[2].splitlines()
    names = [
        f"{group} {line.split()[0]}".strip()
        for line in lines
        if line.startswith("  ") and line[2:3].strip()
    ]
    return [*names, *(inner for name in names for inner in command_names(name))]
