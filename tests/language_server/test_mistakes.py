"""Mistakes as a person makes them: each is shown where it stands, while the file is not saved."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from lsprotocol import types

from tests.language_server.editor import Editor, editing

pytestmark = pytest.mark.asyncio(loop_scope="module")

RIGHT = """\
archc: 1
uses: [blocks/residual.yaml]
vars: {depth: 14, n: $((depth - 2) / 4), classes: 10}
input: [32, 32, 3]
defaults: {conv: {bias: false, init: he_normal}}
stem:
  - conv: {filters: 16, kernel: 3}
  - bn
  - relu
stages:
  s1: {block: basic, repeat: $n, filters: 16}
  s2: {block: basic, repeat: $n, filters: 32, first: {stride: 2}}
shortcut: projection
head:
  - global_avg_pool
  - dense: {units: $classes, activation: softmax}
expect: {depth: 14}
"""
# (what stands there, what is written instead, the code, the words that are marked)
MISTAKES = [
    ("archc: 1", "archc: 2", "version", "2"),
    ("archc: 1", "archc: 1\narchc: 1", "duplicate-key", "archc"),
    ("residual", "residul", "unknown-file", "blocks/residul.yaml"),
    ("vars:", "vras:", "unknown-key", "vras"),
    ("depth: 14, n", "depth: 15, n", "not-whole", "15"),
    ("(depth - 2)", "(dpeth - 2)", "unknown-name", "$((dpeth - 2) / 4)"),
    ("(depth - 2) / 4", "(depth - 2 / 4", "unquoted-comma", "$((depth - 2 / 4)"),
    ("classes: 10", "classes: 10, spare: 1", "unused-var", "spare"),
    ("[32, 32, 3]", "[32, 32]", "wrong-type", "["),
    ("32, 32", "32, big", "wrong-type", "big"),
    ("32, 3]", "32, 3", "yaml", ":"),
    ("{conv: {bias", "{cnov: {bias", "unknown-step", "cnov"),
    ("he_normal", "he_norml", "wrong-type", "he_norml"),
    ("- bn", "- bnn", "unknown-step", "bnn"),
    ("  - bn", "\t- bn", "yaml", "\t"),
    ("kernel: 3", "kernal: 3", "unknown-attribute", "kernal"),
    ("filters: 16, kernel", "filters: 0, kernel", "out-of-range", "0"),
    (", kernel: 3", "", "missing-key", "conv"),
    ("- relu", "- relu: {alpha: 1}", "unknown-attribute", "alpha"),
    ("- relu", "- relu\n  - conv: {from: stme, filters: 4, kernel: 3}", "unknown-point", None),
    ("block: basic, repeat: $n, filters: 16", "block: basik, filters: 16", "unknown-step", "basik"),
    ("$n, filters: 16", "0, filters: 16", "out-of-range", "0"),
    ("$n, filters: 32", "$m, filters: 32", "unknown-name", "$m"),
    (", filters: 16}", "}", "missing-argument", "s1"),
    ("s2: {", "s1: {", "duplicate-key", "s1"),
    ("{stride: 2}", "{strides: 2}", "unknown-argument", "strides"),
    ("{stride: 2}", "{stride: two}", "wrong-type", "two"),
    ("shortcut: projection", "shortcut: projektion", "unknown-rule", "projektion"),
    ("shortcut: projection", "shortcut: identity", "shape-mismatch", None),
    ("head:", "haed:", "unknown-key", "haed"),
    ("- global_avg_pool", "- avg_pool: {size: 40}", "window-too-large", None),
    ("$classes", "$classses", "unknown-name", "$classses"),
    ("softmax", "softmx", "wrong-type", "softmx"),
    ("{depth: 14}", "{depth: 15}", "expect-depth", "15"),
    ("{depth: 14}", "{dpth: 14}", "unknown-key", "dpth"),
    ("archc: 1", "archc: 1\nallow: [bias-befor-bn]", "unknown-code", "bias-befor-bn"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def editor(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Editor]:
    folder = tmp_path_factory.mktemp("mistakes")
    async with editing(folder) as running:
        running.open(folder / "net.yaml", RIGHT)
        yield running


@pytest.mark.parametrize(("right", "wrong", "code", "words"), MISTAKES)
async def test_a_mistake_is_marked(
    editor: Editor, right: str, wrong: str, code: str, words: str | None
) -> None:
    """Only the mistake and what follows from it, the mistake first; None: the line is enough."""
    (file,) = editor.texts
    editor.change(file, RIGHT)
    assert await editor.findings(file) == []
    text = RIGHT.replace(right, wrong, 1)
    editor.change(file, text)
    finding = (await editor.findings(file))[0]
    lines = [line for line in text.split("\n") if line not in RIGHT.split("\n")]
    assert finding.code == code
    assert finding.message
    assert words is None or editor.words(file, finding.range) == words
    line = text.split("\n")[finding.range.start.line]
    follows = code in ("yaml", "duplicate-key", "shape-mismatch")
    assert follows or line in lines, "on the line that is wrong"


async def test_a_mistake_in_a_library_is_shown_where_it_is_used(
    editor: Editor, tmp_path: Path
) -> None:
    """The library is open, too, and not saved; its place is a note."""
    library, spec = tmp_path / "mine.yaml", tmp_path / "net.yaml"
    right = "archc: 1\nblocks:\n  unit:\n    args: {filters: int}\n    body: [conv: {filters: $filters, kernel: 3}]\n"  # noqa: E501
    library.write_text(right)
    spec.write_text(
        "archc: 1\nuses: [mine.yaml]\ninput: [8, 8, 3]\nstages:\n  s1: {block: unit, filters: 4}\n"
    )
    editor.open(spec)
    editor.open(library)
    assert await editor.findings(spec) == []
    editor.change(library, right.replace("kernel: 3", "kernel: 30, padding: valid"))
    while not await editor.findings(spec):
        await editor.wait()
    (finding,) = await editor.findings(spec)
    assert finding.code == "window-too-large" and finding.range.start.line == 4
    (note, *_) = finding.related_information or ()
    assert note.location.uri == library.as_uri() and note.location.range.start.line == 4
    editor.close(library)
    while await editor.findings(spec):
        await editor.wait()


async def test_remarks_are_for_those_who_ask(editor: Editor, tmp_path: Path) -> None:
    """They are true of good specs, and would stand behind the same line for ever."""
    file = tmp_path / "net.yaml"
    editor.open(file, RIGHT.replace("{bias: false,", "{bias: false, l2: 1e-4,"))
    assert await editor.findings(file) == []


async def test_hints_are_part_of_the_message(editor: Editor, tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    editor.open(file, RIGHT.replace("- bn", "- bnn"))
    (finding,) = await editor.findings(file)
    assert finding.message.endswith("\nhelp: did you mean `bn`?")
    assert finding.severity == types.DiagnosticSeverity.Error and finding.source == "archc"


async def test_warnings_of_a_recipe(editor: Editor, tmp_path: Path) -> None:
    file = tmp_path / "recipe.yaml"
    late = "schedule: {kind: piecewise, boundaries: [9], factors: [0.1]}"
    optimizer = "optimizer: {kind: sgd, learning_rate: 0.1}"
    editor.open(file, f"archc: 1\nepochs: 3\nbatch_size: 8\n{optimizer}\n{late}\n")
    findings = await editor.findings(file)
    assert [(f.code, f.range.start.line) for f in findings] == [("boundary-after-end", 4)]
