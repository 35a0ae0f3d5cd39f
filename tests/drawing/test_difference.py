"""The drawing of a difference: both networks are in it whole, and marked where they differ."""

from collections import Counter, defaultdict
from dataclasses import replace
from xml.etree import ElementTree

import networkx as nx
import pytest

import archcompile
from archcompile.analyses.differences import diff
from archcompile.api import compile_text
from archcompile.drawing.figure.contraction import drawn_nodes
from archcompile.drawing.formats import difference_drawing
from archcompile.drawing.formats.difference_drawing import LOOKS, draw_difference
from archcompile.graph.ir import LayerGraph
from tests.conftest import shipped_graph
from tests.drawing import nets
from tests.drawing.test_svg import HOSTILE, SVG, drawn_boxes, wanted_edges

PAIRS = [
    (nets.residual(3), nets.residual(2)),
    (nets.residual(2), nets.residual(2, rule="none")),
    (nets.plain(), nets.plain()),
    (nets.residual(2), nets.preactivation(2)),
    (nets.plain(), nets.branching()),
    (shipped_graph("vgg_16"), shipped_graph("vgg_19")),
    (shipped_graph("resnet_a_20"), shipped_graph("plain_20")),
    (shipped_graph("densenet_bc_100_12"), shipped_graph("resnet_v1_20")),
    *((nets.random_graph(seed), nets.random_graph(seed + 1)) for seed in range(12)),
]


CONV = "conv: {filters: 4, kernel: 3, name: n}"
Ends = dict[tuple[str, str], int]


def strokes_of(root: ElementTree.Element) -> dict[str | None, Counter[tuple[str, str]]]:
    """The edges that are drawn, by their stroke."""
    result: dict[str | None, Counter[tuple[str, str]]] = defaultdict(Counter)
    for path in root.iter(f"{SVG}path"):
        if "data-from" in path.attrib:
            result[path.get("stroke")][path.attrib["data-from"], path.attrib["data-to"]] += 1
    return result


