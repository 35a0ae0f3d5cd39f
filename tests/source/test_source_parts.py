"""Structured source: what functions are called with, which loops there are, and when units
cannot be functions at all.
"""

import ast

import pytest

from archcompile.api import compile_text
from archcompile.graph.ir import LayerGraph
from archcompile.source.emitter import to_source
from tests.drawing import nets
from tests.source.recorder import record_graph, record_source

START = "archc: 1\ninput: [8, 8, 4]\nuses: [blocks/shortcuts.yaml]\n"


def of(text: str) -> LayerGraph:
    return compile_text(START + text)


def same(graph: LayerGraph) -> bool:
    """Whether the source makes the graph's layers, with their inputs and settings, and its
    outputs.
    """
    result, expected = record_source(to_source(graph, "article")), record_graph(graph)
    return (
        list(result.layers.items()) == list(expected.layers.items())
        and result.model == expected.model
    )


def parameters(graph: LayerGraph, function: str) -> list[str]:
    tree = ast.parse(to_source(graph, "article"))
    (result,) = (
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == function
    )
    plain, named = result.args, result.args.kwonlyargs
    values = [None if value is None else ast.unparse(value) for value in plain.kw_defaults]
    return [
        *(first.arg for first in plain.args),
        *(
            first.arg if value is None else f"{first.arg}={value}"
            for first, value in zip(named, values, strict=True)
        ),
    ]


def headings(graph: LayerGraph) -> list[str]:
    tree = ast.parse(to_source(graph, "article"))
    return [
        f"{ast.unparse(node.target)} in {ast.unparse(node.iter)}"
        for node in ast.walk(tree)
        if isinstance(node, ast.For)
    ]


UNITS = (
    "blocks: {{u: {{args: {{on: true, f: 4, k: 3}}, body: [{body}]}}}}\nstages: {{s: {{block: "
    "u, repeat: 4, {row}}}}}\n{rest}"
)
PARAMETERS = [  # the body of a block, its row, and the parameters of its function
    ("conv: {filters: 4, kernel: 3}, relu", "on: true", ["x", "name"]),
    ("conv: {filters: 4, kernel: $k}, relu", "k: $(2 * index + 1)", ["x", "kernel_size", "name"]),
    (
        "conv: {filters: 4, kernel: 3}, relu: {if: $on}",
        "first: {on: false}",
        ["x", "with_relu1=False", "name"],
    ),
    # no word in common
    (
        "conv: {filters: 4, kernel: 3}, tanh: {if: $on}, relu: {if: $on}",
        "first: {on: false}",
        ["x", "with_tanh1=False", "name"],
    ),
    (
        (
            "conv: {filters: 4, kernel: 3}, tanh: {if: $on, name: last_act}, relu: {if: $on, name: "
            "last_gate}"
        ),
        "first: {on: false}",
        ["x", "with_last=False", "name"],
    ),
    # one for both
    (
        "tanh: {if: $on}, relu, swish: {if: $on}",
        "first: {on: false}",
        ["x", "with_tanh1=False", "name"],
    ),
    ("conv: {filters: 4, kernel: 3}, shortcut: {rule: projection_all}", "on: true", ["x", "name"]),
    (
        "conv: {filters: 4, kernel: 3}, shortcut: {rule: identity, if: $on}",
        "first: {on: false}",
        ["x", "shortcut=False", "name"],
    ),
    (
        "conv: {filters: 4, kernel: 3, bias: $on}, relu",
        "first: {on: false}",
        ["x", "use_bias=True", "name"],
    ),
    # one for both
    (
        "conv: {filters: 4, kernel: $k, stride: 1}, conv: {filters: 4, kernel: $k}",
        "first: {k: 1}",
        ["x", "kernel_size", "name"],
    ),
]


@pytest.mark.parametrize("case", range(len(PARAMETERS)))
def test_what_a_function_is_given(case: int) -> None:
    body, row, expected = PARAMETERS[case]
    graph = of(UNITS.format(body=body, row=row, rest=""))
    assert same(graph) and parameters(graph, "u") == expected


LOOPS = [  # the stages, and the loops
    ("s: {block: u, repeat: 4}", ["unit in range(1, 5)"]),
    ("s: {block: u, repeat: 2}", ["unit in range(1, 3)"]),
    ("s: {block: u, repeat: 1}", []),
    ("s: {block: u, repeat: 2, first: {k: 1}}", []),
    ("s: {block: u, repeat: 3, first: {k: 1}}", ["unit in range(1, 4)"]),
    (
        "s: {block: u, repeat: 3, k: $(2 * index - 1)}",
        ["(unit, kernel_size) in enumerate([1, 3, 5], start=1)"],
    ),
    (
        "s: {block: u, repeat: 4, last: {k: 1}}",
        ["(unit, kernel_size) in enumerate([3, 3, 3, 1], start=1)"],
    ),
    (
        "s: {block: u, repeat: 2}, t: {block: u, repeat: 2}",
        ["stage in ['s', 't']", "unit in range(1, 3)"],
    ),
    (
        "s: {block: u, repeat: 2}, t: {block: u, repeat: 3}",
        ["(stage, units) in [('s', 2), ('t', 3)]", "unit in range(1, units + 1)"],
    ),
    (
        "s: {block: u, repeat: 2, k: 1}, t: {block: u, repeat: 2}",
        ["(stage, kernel_size) in [('s', 1), ('t', 3)]", "unit in range(1, 3)"],
    ),
    ("s: {block: u}, t: {block: u}", ["stage in ['s', 't']", "unit in range(1, 2)"]),
    ("s: {block: u, repeat: 2}, m: [relu], t: {block: u, repeat: 2}", ["unit in range(1, 3)"] * 2),
]


@pytest.mark.parametrize(("stages", "expected"), LOOPS)
def test_loops(stages: str, expected: list[str]) -> None:
    graph = of(
        "blocks: {u: {args: {k: 3}, body: [conv: {filters: 4, kernel: $k}, "
        f"relu]}}}}\nstages: {{{stages}}}\n"
    )
    assert same(graph) and headings(graph) == expected


def test_a_unit_of_which_a_layer_within_is_read_elsewhere_is_no_function() -> None:
    net = nets.Net(name="tapped")
    x = net.input(8, 8, 4)
    net.part, net.block = "s", "u"
    for net.unit in (1, 2, 3):
        x = net.chain(x, f"s_b{net.unit}", nets.conv(4), nets.conv(4))
    net.part, net.unit, net.block = "head", None, None
    net.add("head_add1", nets.op("add"), x, "s_b2_conv1")
    graph = net.graph()
    assert same(graph) and "def u(" in to_source(graph, "article")
    alone = LayerGraph(
        name=graph.name,
        nodes={name: node for name, node in graph.nodes.items() if name != "head_add1"},
        outputs={"a": x, "b": "s_b2_conv1"},
        parts={"s": x},
        joins=(),
        is_labelled=True,
    )
    assert same(alone)


def test_a_unit_that_reads_two_values_is_no_function() -> None:
    net = nets.Net(name="crossed")
    x = net.input(8, 8, 4)
    net.part, net.block, before = "s", "u", x
    for net.unit in (1, 2, 3):
        y = net.add(f"s_b{net.unit}_conv1", nets.conv(4), x)
        before, x = x, net.add(f"s_b{net.unit}_add1", nets.op("add"), y, before)
    assert same(net.graph())
