"""What the page shows of a text: marks, claims, variables, drawings, differences, for any text."""

from pathlib import Path
from typing import Any

import pytest

from archcompile.editor import Finding, Position, Span
from archcompile.limits import MAX_DRAWN_LAYERS
from archcompile.studio.answering import Answer, Question, Texts, answer, glance
from archcompile.studio.compiled_draft import first_that_compiles
from archcompile.studio.editor_marks import Offsets, changes_in, finding_marks
from archcompile.studio.run_shelf import curves, list_rows
from archcompile.studio.slider_range import slider_range, values_beyond
from tests.report.written_runs import write_run

SPEC = """\
archc: 1
uses: [blocks/residual.yaml]
vars: {n: 2, width: 16, words: a, is_on: true, m: $(n + 1)}
input: [32, 32, 3]
defaults: {conv: {bias: false}}
stem: [conv: {filters: $width, kernel: 3}, bn, relu]
stages:
  s1: {block: basic, repeat: $n, filters: $width}
  s2: {block: basic, repeat: $n, filters: 32, first: {stride: 2}}
shortcut: projection
head: [global_avg_pool, dense: {units: 10, activation: softmax}]
expect: {depth: 10, params: 1, shapes: {s2: [16, 16, 32]}}
"""


def ask(tmp_path: Path, text: str = SPEC, **view: Any) -> Answer:
    file = tmp_path / "net.yaml"
    return answer(Texts(), file, Question(text=text, saved=SPEC, **view))


def figures(shown: Answer) -> dict[str, tuple[str, str]]:
    """The figures of an answer, each with its change since the text was saved."""
    return {figure.name: (figure.words, figure.change) for figure in shown.figures}


def test_claims_are_judged_one_by_one(tmp_path: Path) -> None:
    network = ask(tmp_path).network
    assert network is not None
    verdicts = {claim.name: claim.verdict for claim in network.claims}
    assert verdicts == {"depth": "holds", "params": "fails", "shapes.s2": "holds"}
    (wrong,) = (claim for claim in network.claims if claim.verdict == "fails")
    assert "expected params 1, got" in wrong.reason and wrong.line == 12


def test_a_claim_that_is_begun_says_nothing_yet(tmp_path: Path) -> None:
    network = ask(tmp_path, SPEC.replace("expect: {depth: 10,", "expect: {depth: ,")).network
    assert network is not None
    assert (network.claims[0].words, network.claims[0].verdict) == ("", "fails")


def test_settings_that_are_tried_change_no_text(tmp_path: Path) -> None:
    shown = ask(tmp_path, sets=("n=3",), tab="difference")
    assert shown.network is not None and shown.difference is not None
    assert figures(shown)["depth"] == ("14", "+4")
    assert {c.name: c.verdict for c in shown.network.claims}["depth"] == "of-the-file"
    assert [v.value for v in shown.network.variables] == [2, 16, "a", True], "those of the text"
    assert not shown.difference.is_same, "from the saved file"
    broken = ask(tmp_path, sets=("n=0",))
    assert broken.is_stale and "n" in broken.trouble and figures(broken)["depth"] == ("10", "")


