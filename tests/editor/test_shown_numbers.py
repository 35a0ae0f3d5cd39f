"""What hover and hints show is what the graph holds; nothing is said of lines that changed."""

import re
from pathlib import Path

import pytest

from archcompile.analyses import layers, parts, receptive
from archcompile.api import compile as compile_spec
from archcompile.editor import Position, Workspace, describe, list_hints, map_lines
from archcompile.editor.hovers import STALE
from archcompile.editor.names import FACTS
from archcompile.editor.node_words import shape_words
from archcompile.spec.expressions.facts import FACT_MEANINGS
from tests.editor.editing import analyse, position, with_cursor

# a cascade of blocks within blocks, branches, child specs, several outputs, expressions
SPECS = ("keras_xception", "resnet_50_fpn", "highway_19", "keras_inception_v3", "resnet_v1")


@pytest.mark.parametrize("name", SPECS)
def test_hints_and_hover_show_the_graph(name: str, root: Path) -> None:
    file = root / f"specs/{name}.yaml"
    analysis, graph = Workspace().analyse(file), compile_spec(file)
    costs = {cost.name: cost for cost in layers(graph)}
    fields = receptive(graph)
    hints = {(hint.position.line, hint.text) for hint in list_hints(analysis, 1, 1000)}
    lines, checked = analysis.text.splitlines(), 0
    for node in graph:
        at = node.origin.location
        if at.file != analysis.shown_file or not node.inputs:
            continue
        same = [n for n in graph if n.origin.location == at]
        hover = describe(analysis, Position(at.line, at.column))
        assert hover
        if len(same) == 1:
            cost, field = costs[node.name], fields[node.name].largest
            assert f"**{shape_words(node.shape)}**" in hover.markdown
            assert f"{cost.params:,} parameters · {cost.macs:,} multiply-adds" in hover.markdown
            assert f"receptive field {field[0]}×{field[1]}" in hover.markdown
            if lines[at.line - 1].lstrip().startswith("- "):
                assert (at.line, f"→ {shape_words(node.shape)}") in hints
        else:
            shown = [n for n in same if f"| {n.name} |" in hover.markdown]
            assert shown == same[: len(shown)] and shown
            assert f"{sum(costs[n.name].params for n in same):,} parameters" in hover.markdown
        checked += 1
    assert checked > 3
    for part in parts(graph):
        word = analysis.reading.keys.get(("stages", part.name))
        if word:
            hover = describe(analysis, word.span.start)
            assert hover and f"**{shape_words(part.shape)}**" in hover.markdown
            assert f"{part.totals.params:,} parameters · {part.totals.macs:,}" in hover.markdown


@pytest.mark.parametrize("name", SPECS)
def test_lines_and_nodes_light_up_each_other(name: str, root: Path) -> None:
    analysis = Workspace().analyse(root / f"specs/{name}.yaml")
    mapped = map_lines(analysis)
    assert analysis.graph and mapped.lines.keys() == set(analysis.graph.nodes)
    for node, lines in mapped.lines.items():
        assert all(node in mapped.nodes[line] for line in lines)
    for line, nodes in mapped.nodes.items():
        assert all(line in mapped.lines[node] for node in nodes)


TEXT = """archc: 1
vars: {width: 4, twice: $(2 * width)}
input: [8, 8, 3]
blocks:
  unit:
    args: {filters: int, stride: 1}
    body:
      - conv: {filters: $filters, kernel: 3, stride: $stride}
      - inner: {}
  inner:
    body:
      - conv: {filters: $in_channels, kernel: 1, name: last}
      - bn: {if: $(turn > 99)}
stages:
  s1: {block: unit, repeat: 2, filters: $twice, first: {stride: 2}}
head:
  - global_avg_pool
  - dense: {units: $width, activation: softmax}
"""


def test_values_behind_expressions() -> None:
    analysis = analyse(TEXT.replace("{if: $(turn > 99)}", "{if: $(in_width > 99)}"), Path("x.yaml"))
    hints = {hint.text for hint in list_hints(analysis, 1, 100) if hint.text.startswith("=")}
    assert hints == {"= 8", "= 4", "= 2, 1", "= false"}
    assert [h.text for h in list_hints(analysis, 9, 9)] == ["→ 4×4×8"], "a block within a block"


def test_why_an_expression_has_its_value() -> None:
    text = TEXT.replace("{if: $(turn > 99)}", "{if: $(in_width > 99)}")
    hover = describe(analyse(text, Path("x.yaml")), position(text, text.index("$stride") + 1))
    assert hover and "`$stride` = **2, 1**" in hover.markdown
    assert "`stride` = 2: `2`, x.yaml:15" in hover.markdown


