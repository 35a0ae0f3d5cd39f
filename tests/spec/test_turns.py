"""Turns of a step, branches as lists, and what a file meant before: what one case file cannot
show.
"""

import pytest

from archcompile.api import compile_text
from archcompile.errors import SpecError
from archcompile.spec.language.self_contained import resolved_text
from archcompile.spec.loading.load_spec import from_text

START = "archc: 1\ninput: [8, 8, 4]\n"
BLOCKS = """blocks:
  u: {args: {f: int}, body: [conv: {filters: $f, kernel: 1}]}
  inner:
    args: {f: 4, t: 1}
    body: [u: {f: $(f + index)%s}, conv: {filters: $(4 * t), kernel: 1%s}]
  outer: [inner: {f: $(8 * index), t: $turn%s}, relu: {name: last%s}, add: {with: last}]
stages: {s: {block: outer, repeat: 3}}
"""


@pytest.mark.parametrize("place", range(4))
def test_a_repeat_of_one_changes_nothing(place: int) -> None:
    spec = [", repeat: 1" if number == place else "" for number in range(4)]
    plain = compile_text(START + BLOCKS % ("", "", "", ""))
    assert compile_text(START + BLOCKS % tuple(spec)).hash == plain.hash
    filters = [node.op.filters for node in plain if node.op.kind == "conv"]  # type: ignore[attr-defined]
    assert filters == [9, 4, 18, 4, 27, 4]


def test_a_turn_is_of_the_innermost_step() -> None:
    text = START + (
        "stem: [add: {repeat: 2, branches: {a: [conv: {filters: $(2 * turn + 2), kernel: 1}], "
        "b: [conv: {filters: 4, kernel: 1}]}}]\n"
    )
    filters = [n.op.filters for n in compile_text(text) if n.op.kind == "conv"]  # type: ignore[attr-defined]
    assert filters == [4, 4, 4, 4], "the merge's turn is not that of a step in its branch"


def test_a_point_in_a_branch_is_that_of_the_last_turn() -> None:
    graph = compile_text(
        START
        + "stem: [add: {repeat: 2, branches: {a: [tanh: {name: mid}], b: []}}, add: {with: mid}]\n"
    )
    assert graph.nodes["stem_add3"].inputs == ("stem_add2", "stem_add2_a_mid")


RULES = (
    START
    + """vars: {by: 2.0}
blocks:
  unit: {args: {by: 0.5}, body: [relu: {name: mid}, conv: {filters: 4, kernel: 1}, %s]}
shortcuts:
  weighted: {args: {by: float}, body: [rescale: {scale: $by}, add: {with: branch}]}
  both: [add: {with: [branch, block_input]}]
stages: {s: {block: unit}}
"""
)


def test_a_block_does_not_see_the_variables_of_a_spec_in_its_choices() -> None:
    graph = compile_text(RULES % "shortcut: {rule: {weighted: {by: $by}}}")
    assert [n.op.scale for n in graph if n.op.kind == "rescale"] == [0.5]  # type: ignore[attr-defined]
    reported = [note for note in graph.notes if note.code == "meaning-changed"]
    assert [note.message for note in reported] == [
        "`by` is the block's own, 0.5; it was the spec's variable, 2.0"
    ]