def test_a_parents_variables_can_be_tried(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(SPEC)
    child = "archc: 1\nextends: net.yaml\nvars: {width: 8}\n"
    view = Question(text=child, sets=("n=3",))
    network = answer(Texts(), tmp_path / "child.yaml", view).network
    assert network is not None and network.graph.input_shape == (32, 32, 3)
    values = {variable.name: variable.value for variable in network.variables}
    assert values == {"n": 2, "width": 8, "words": "a", "is_on": True}
    assert len([name for name in network.graph.nodes if name.startswith("s1_b3")]) > 0


def test_boxes_know_their_lines(tmp_path: Path) -> None:
    drawing = ask(tmp_path, level="stage").drawing
    assert drawing is not None and drawing.level == "stage"
    assert drawing.lines["s1"] == (8,) and 6 in drawing.lines["stem"]


def test_large_networks_are_not_drawn_by_layers(tmp_path: Path) -> None:
    deep = SPEC.replace("n: 2", f"n: {MAX_DRAWN_LAYERS // 10}")
    drawing = ask(tmp_path, deep, level="layer").drawing
    assert drawing is not None and drawing.level == "block"


def test_the_last_good_network_stays(tmp_path: Path) -> None:
    texts, file = Texts(), tmp_path / "net.yaml"
    good = answer(texts, file, Question(text=SPEC))
    broken = answer(texts, file, Question(text=SPEC + "stages: ["))
    assert broken.is_stale and not good.is_stale
    assert broken.findings and broken.figures == good.figures


HOSTILE = [
    "",
    "\0",
    "\t- a",
    "archc: 1\nname: \ud800",
    "x" * 300_000,
    "[" * 5000,
    "archc: 1\nvars: {" + "a" * 10_000 + ": 1}\n",
    "a: &a [*a]",
    "archc: 1\nkind: recipe",
    "archc: 1\nblocks: {b: [relu]}\n",
    "😀: 😀\r\n",
    SPEC.replace("16", "99999999999999999999"),
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("tab", ["drawing", "costs", "difference"])
def test_any_text_has_an_answer(text: str, tab: Any, tmp_path: Path) -> None:
    shown = ask(tmp_path, text, tab=tab, sets=("n=3",))
    length = len(text.encode("utf-16-le", "surrogatepass")) // 2
    for mark in shown.marks["findings"]:
        assert 0 <= mark["from"] < mark["to"] <= length
    assert all(0 <= hint["at"] <= length for hint in shown.marks["hints"])


@pytest.mark.parametrize("text", ["", "abc", "a\n\nb", "ä😀b\n😀", "\ud800x\n"])
def test_offsets_count_as_the_browser_does(text: str) -> None:
    offsets = Offsets(text)
    assert offsets.end == len(text.encode("utf-16-le", "surrogatepass")) // 2
    for line, words in enumerate(text.split("\n"), 1):
        for column in range(1, len(words) + 2):
            place = Position(line, column)
            assert offsets.position(offsets.at(place)) == place
    assert offsets.at(Position(99, 1)) == offsets.at(Position(99, 99)) == offsets.end
    assert offsets.at(Position(1, 10_000)) == offsets.at(Position(1, len(text.split("\n")[0]) + 1))


def test_a_mark_always_stands_under_something() -> None:
    at = Span(Position(1, 3), Position(1, 3))
    finding = Finding(code="x", severity="error", message="m", hint="h", span=at)
    assert finding_marks([finding], Offsets("ab")) == [
        {"from": 1, "to": 2, "severity": "error", "words": "m  [x]\nhelp: h"}
    ]
    assert finding_marks([finding], Offsets("")) == []


def test_ranges_of_sliders() -> None:
    assert slider_range(20) == (1, 40, 1) and slider_range(0) == (0, 10, 1)
    assert slider_range(-3) == (-3, 7, 1) and slider_range(0.5) == (0.0, 1.0, 0.01)
    assert list(values_beyond(5, 4, (3, 6, 1))) == [5, 6, 4, 3], "on the way that it went"
    assert list(values_beyond(5, 6, (3, 6, 1))) == [5, 4, 3, 6]
    assert list(values_beyond(0.3, 0.2, (0.1, 0.5, 0.1))) == [0.3, 0.4, 0.5, 0.2, 0.1]


def test_a_slider_passes_over_what_makes_no_network(tmp_path: Path) -> None:
    text = SPEC.replace("repeat: $n", "repeat: $(n / 2)")
    tries = [(f"n={n}",) for n in values_beyond(3, 2, slider_range(2))]
    assert first_that_compiles(text, tmp_path / "net.yaml", tries) == 1, "4"
    assert first_that_compiles(text, tmp_path / "net.yaml", [("n=3",), ("n=5",)]) is None


def test_mistakes_of_the_text_come_before_the_network(tmp_path: Path) -> None:
    """What is wrong with the network alone waits for it."""
    texts, file = Texts(), tmp_path / "net.yaml"
    alone = glance(texts, file, Question(text=SPEC.replace("kernel", "kernal")))
    assert alone is not None
    assert [f.finding.code for f in alone.findings] == ["unknown-attribute"]
    assert glance(texts, file, Question(text=SPEC.replace("width: 16", "width: 0"))) is None


def test_remedies_count_the_lines_of_yaml(tmp_path: Path) -> None:
    """A line separator of Unicode breaks no line in a browser, and shifts no remedy."""
    text = SPEC.replace("vars:", "# \u2028\nvars:").replace("kernel", "kernal")
    ((fix,),) = (listed.fixes for listed in ask(tmp_path, text).findings)
    (change,) = changes_in(fix.edits, tmp_path / "net.yaml", Offsets(text))
    mended = text[: change["from"]] + change["insert"] + text[change["to"] :]
    assert mended == text.replace("kernal", "kernel")


def test_runs_are_listed_with_their_curves(tmp_path: Path) -> None:
    write_run(tmp_path / "a", name="first", started="2026-01-01T00:00:00+00:00")
    write_run(tmp_path / "deep/b", name="second", finished=False, result=False)
    write_run(tmp_path / "new", accuracies=(), result=False)
    (write_run(tmp_path / "bad") / "environment.json").write_text("{")
    rows = {row.name: row for row in list_rows(tmp_path)}
    assert rows["a"].state == "finished" and rows["deep/b"].state == "unfinished"
    assert rows["bad"].state == "damaged" and not rows["a"].has_report
    assert "second" in rows["deep/b"].words
    drawn = curves(tmp_path, ("a", "deep/b", "new", "bad"))
    assert drawn.count("<polyline") == 4 and "deep/b" in drawn
    assert curves(tmp_path, ("new", "bad")) == ""