@pytest.mark.parametrize(("a", "b"), PAIRS, ids=[f"{a.name}-{b.name}" for a, b in PAIRS])
def test_both_networks_are_drawn_and_marked(
    a: LayerGraph, b: LayerGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for what comes or goes with a layer that a paper's figure shows; here nothing folded."""
    monkeypatch.setattr(
        difference_drawing, "fold_units", lambda figure, signs: (figure, dict(signs))
    )
    actual = diff(a, b)
    root = ElementTree.fromstring(draw_difference(actual))
    boxes = drawn_boxes(root)
    assert len(boxes) == len(set(boxes))
    shown = drawn_nodes(a, "paper") | drawn_nodes(actual.b, "paper")
    differing = {node.name for node in (*actual.removed, *actual.added)} & shown
    differing |= {change.before.name for change in actual.changed}
    assert differing <= set(boxes) <= a.nodes.keys() | actual.b.nodes.keys()

    before, after = (
        wanted_edges(graph, set(boxes) & graph.nodes.keys()) for graph in (a, actual.b)
    )
    strokes = strokes_of(root)
    gone, come, plain = (
        strokes[colour] for colour in (LOOKS["-"].colours[1], LOOKS["+"].colours[1], None)
    )
    assert set(strokes) <= {LOOKS["-"].colours[1], LOOKS["+"].colours[1], None}
    # lines of one network that stand for those of the other, too
    through = plain - (before & after)
    assert (before & after) + through == plain and set(through.values()) <= {1}
    lines = nx.DiGraph(list(through))
    missing = {"-": before - after - gone - through, "+": after - before - come - through}
    closing = {edge: way(lines, edge) for sign in missing for edge in missing[sign]}
    assert all(closing[edge] for edge in missing["+"]), "all of the second network"
    upwards = sum(count - bool(closing[edge]) for edge, count in missing["-"].items())
    assert set(lines.edges) == set().union(*closing.values()), (
        "a line without a mark stands for one that is not drawn"
    )
    assert not (gone - before) and not (come - after) and not (gone & come)
    note = "".join(root.itertext())
    assert (f"not drawn, since they would go upwards here: {upwards} edge" in note) == bool(upwards)
    assert ("without a line of its own" in note) == bool(through)


def way(lines: nx.DiGraph, edge: tuple[str, str]) -> set[tuple[str, str]]:
    """The lines that lead from the source of an edge to its target; none where there is no way."""
    source, target = edge
    if not {source, target} <= set(lines) or not nx.has_path(lines, source, target):
        return set()
    between = ({source} | nx.descendants(lines, source)) & ({target} | nx.ancestors(lines, target))
    return set(lines.subgraph(between).edges)


def test_a_plain_network_seems_to_gain_no_line() -> None:
    actual = diff(shipped_graph("resnet_a_56"), shipped_graph("plain_56"))
    root = ElementTree.fromstring(draw_difference(actual))
    strokes = strokes_of(root)
    assert set(strokes) == {LOOKS["-"].colours[1], None}
    assert strokes[LOOKS["-"].colours[1]].total() == 3 + 2 * 3, (
        "25 identities are a line each, folded to three; two are three lines with layers between"
    )
    frames = [group for group in root.iter(f"{SVG}g") if group.get("class") == "frame"]
    assert ["".join(frame.itertext()) for frame in frames] == ["×9", "×8", "×8"]


def test_outputs_that_came_are_told() -> None:
    first = nets.branching()
    second = replace(
        first, outputs={**first.outputs, "more": list(first.nodes)[1]}, is_labelled=True
    )
    words = "".join(ElementTree.fromstring(draw_difference(diff(first, second))).itertext())
    assert "no layer differs; other outputs" in words
    assert (
        f"outputs of {first.name}: "
        f"{', '.join(f'{label} {name}' for label, name in second.outputs.items())}"
    ) in words


def test_each_sign_has_its_colour_its_stroke_and_its_character() -> None:
    changed = archcompile.compile("resnet_a_20", sets=["shortcut=none", "stages.s2.filters=24"])
    root = ElementTree.fromstring(draw_difference(diff(shipped_graph("resnet_a_20"), changed)))
    looks = {}
    for group in root.iter(f"{SVG}g"):
        if (name := group.get("data-node")) is not None:
            words = [text.text for text in group.iter(f"{SVG}text")]
            shape = next(child for child in group if child.tag in (f"{SVG}rect", f"{SVG}circle"))
            looks[name] = (words[0], shape.get("stroke"), shape.get("stroke-dasharray"))
    assert looks["s1_b1_conv1"] == ("3x3 conv, 16", "#8c8c8c", None)
    assert looks["s2_b1_conv1"] == ("~ 3x3 conv, 24, /2, pad 1", "#c98a00", None)
    assert looks["s2_b1_shortcut_subsample1"] == (
        "\N{MINUS SIGN} subsample, /2",
        "#d55e00",
        "1.5 2.5",
    )
    assert looks["s1_b1_shortcut_add1"] == ("+", "#d55e00", "1.5 2.5"), (
        "a circle, whose plus is its op"
    )
    reported = {text.text for text in root.iter(f"{SVG}text")}
    assert {"only in resnet_a_20", "in both, with other settings or inputs"} <= reported
    assert {
        "where a network lacks layers, it goes straight on without a line of its own",
        "filters 32 -> 24",
    } <= reported


def test_equal_networks_have_no_marks() -> None:
    root = ElementTree.fromstring(
        draw_difference(diff(shipped_graph("resnet_v1_20"), shipped_graph("resnet_v1_20")))
    )
    assert set(strokes_of(root)) == {None}
    assert Counter(text.text for text in root.iter(f"{SVG}text"))["no layer differs"] == 1


def test_names_alone_are_told_and_not_marked() -> None:
    stages = [
        f"  {name}: [conv: {{filters: 4, kernel: 3}}, add: {{with: input}}]\n"
        for name in ("one", "two", "three")
    ]
    head = "archc: 1\ninput: [8, 8, 4]\nstages:\n"
    swapped = diff(
        compile_text(head + "".join(stages[:2])), compile_text(head + "".join(stages[1::-1]))
    )
    root = ElementTree.fromstring(draw_difference(swapped))
    assert set(strokes_of(root)) == {None}
    assert "same architecture" in "".join(
        root.itertext()
    ) and "some layers have other names" in "".join(root.itertext())
    renamed = "".join(
        ElementTree.fromstring(
            draw_difference(diff(compile_text(head + stages[0]), compile_text(head + stages[2])))
        ).itertext()
    )
    assert "stage one of spec is called three in spec" in renamed


@pytest.mark.parametrize(
    ("before", "after", "gone", "come"),
    [
        (
            ["add: {with: [c, c], name: sum}"],
            ["add: {with: [c], name: sum}"],
            {("stem_c", "stem_sum"): 1},
            {},
        ),
        (
            ["add: {with: [c], name: sum}"],
            ["add: {with: [c, c], name: sum}"],
            {},
            {("stem_c", "stem_sum"): 1},
        ),
        (["add: {with: [c], name: sum}"], [CONV, "add: {with: [c], name: sum}"], {}, {}),
        (
            ["relu: {name: r}", CONV, "add: {with: [r], name: sum}"],
            ["relu: {name: r}", CONV, "add: {with: [c], name: sum}"],
            {("stem_r", "stem_sum"): 1},
            {("stem_c", "stem_sum"): 1},
        ),
    ],
)
def test_each_time_that_a_layer_is_read_is_a_line(
    before: list[str], after: list[str], gone: Ends, come: Ends
) -> None:
    def net(steps: list[str]) -> LayerGraph:
        return compile_text(
            "".join(
                [
                    (
                        "archc: 1\ninput: [8, 8, 4]\nstem:\n  - conv: {filters: 4, kernel: 3, "
                        "name: c}\n"
                    ),
                    *(f"  - {step}\n" for step in steps),
                ]
            )
        )

    strokes = strokes_of(ElementTree.fromstring(draw_difference(diff(net(before), net(after)))))
    assert (strokes[LOOKS["-"].colours[1]], strokes[LOOKS["+"].colours[1]]) == (gone, come)


def test_names_cannot_break_out() -> None:
    plain = nets.plain()
    actual = draw_difference(
        diff(replace(plain, name=HOSTILE), replace(nets.residual(2), name=HOSTILE))
    )
    assert "<script" not in actual
    ElementTree.fromstring(actual)


# settings of a conv, and what its box says of the change
@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("filters: 4, kernel: 3", "filters: 4, kernel: 5", "kernel 3 -> 5"),
        # forty letters with a mark each
        (
            "filters: 100, kernel: 3",
            "filters: 200, kernel: 3, bias: false",
            "filters 100 -> 200; bias true -> false",
        ),
        (
            "filters: 100, kernel: 3",
            "filters: 1000, kernel: 3, bias: false",
            "bias true -> false; 1 more",
        ),
        (
            "filters: 4, kernel: 3",
            "filters: 8, kernel: 5, groups: 2, l2: 0.5",
            "kernel 3 -> 5; l2 0.0 -> 0.5; 2 more",
        ),
        (
            "filters: 4, kernel: 3, init: {normal: {std: 0.01}}",
            "filters: 4, kernel: 3, init: {normal: {std: 0.02}}",
            "1 change",
        ),
        (
            "filters: 4, kernel: 3, init: {normal: {std: 0.01}}",
            "filters: 8, kernel: 3, init: {normal: {std: 0.02}}",
            "filters 4 -> 8; 1 more",
        ),
    ],
)
def test_a_box_says_as_many_changes_as_fit(before: str, after: str, expected: str) -> None:
    first, second = (
        compile_text(f"archc: 1\ninput: [8, 8, 4]\nstem: [conv: {{{settings}}}]\n")
        for settings in (before, after)
    )
    texts = [
        text.text or ""
        for text in ElementTree.fromstring(draw_difference(diff(first, second))).iter(f"{SVG}text")
    ]
    assert expected in texts