def test_block_input_in_a_rule_is_the_input_of_the_block_that_joins() -> None:
    graph = compile_text(RULES % "shortcut: {rule: both, from: mid}")
    assert graph.nodes["s_b1_shortcut_add1"].inputs == ("s_b1_mid", "s_b1_conv1", "input")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "u: {f: $index, repeat: 2}",
            "`index` is that of the stage's unit, 1; it was that of the repeated block step, 2",
        ),
        (
            "v: {repeat: 2}",
            "`repeat` is that of the stage's unit, 3; it was that of the repeated block step, 2",
        ),
        (
            "add: {branches: {a: [conv: {filters: $in_channels, kernel: 1}], b: []}}",
            (
                "`in_channels` in a branch is that of the branch's start, 5; it was that of the "
                "list around it, 4"
            ),
        ),
        (
            "add: {branches: {a: [tanh, add: {with: input}], b: []}}",
            (
                "`input` in a branch is the branch's start, s_b1_conv1; it was that of the list "
                "around it, input"
            ),
        ),
        (
            "add: {branches: {a: [add: {branches: {c: [add: {with: input}], d: []}}], b: []}}",
            (
                "`input` in a branch is the branch's start, s_b1_conv1; it was that of the list "
                "around it, input"
            ),
        ),
    ],
)
def test_what_means_something_else_is_told(body: str, message: str) -> None:
    text = START + (
        "blocks:\n  u: {args: {f: 5}, body: [conv: {filters: $f, kernel: 1}]}\n"
        "  v: {args: {f: $repeat}, body: [conv: {filters: $f, kernel: 1}]}\n"
        f"  outer: [conv: {{filters: 5, kernel: 1}}, {body}, conv: {{filters: 4, kernel: 1}}]\n"
        "stages: {s: {block: outer, repeat: 3}}\n"
    )
    assert message in [
        note.message for note in compile_text(text).notes if note.code == "meaning-changed"
    ]
    assert not [
        note
        for note in compile_text(text + "allow: [meaning-changed]\n").notes
        if note.code == "meaning-changed"
    ]


@pytest.mark.parametrize(
    "body",
    [
        "u: {f: $turn, repeat: 2}",
        "u: {f: $index}",
        "conv: {filters: $index, kernel: 1, repeat: 2}",
        "add: {branches: {a: [tanh, add: {with: block_input}], b: []}}",
        "add: {branches: {a: [add: {with: input}], b: []}}",
    ],
)
def test_what_means_the_same_is_not_told(body: str) -> None:
    text = START + (
        "blocks:\n  u: {args: {f: 5}, body: [conv: {filters: $f, kernel: 1}]}\n"
        f"  outer: [{body}, conv: {{filters: 4, kernel: 1}}]\nstages: {{s: {{block: outer, repeat: "
        "3}}\n"
    )
    assert not [note for note in compile_text(text).notes if note.code == "meaning-changed"]


def test_an_error_names_what_means_something_else() -> None:
    text = START + (
        "stem: [conv: {filters: 5, kernel: 1}, add: {branches: {a: [conv: {filters: "
        "$in_channels, kernel: 1}], b: [conv: {filters: 4, kernel: 1}]}}]\n"
    )
    with pytest.raises(SpecError) as caught:
        compile_text(text)
    notes = [words for words, _ in caught.value.diagnostics[0].notes]  # type: ignore[attr-defined]
    assert (
        "`in_channels` in a branch is that of the branch's start, 5; it was that of the list "
        "around it, 4"
    ) in notes


def test_a_place_leaves_no_trace() -> None:
    child = (
        START.replace("input: [8, 8, 4]", "extends: resnet_v1")
        + "stages: {x: {after: s1, steps: [relu]}, y: {after: stem, block: basic, filters: 16}}\n"
    )
    spec = from_text(child)
    assert [part.name for part in spec.parts] == ["stem", "y", "s1", "x", "s2", "s3", "head"]
    assert "after" not in resolved_text(spec) and "steps:" not in resolved_text(spec)
    assert compile_text(resolved_text(spec)).hash == compile_text(child).hash


@pytest.mark.parametrize(
    "rest",
    [
        (
            "head: [global_avg_pool, add: {branches: {a: [dense: {units: $in_height}], b: [dense: "
            "{units: 8}]}}]\n"
        ),
        (
            "blocks: {v: {args: {f: int}, body: [flatten, dense: {units: $f}]}}\nstages: {s: "
            "{block: v, repeat: 2, f: $in_height}}\n"
        ),
    ],
)
def test_a_vector_has_no_height(rest: str) -> None:
    """Not even that of the map at the start of the list or stage."""
    with pytest.raises(SpecError) as caught:
        compile_text(START + rest)
    assert [(d.code, d.message) for d in caught.value.diagnostics] == [
        ("unknown-name", "'in_height' is not known here")
    ]


def test_the_rule_of_a_step_is_chosen_in_its_one_turn() -> None:
    graph = compile_text(RULES % "shortcut: {rule: {weighted: {by: $(turn + 10 * turns)}}}")
    assert [n.op.scale for n in graph if n.op.kind == "rescale"] == [11]  # type: ignore[attr-defined]
