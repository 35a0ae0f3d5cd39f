"""Walks `tests/cases`: each file is a spec that says in its first comments what comes of it.

    # What the case shows.
    # set: K=V                           settings, as with --set
    # expect: graph                      followed by the nodes, with the settings that differ from
    #                                    the op's defaults
    # expect: error CODE LINE:COLUMN     followed by words of the message and the hint, a comment
    #                                    line each
    # expect: warning CODE LINE:COLUMN   the same, for a spec that compiles
    # expect: no warning                 a spec that compiles and has none

Errors are all those of the file, in order; a place in another file is written FILE:LINE:COLUMN.
`pytest tests/test_cases.py --rewrite` writes the graphs (never the errors) anew.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from archcompile.api import compile as compile_spec
from archcompile.errors import Diagnostic, SpecError
from archcompile.graph.ir import LayerGraph
from archcompile.ops import show

CASES = Path(__file__).parent / "cases"
FILES = sorted(CASES.glob("*.yaml"))


@dataclass(kw_only=True)
class Case:
    about: list[str] = field(default_factory=list)
    sets: list[str] = field(default_factory=list)
    errors: list[tuple[str, str, list[str]]] = field(default_factory=list)  # code, place, words
    graph: list[str] | None = None
    warnings: list[tuple[str, str, list[str]]] | None = None


def read(path: Path) -> Case:
    case = Case()
    for line in path.read_text().splitlines():
        if not line.startswith("#"):
            break
        text = line.removeprefix("#").strip()
        if error := re.fullmatch(r"expect: error (\S+) (.+)", text):
            case.errors.append((error[1], error[2], []))
        elif warning := re.fullmatch(r"expect: warning (\S+) (.+)", text):
            case.warnings = [*(case.warnings or []), (warning[1], warning[2], [])]
        elif text == "expect: no warning":
            case.warnings = []
        elif text == "expect: graph":
            case.graph = []
        elif text.startswith("set: "):
            case.sets.append(text.removeprefix("set: "))
        elif case.errors:
            case.errors[-1][2].append(text)
        elif case.warnings:
            case.warnings[-1][2].append(text)
        elif case.graph is not None:
            case.graph.append(text)
        else:
            case.about.append(text)
    return case


def short(graph: LayerGraph) -> list[str]:
    lines = []
    for node in graph:
        given = node.op.model_dump(mode="json", exclude_defaults=True, by_alias=True)
        settings = " ".join(f"{key}={str(value).replace(' ', '')}" for key, value in given.items())
        lines.append(
            f"{node.name} = {node.op.kind}({', '.join(node.inputs)}) {settings}".strip()
            + f" -> {show(node.shape)}"
        )
    return [*lines, *(f"output {label} = {name}" for label, name in graph.outputs.items())]


@pytest.mark.parametrize("path", FILES, ids=[p.stem for p in FILES])
def test_case(path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    monkeypatch.chdir(CASES)
    case = read(path)
    built = case.graph is not None or case.warnings is not None
    assert bool(case.errors) != built, "a case expects errors, or a graph or warnings"
    try:
        graph = compile_spec(path.name, sets=case.sets)
    except SpecError as error:
        compare(error.diagnostics, case.errors, path)
        return
    assert built, "this spec should have been wrong"
    if case.warnings is not None:
        compare([note for note in graph.notes if note.severity == "warning"], case.warnings, path)
    if case.graph is not None:
        if request.config.getoption("--rewrite"):
            write(path, short(graph))
        assert short(graph) == case.graph


def compare(
    actual: Sequence[Diagnostic], expected: list[tuple[str, str, list[str]]], path: Path
) -> None:
    """Codes and places, in order; words of the message, the notes and the hint."""
    places = [str(d.location).removeprefix(f"{path.name}:") for d in actual]
    assert list(zip([d.code for d in actual], places, strict=True)) == [
        (code, place) for code, place, _ in expected
    ]
    for diagnostic, (_, _, words) in zip(actual, expected, strict=True):
        message = f"{diagnostic.record()['message']} {diagnostic.hint or ''}"
        assert all(w in message for w in words), message
        assert diagnostic.location.text, "the line itself is shown"


def write(path: Path, graph: list[str]) -> None:
    before, _, after = path.read_text().partition("# expect: graph\n")
    body = "".join(line for line in after.splitlines(keepends=True) if not line.startswith("#"))
    path.write_text(
        before + "# expect: graph\n" + "".join(f"#   {line}\n" for line in graph) + body
    )


def test_there_are_enough_cases_and_every_code_has_one(root: Path) -> None:
    """Every code that the compiler can raise stands in a case, or in the short list of those that
    need other means.
    """
    cases = [read(path) for path in FILES]
    assert (
        sum(bool(c.errors) for c in cases) >= 60 and sum(c.graph is not None for c in cases) >= 20
    )
    folders = ("spec", "graph", "ops", "analyses")
    sources = "".join(
        p.read_text() for folder in folders for p in (root / "archcompile" / folder).rglob("*.py")
    )
    pattern = (
        r'(?:fail|misfit|Diagnostic|ExpressionError)\(\s*"([a-z-]+)"|'
        r'code="([a-z-]+)"|return "([a-z]+-[a-z]+)", f'
    )
    raised = {code for match in re.findall(pattern, sources) for code in match if code} | {
        "shape-mismatch"
    }
    # test_expand, test_refused_rows, test_head
    elsewhere = {
        "name-taken",
        "unclear-head",
        "one-sided-logits",
        "squashed-twice",
    }
    assert raised - {code for case in cases for code, _, _ in case.errors} - elsewhere == set()