def test_facts_have_a_meaning_and_a_value() -> None:
    text = TEXT.replace("{if: $(turn > 99)}", "{if: $(in_width > 99)}")
    hover = describe(analyse(text, Path("x.yaml")), position(text, text.index("in_channels") + 1))
    assert hover and "**in_channels** = 8: the channels at the start" in hover.markdown.replace(
        "\\", ""
    )
    assert FACT_MEANINGS.keys() == set(FACTS)


HOVERS = {
    "op": ("  - co@nv: {filters: 3", "Convolution of a map"),
    "attribute": ("  - conv: {fil@ters: 3", "Number of output channels"),
    "file key": ("al@low: [no-softmax]", "Codes of warnings that are meant"),
    "code": ("allow: [no-soft@max]", "softmax"),
    "parent": ("extends: resnet@_v1", "ResNet v1"),
    "library": ("uses: [blocks/resid@ual.yaml]", "residual-network papers"),
    "block": ("uses: [blocks/residual.yaml]\nstages:\n  s1: {block: ba@sic}", "must be given"),
    "argument": ("uses: [blocks/residual.yaml]\nstages:\n  s1: {block: basic, fil@ters: 3}", "int"),
    "claim": ("expect: {dep@th: 3}", "most weighted layers"),
    "recipe key": ("epochs: 3\nbatch_s@ize: 3", "Images per step"),
}


@pytest.mark.parametrize("name", HOVERS)
def test_what_words_mean(name: str, tmp_path: Path) -> None:
    """Also in a text that cannot be compiled."""
    typed, expected = HOVERS[name]
    text, at = with_cursor(f"stem:\n{typed}" if typed.startswith(" ") else typed)
    hover = describe(analyse(text, tmp_path / "spec.yaml"), at)
    assert hover and re.search(expected, hover.markdown), hover


def test_a_variable_alone_is_explained_once() -> None:
    good = TEXT.replace("{if: $(turn > 99)}", "{if: $(in_width > 99)}")
    for typed in (good, f"{good}expcet: {{}}\n"):
        at = position(typed, typed.index("$twice") + 2)
        hover = describe(analyse(typed, Path("x.yaml"), earlier=good), at)
        assert hover and hover.markdown.count("= 8") == 1, hover
        assert hover.markdown.count(STALE) == (typed != good) == hover.markdown.endswith(STALE)


def test_a_broken_text_shows_its_last_graph_and_claims_nothing_of_what_changed() -> None:
    good = TEXT.replace("{if: $(turn > 99)}", "{if: $(in_width > 99)}")
    broken = good.replace("  - global_avg_pool\n", "  - global_avg_pool\n  - cnov: {\n")
    analysis = analyse(broken, Path("x.yaml"), earlier=good)
    assert analysis.graph is None and analysis.is_stale
    hints = {hint.position.line: hint.text for hint in list_hints(analysis, 1, 100)}
    assert hints[17] == "→ 8" and 18 not in hints and hints[19] == "→ 4"
    hover = describe(analysis, Position(19, 6))
    assert hover and "of the last text without a mistake" in hover.markdown
    assert 18 not in map_lines(analysis).nodes


def test_the_words_of_a_spec_are_no_markup(tmp_path: Path) -> None:
    text = TEXT.replace("  unit:\n", "  unit:\n    about: <img src=x onerror=y> [a](b) `c`\n")
    analysis = analyse(text, tmp_path / "x.yaml")
    hover = describe(analysis, position(text, text.index("block: unit") + 8))
    assert hover and r"\<img src=x onerror=y\> \[a\](b) \`c\`" in hover.markdown


def test_what_is_inherited_lights_the_line_that_brings_it_in(tmp_path: Path) -> None:
    """A child's own rows light up themselves; all else the parent, or the library."""
    (tmp_path / "x.yaml").write_text(TEXT.replace("{if: $(turn > 99)}", "{if: $(in_width > 99)}"))
    child = "archc: 1\nextends: x.yaml\nstages:\n  s1: {repeat: 1}\nhead:\n  - flatten\n"
    analysis = analyse(child, tmp_path / "child.yaml")
    assert analysis.graph, analysis.diagnostics
    lines = map_lines(analysis).lines
    assert lines["input"] == (2,) and lines["s1_b1_conv1"] == (4,)
    assert lines["head_flatten1"] == (6, 5)
