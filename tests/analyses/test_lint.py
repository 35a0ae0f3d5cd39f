"""Warnings and remarks: when they are reported, how they are silenced, that they change nothing.

`tests/cases/warns_*.yaml` hold when each fires; here is what holds for all of them.
"""

from pathlib import Path

import pytest

from archcompile.api import LayerGraph, compile_text
from archcompile.api import compile as compile_spec
from archcompile.errors import SpecError
from archcompile.explain import entries, frame_example
from archcompile.spec.language.allow import REMARKS, WARNINGS


def codes_of(graph: LayerGraph) -> list[str]:
    return [result.code for result in (*graph.notes, *graph.remarks)]


@pytest.mark.parametrize(
    "code", [*(c for c in WARNINGS if c not in ("unused-allow", "pool-does-not-cover")), *REMARKS]
)
def test_the_whole_spec_may_allow_it_and_is_built_the_same(code: str) -> None:
    text, sets = frame_example(entries()[code].wrong)
    before, after = (
        compile_text(text, sets=sets),
        compile_text(f"{text}allow: [{code}]\n", sets=sets),
    )
    assert (
        code in codes_of(before)
        and code not in codes_of(after)
        and "unused-allow" not in codes_of(after)
    )
    assert before.hash == after.hash


# where `allow: [bias-before-bn]` may stand so that it silences the first of two, and only that
PLACES = {
    "a step": "stem: [conv: {filters: 4, kernel: 3, allow: [bias-before-bn]}, bn, part]\n",
    "a block as a step": "stem: [inner: {allow: [bias-before-bn]}, part]\n",
    "a row": "stages: {s1: {block: inner, repeat: 2, allow: [bias-before-bn]}, s2: [part]}\n",
    "the body of a block": "stem: [permitted, part]\n",
    "a step of a branch": (
        "stem: [add: {branches: {a: [conv: {filters: 3, kernel: 3, allow: "
        "[bias-before-bn]}, bn], b: []}}, part]\n"
    ),
    "a shortcut in a block": "stages: {s1: {block: joining}, s2: [part]}\nshortcut: normed\n",
    "a rule": "stages: {s1: {block: plain}, s2: [part]}\nshortcut: permitted\n",
}
FRAME = """archc: 1
input: [8, 8, 3]
blocks:
  inner: [conv: {filters: 4, kernel: 3}, bn]
  part: [conv: {filters: 5, kernel: 3}, bn]
  permitted: {allow: [bias-before-bn], body: [conv: {filters: 4, kernel: 3}, bn]}
  joining: [relu, shortcut: {allow: [bias-before-bn]}]
  plain: [relu, shortcut]
shortcuts:
  normed: [conv: {filters: 3, kernel: 1}, bn, add: {with: branch}]
  permitted:
    allow: [bias-before-bn]
    body: [conv: {filters: 3, kernel: 1}, bn, add: {with: branch}]
"""


@pytest.mark.parametrize("place", PLACES)
def test_allow_holds_where_it_stands(place: str) -> None:
    graph = compile_text(f"{FRAME}{PLACES[place]}allow: [unused-block]\n")
    (left,) = graph.notes
    assert left.code == "bias-before-bn" and left.location.text.lstrip().startswith("part:"), left
    bare = PLACES[place].replace("allow: [bias-before-bn]", "")
    if bare != PLACES[place]:
        (both,) = compile_text(f"{FRAME}{bare}allow: [unused-block]\n").notes
        assert "and so" in both.message


def test_an_average_pool_that_is_meant_is_silent_and_needs_its_allow() -> None:
    head = (
        "archc: 1\ninput: [8, 8, 3]\nhead: [avg_pool: {size: 4, allow: [pool-does-not-cover]}, "
        "flatten]\n"
    )
    assert codes_of(compile_text(head)) == []
    with pytest.raises(SpecError, match="does not cover"):
        compile_text(head.replace(", allow: [pool-does-not-cover]", ""))


def test_remarks_are_no_notes() -> None:
    graph = compile_text(
        "archc: 1\ninput: [8, 8, 3]\nstem: [conv: {filters: 4, kernel: 3, l2: 1e-4, name: first}]\n"
    )
    name, l2 = graph.remarks
    assert graph.notes == () and (name.code, l2.code) == ("unused-name", "l2-is-twice-decay")
    assert "weight decay of 0.0002" in l2.message and "`l2: 5e-05`" in (l2.hint or "")


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ("vars: {decay: 1e-4}\ndefaults: {conv: {l2: $decay}}\nstages: {s: {block: u}}\n", (4, 15)),
        ("defaults: {conv: {l2: 1e-4}}\nstages: {s: {block: u}}\n", (4, 23)),
        ("stages: {s: {block: v, decay: 1e-4}}\n", (4, 31)),
    ],
)
def test_a_weight_decay_is_remarked_at_its_number(given: str, place: tuple[int, int]) -> None:
    blocks = (
        "archc: 1\ninput: [8, 8, 3]\nblocks: {u: [conv: {filters: 4, kernel: 3}], v: {args: {decay:"
        " float}, body: [conv: {filters: 4, kernel: 3, l2: $decay}]}}\n"
    )
    (l2,) = compile_text(blocks + given).remarks
    assert (l2.code, l2.location.line, l2.location.column) == ("l2-is-twice-decay", *place)


def test_names_that_are_referred_to_or_come_from_a_library_are_in_use() -> None:
    graph = compile_text(
        "archc: 1\ninput: [8, 8, 3]\nuses: [blocks/residual.yaml]\n"
        "stem: [relu, relu: {name: a}, relu: {name: b}, relu: {from: a}, "
        "add: {with: b, name: c}, relu: {name: idle}, relu: {name: last}]\n"
        "outputs: {c: stem.c, last: stem.last}\n"
    )
    names = [remark.message for remark in graph.remarks if remark.code == "unused-name"]
    assert names == ["nothing refers to 'idle'"]


def test_the_parts_of_a_split_have_to_have_names() -> None:
    split = "split: {parts: [left, right]}, concat: {with: left}"
    graph = compile_text(f"archc: 1\ninput: [8, 8, 4]\nstem: [{split}]\n")
    assert graph.remarks == ()


PARENT = """archc: 1
input: [8, 8, 3]
vars: {spare: 1, width: 4}
blocks: {lost: [relu]}
defaults: {dense: {bias: false}}
stem: [conv: {filters: $width, kernel: 3}]
allow: [no-softmax]
"""


def test_what_a_parent_says_without_effect_is_told_of_the_parent_alone(tmp_path: Path) -> None:
    parent, child = tmp_path / "parent.yaml", tmp_path / "child.yaml"
    parent.write_text(PARENT)
    child.write_text("archc: 1\nextends: parent.yaml\nvars: {wide: 8}\n")
    assert sorted(codes_of(compile_spec(parent))) == [
        "unused-allow",
        "unused-block",
        "unused-default",
        "unused-var",
    ]
    (actual,) = compile_spec(child).notes
    assert (actual.code, actual.location.line, actual.hint) == (
        "unused-var",
        3,
        "did you mean `width`?",
    )


def test_a_setting_without_effect_is_told(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(PARENT)
    (actual,) = compile_spec(tmp_path / "net.yaml", sets=["spare=2"]).notes
    assert actual.code == "unused-var" and str(actual.location) == "--set spare:1:1"
    assert compile_spec(tmp_path / "net.yaml", sets=["width=8"]).notes == ()
