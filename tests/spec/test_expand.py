"""Writing a spec out: what one case file cannot show. Graphs and errors of single specs stand in
tests/cases.
"""

from typing import Any

import pytest

from archcompile import compile as compile_spec
from archcompile.api import LayerGraph, compile_text
from archcompile.errors import Diagnostic, SpecError
from archcompile.limits import MAX_BLOCK_DEPTH
from archcompile.ops import ceil_div
from archcompile.spec.expansion.walk import expand
from archcompile.spec.loading.load_spec import from_text

START = "archc: 1\ninput: [8, 8, 3]\n"
RESIDUAL = "archc: 1\ninput: [8, 8, 16]\nuses: [blocks/residual.yaml]\n"


def wrong(text: str, **arguments: Any) -> Diagnostic:
    with pytest.raises(SpecError) as caught:
        compile_text(text, **arguments)
    return caught.value.diagnostics[0]


def names(graph: LayerGraph) -> list[str]:
    return list(graph.nodes)[1:]


@pytest.mark.parametrize(
    ("spec", "depth", "code", "near"),
    [
        ("resnet_v1", 18, "not-whole", "14 and 20"),
        ("resnet_v1", 21, "not-whole", "20 and 26"),
        ("resnet_v1", 7, "not-whole", "8"),
        ("resnet_v1", 2, "out-of-range", "8"),
        ("resnet_v1", 0, "not-whole", "8"),
        ("resnet_v1", -4, "out-of-range", "8"),
        ("resnet_v2", 10, "not-whole", "11"),
        ("resnet_v2", 2, "out-of-range", "11"),
        ("resnet_v2", 30, "not-whole", "29 and 38"),
    ],
)
def test_depths_that_do_not_fit_name_the_nearest_that_do(
    spec: str, depth: int, code: str, near: str
) -> None:
    with pytest.raises(SpecError) as caught:
        compile_spec(spec, depth=depth)
    actual = caught.value.diagnostics[0]
    assert (actual.code, actual.location.file) == (code, "--set depth")
    words = "values of `depth` that fit" if " " in near else "value of `depth` that fits"
    assert actual.hint == f"the nearest {words}: {near}"
    for value in map(int, near.split(" and ")):
        assert compile_spec(spec, depth=value)


def test_a_block_argument_is_not_blamed_on_a_variable_of_its_name() -> None:
    actual = wrong(
        START
        + "vars: {n: 4}\nblocks:\n  unit:\n    args: {n: $(5 / 2)}\n    body: [relu: {repeat: "
        "$n}]\n"
        "stages: {s: {block: unit}}\n"
    )
    assert (actual.code, actual.location.line) == ("not-whole", 6)
    assert "n: 4" not in actual.message


def test_mistakes_in_a_block_show_the_row_that_used_it() -> None:
    text = START + (
        "blocks:\n  unit:\n    args: {filters: int}\n    body:\n      - conv: {filters: "
        "$filters, kernel: 9, padding: valid}\n"
    )
    actual = wrong(text + "stages:\n  s1: {block: unit, filters: 4}\n")
    assert (actual.code, actual.location.line) == ("window-too-large", 7)
    assert [(words, at.line) for words, at in actual.notes] == [
        ("8x8x3 comes from input", 2),
        ("used here", 9),
    ]
    actual = wrong(text + "stages:\n  s1: {block: unit, filters: -1}\n")
    assert (actual.code, actual.location.line) == ("out-of-range", 9)
    assert [(words, at.line) for words, at in actual.notes] == [("used as $filters here", 7)]


def test_an_add_of_unequal_shapes_names_both_lines() -> None:
    actual = wrong(
        RESIDUAL
        + (
            "stages:\n  s1: {block: basic, filters: 16}\n  s2: {block: basic, filters: "
            "32}\nshortcut: identity\n"
        )
    )
    assert actual.code == "shape-mismatch" and "8x8x16 and 8x8x32" in actual.message
    assert [
        (words.split(" comes")[0], at.file.rsplit("/", 1)[-1]) for words, at in actual.notes
    ] == [
        ("in a shipped file", "shortcuts.yaml"),
        ("8x8x16", "residual.yaml"),
        ("8x8x32", "residual.yaml"),
        ("the rule is chosen here", "spec.yaml"),
    ]
    assert (actual.location.file, actual.location.line) == ("spec.yaml", 6)
    assert "projection_bare" in (actual.hint or "") and "identity" not in (actual.hint or "")


def test_no_rule_joins_shapes_that_no_stride_explains() -> None:
    actual = wrong(
        START + "blocks:\n  unit: [conv: {filters: 3, kernel: 4, padding: valid}, shortcut]\n"
        "shortcuts:\n  p:\n    - conv: {filters: $out_channels, kernel: 1, stride: $stride}\n    - "
        "add: {with: branch}\n"
        "stages: {s: {block: unit}}\nshortcut: p\n"
    )
    assert actual.code == "shape-mismatch" and "no stride turns 8x8x3 into 5x5x3" in actual.message