@pytest.mark.parametrize(
    ("count", "named", "more"),
    [(2, 2, ""), (4, 4, ""), (5, 5, ""), (6, 4, " and 2 more"), (9, 4, " and 5 more")],
)
def test_of_many_outputs_four_are_named(count: int, named: int, more: str) -> None:
    first = nets.plain()
    names = list(first.nodes)[1 : count + 1]
    second = replace(
        first, outputs={f"o{place}": name for place, name in enumerate(names)}, is_labelled=True
    )
    texts = [
        text.text or ""
        for text in ElementTree.fromstring(draw_difference(diff(first, second))).iter(f"{SVG}text")
    ]
    assert (
        f"outputs of {first.name}: "
        f"{', '.join(f'o{place} {name}' for place, name in enumerate(names[:named]))}{more}"
    ) in texts


def test_what_is_counted_below_the_title() -> None:
    steps = ["conv: {filters: 4, kernel: 3, name: c}", "relu: {name: r}", "bn: {name: n}"]
    first, second = (
        compile_text(f"archc: 1\ninput: [8, 8, 4]\nstem: [{', '.join(chosen)}]\n")
        for chosen in (
            steps,
            [
                steps[0].replace("3", "5"),
                "tanh: {name: t}",
                "swish: {name: u}",
                "swish: {name: v}",
                steps[2],
            ],
        )
    )
    assert "layers: 1 removed, 1 changed, 3 added" in "".join(
        ElementTree.fromstring(draw_difference(diff(first, second))).itertext()
    )


@pytest.mark.parametrize("letters", [10, 80])
def test_all_words_have_room(letters: int) -> None:
    """The title is bold and 16 units high, its letters 0.69 of that wide; the margin is 18 on
    both sides.
    """
    a, b = (
        replace(net, name=name * letters)
        for net, name in ((nets.residual(1), "a"), (nets.residual(2), "b"))
    )
    root = ElementTree.fromstring(draw_difference(diff(a, b)))
    width, title = float(root.attrib["width"]), 2 * letters + 3
    legend = f"only in {'b' * letters}"
    for text in root.iter(f"{SVG}text"):
        if text.text == legend:
            assert float(text.attrib["x"]) + 0.61 * 9.5 * len(legend) + 18 <= width
    needed = title * 16 * 0.69 + 36
    assert width >= round(needed) - 1 and (letters < 80 or width == pytest.approx(needed, abs=1))
