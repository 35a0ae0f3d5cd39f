"""`archc explain`: every code has an entry, and its examples are what they say."""

import ast
import json
import re
from pathlib import Path

import pytest

from archcompile.api import compile_text
from archcompile.errors import Diagnostic, SpecError
from archcompile.explain import Entry, entries, frame_example
from archcompile.ops import REGISTRY
from archcompile.recipe import codes
from archcompile.recipe.linting import lint
from archcompile.recipe.loading import read, recipe_of
from archcompile.recipe.rates import CIFAR
from archcompile.spec.language import allow
from archcompile.spec.language.allow import WARNINGS
from tests.command_line import Archc
from tests.conftest import shipped_graph

REMARKS = (*allow.REMARKS, *codes.REMARKS)

BASES = {"error", "spec"}  # of classes that are never raised without a code of their own
RAISE = ("fail", "misfit", "Diagnostic", "ExpressionError", "Refused", "finding", "warn")
WITH_EXAMPLES = [entry for entry in entries().values() if entry.group != "Commands"]


def codes_of(node: ast.AST) -> list[str]:
    """The codes that a call or class names: first arguments, `code=`, and `code = …` in a class."""
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        result = [node.args[0]] if name in RAISE and node.args else []
        return texts([*result, *(k.value for k in node.keywords if k.arg == "code")])
    if isinstance(node, ast.ClassDef):
        return texts(
            [
                s.value
                for s in node.body
                if isinstance(s, ast.Assign) and getattr(s.targets[0], "id", "") == "code"
            ]
        )
    return []


def texts(nodes: list[ast.expr]) -> list[str]:
    return [n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)]


def test_every_code_in_the_source_has_an_entry(root: Path) -> None:
    actual = {
        code
        for path in (root / "archcompile").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for code in codes_of(node)
    }
    assert {"unknown-key", "window-too-large", "bias-before-bn", "usage"} <= actual, (
        "the walk finds codes"
    )
    assert actual - set(entries()) == BASES, (
        "each code has an entry in one of the Markdown files of archcompile/explain"
    )
    assert {*WARNINGS, *REMARKS, *codes.CODES} <= set(entries())


def found_in(example: str, tmp_path: Path) -> list[Diagnostic]:
    text, sets = frame_example(example)
    try:
        if "optimizer:" in example:
            return found_in_recipe(text, tmp_path / "example.yaml")
        graph = compile_text(text, file=str(tmp_path / "example.yaml"), sets=sets)
    except SpecError as error:
        return list(error.diagnostics)
    return [*graph.notes, *graph.remarks]


def found_in_recipe(text: str, file: Path) -> list[Diagnostic]:
    file.write_text(text)
    tree = read(file)
    network = re.search(r"^# --spec (.+)$", text, re.MULTILINE)
    return lint(recipe_of(tree), tree, shipped_graph(network[1]) if network else None, images=CIFAR)


@pytest.mark.parametrize("entry", WITH_EXAMPLES, ids=lambda entry: entry.code)
def test_the_wrong_example_gives_just_this_code_and_the_right_one_none(
    entry: Entry, tmp_path: Path
) -> None:
    actual = [
        d for d in found_in(entry.wrong, tmp_path) if entry.code in REMARKS or d.code not in REMARKS
    ]
    assert [d.code for d in actual] == [entry.code], actual
    warns = entry.group.startswith("Warnings")
    severity = "note" if entry.code in REMARKS else ("error", "warning")[warns]
    assert actual[0].severity == severity
    left = [d for d in found_in(entry.right, tmp_path) if d.code not in REMARKS]
    assert left == [], "the mended example has neither errors nor warnings"


def test_texts_are_short_sentences() -> None:
    for entry in entries().values():
        assert entry.summary.endswith(".") and len(entry.summary) < 130, entry.code
        assert "```" not in entry.text


@pytest.mark.parametrize("code", ["shape-mismatch", "usage"])
def test_command(archc: Archc, code: str) -> None:
    done = archc("explain", code)
    assert done.code == 0 and done.out.startswith(code) and done.err == ""
    assert ("wrong:" in done.out) == (code == "shape-mismatch")


def test_command_lists_all_codes_and_knows_typos(archc: Archc) -> None:
    lines = archc("explain").out.splitlines()
    first_words = {line.split()[0] for line in lines if line.split()}
    assert set(entries()) <= first_words
    assert {item["code"] for item in json.loads(archc("explain", "--json").out)["codes"]} == set(
        entries()
    )
    wrong = archc("explain", "shape-mismach")
    assert wrong.code == 2 and "did you mean `shape-mismatch`?" in wrong.err


def test_unknown_steps_are_answered_with_all_ops() -> None:
    named = re.findall(r"`(\w+)`", entries()["unknown-step"].text.split("The ops are")[1])
    assert set(named) == set(REGISTRY), (
        "archcompile/explain/2_words.md names all ops under unknown-step"
    )