@pytest.mark.parametrize(
    ("height", "stride", "kernel"),
    [(8, 2, 3), (7, 2, 3), (9, 4, 1), (8, 3, 1), (1, 1, 1), (5, 5, 1)],
)
def test_the_fact_stride_is_the_stride_of_the_branch(height: int, stride: int, kernel: int) -> None:
    graph = compile_text(
        f"archc: 1\ninput: [{height}, {height}, 4]\nuses: [blocks/residual.yaml]\n"
        f"blocks: {{unit: [conv: {{filters: 8, kernel: {kernel}, stride: {stride}}}, shortcut]}}\n"
        "stages: {s: {block: unit}}\nshortcut: projection_bare\n"
    )
    assert graph.nodes["s_b1_shortcut_conv1"].shape == graph.nodes["s_b1_conv1"].shape
    actual = graph.nodes["s_b1_shortcut_conv1"].op.stride  # type: ignore[attr-defined]
    out = graph.nodes["s_b1_conv1"].shape[0]
    assert actual[0] == min(s for s in range(1, height + 1) if ceil_div(height, s) == out)


def test_names_of_repeated_ops_and_of_nodes_that_clash() -> None:
    assert names(
        compile_text(
            START
            + (
                "head: [relu: {repeat: 2}, relu, tanh: {repeat: 2, name: twice}, add: {with: "
                "twice}]\n"
            )
        )
    ) == ["head_relu1", "head_relu2", "head_relu3", "head_twice1", "head_twice2", "head_add1"]
    actual = wrong(START + "head: [tanh: {repeat: 2, name: twice}, relu: {name: twice2}]\n")
    assert (actual.code, actual.location.line) == ("name-taken", 3)
    actual = wrong(START + "blocks: {u: [relu]}\nstages:\n  s1: {block: u}\n  s1_b1: [relu]\n")
    assert (actual.code, actual.notes[0][0]) == ("name-taken", "first here")
    assert names(compile_text(START + "stages: {only: [relu, relu]}\n")) == [
        "only_relu1",
        "only_relu2",
    ]


def test_a_left_out_rule_or_block_renames_nothing() -> None:
    """The plain twin, another rule, and another block elsewhere leave all other names as they
    are.
    """
    base = RESIDUAL + (
        "stages:\n  s1: {block: %s, filters: 16}\n  s2: {block: basic, filters: 32, first: "
        "{stride: 2}}\nshortcut: %s\n"
    )
    full = set(names(compile_text(base % ("basic", "projection_bare"))))
    plain = set(names(compile_text(base % ("basic", "none"))))
    another = set(names(compile_text(base % ("preact_basic", "projection"))))
    assert plain < full
    assert {n for n in full if n.startswith("s2") and "shortcut" not in n} <= another


def test_choices_of_shortcut_the_nearest_wins() -> None:
    def rules(text: str) -> list[str | None]:
        graph = compile_text(text)
        return [graph.nodes[j].origin.rule for j in graph.joins]

    row = "{block: basic, repeat: 3, filters: 16%s}"
    spec = RESIDUAL + "stages: {s1: %s}\nshortcut: identity\n"
    assert rules(spec % (row % "")) == ["identity"] * 3
    assert rules(spec % (row % ", shortcut: projection")) == ["projection"] * 3
    assert rules(spec % (row % ", first: {shortcut: projection}, last: {shortcut: none}")) == [
        "projection",
        "identity",
    ]
    assert rules(spec.replace("identity\n", "none\n") % (row % ", shortcut: projection")) == [], (
        "none for the whole spec"
    )
    first = "{block: basic, filters: 16, shortcut: identity, first: {shortcut: projection}}"
    assert rules(RESIDUAL + f"stages: {{s1: {first}}}\n") == ["projection"], (
        "a choice that another takes the place of is no mistake"
    )


def test_a_block_used_as_a_step_takes_the_choice_of_its_unit() -> None:
    text = RESIDUAL + (
        "blocks:\n  outer:\n    - basic: {filters: 16}\n    - basic: {filters: 16, shortcut: "
        "projection}\n"
    )
    graph = compile_text(text + "stages: {s1: {block: outer, shortcut: identity}}\n")
    assert [graph.nodes[j].origin.rule for j in graph.joins] == ["identity", "projection"]


def test_facts_that_are_not_there() -> None:
    text = START + "blocks: {u: {args: {f: $%s}, body: [relu]}}\nstages: {s: {block: u}}\n"
    assert wrong(text % "unit_index").code == "unknown-name", (
        "counted over blocks that join a shortcut"
    )
    assert wrong(text % "out_channels").code == "unknown-name"
    vector = "archc: 1\ninput: [1, 1, 3]\nstem: [flatten]\nhead: [dense: {units: $%s}]\n"
    assert wrong(vector % "in_height").code == "unknown-name"
    assert compile_text(vector % "in_channels").output_shapes == {"output": (3,)}


def test_a_repeat_may_depend_on_the_shape_before_it() -> None:
    graph = compile_text(
        RESIDUAL
        + (
            "stages:\n  s1: {block: basic, filters: 16, repeat: $(in_channels // 8)}\nshortcut: "
            "identity\n"
        )
    )
    assert len(graph.joins) == 2


def test_units_are_counted_through_the_stages() -> None:
    text = START + (
        "blocks:\n  u:\n    args: {rate: $(unit_index / (unit_count + 1))}\n    body: [dropout: "
        "{rate: $rate}, shortcut]\n"
        "  plain: [relu]\nstages:\n  a: {block: u, repeat: 2}\n  b: {block: plain, repeat: 3}\n  "
        "c: {block: u}\n"
        "shortcut: none\n"
    )
    assert [n.op.rate for n in compile_text(text) if n.op.kind == "dropout"] == [0.25, 0.5, 0.75]  # type: ignore[attr-defined]


def test_origins() -> None:
    graph = compile_spec("resnet_v1_20")
    first, join = graph.nodes["s2_b1_conv1"].origin, graph.nodes["s2_b1_shortcut_conv1"].origin
    assert (first.part, first.block, first.unit, first.rule) == ("s2", "basic", 1, None)
    assert (join.part, join.block, join.unit, join.rule) == ("s2", "basic", 1, "projection_bare")
    assert first.location.file.endswith("residual.yaml") and first.used_at is not None
    assert first.used_at.file.endswith("resnet_v1.yaml") and "s2:" in first.used_at.text
    assert graph.nodes["stem_conv1"].origin.block is None
    assert all(node.origin.location.line > 0 for node in graph)


BOMBS = {  # few lines that would make very much, or nothing for very long
    "recursion through a rule": START
    + "blocks:\n  x: [conv: {filters: 3, kernel: 1}, shortcut]\nshortcuts:\n"
    "  r: [x, add: {with: branch}]\nstages: {s: {block: x}}\nshortcut: r\n",
    "doubling": START
    + "blocks:\n"
    + "".join(f"  a{i}x: [a{i + 1}x, a{i + 1}x]\n" for i in range(12))
    + "  a12x: []\n"
    "stages: {s: {block: a0x, repeat: 1000}}\n",
    "depth": START
    + "blocks:\n"
    + "".join(f"  a{i}x: [a{i + 1}x]\n" for i in range(600))
    + "  a600x: [relu]\nstem: [a0x]\n",
    "empty units": START
    + "blocks: {x: [], y: [x: {repeat: 20000}]}\nstages: {s: {block: y, repeat: 20000}}\n",
    "many layers": START
    + "blocks: {x: [relu: {repeat: 1000}]}\nstages: {s: {block: x, repeat: 1000}}\n",
    "squares": START
    + "vars:\n  a0: $(1 / 3)\n"
    + "".join(f"  a{i}: $(a{i - 1} * a{i - 1})\n" for i in range(1, 60))
    + "head: [relu]\n",
    "growth": START + "stem:\n" + "- upsample: {size: 1000000000}\n" * 600,
    "fibonacci": START
    + "vars:\n  a0: 3\n  a1: $(a0 / 2)\n"
    + "".join(f"  a{i}: $(a{i - 1} + a{i - 2} - a{i - 1})\n" for i in range(2, 80))
    + "stem: [relu: {repeat: $a79}]\n",
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_end_in_an_error(name: str) -> None:
    with pytest.raises(SpecError) as caught:
        expand(from_text(BOMBS[name]), max_nodes=2000)
    assert caught.value.diagnostics[0].code in ("too-large", "out-of-range", "not-whole", "cycle")


def test_limits() -> None:
    def nested_blocks(levels: int) -> str:
        blocks = "".join(f"  a{i}x: [a{i + 1}x]\n" for i in range(levels - 1))
        return START + f"blocks:\n{blocks}  a{levels - 1}x: [relu]\nstem: [a0x]\n"

    assert len(compile_text(nested_blocks(MAX_BLOCK_DEPTH))) == 2
    assert wrong(nested_blocks(MAX_BLOCK_DEPTH + 1)).code == "too-large"
    with pytest.raises(SpecError, match="more than 20 layers"):
        compile_spec("resnet_v1_20", max_nodes=20)
    assert len(compile_spec("resnet_v1_20", max_nodes=72)) == 72
