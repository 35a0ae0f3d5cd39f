"""What training is said to hold, on nets small enough to be worked out by hand.
`tests/engine/test_held.py` asks TensorFlow.
"""

from math import prod
from typing import get_args

import pytest

from archcompile.analyses.cost import layers, totals
from archcompile.analyses.memory import SLOTS, activations, training_memory
from archcompile.analyses.precision import float32_nodes
from archcompile.api import LayerGraph, compile_text
from archcompile.choices import Precision
from archcompile.recipe.model import Recipe
from tests.conftest import shipped_graph
from tests.spec.random_graphs import graph_rich_in_ops

MAP = 8 * 8 * 4  # values of a map


def net(steps: str) -> LayerGraph:
    return compile_text(
        f"archc: 1\ninput: [8, 8, 4]\nstem: [{steps}]\nhead: [global_avg_pool, dense: {{units: "
        "2}]\n"
    )


CONV = "conv: {filters: 4, kernel: 3}"
# steps -> values that are held of each node: what the gradients of those behind it, and its own,
# want
HELD = {
    # relu: by its output
    f"{CONV}, bn, relu": {"input": MAP, "stem_conv1": MAP, "stem_relu1": MAP},
    f"{CONV}, relu, {CONV}": {"input": MAP, "stem_relu1": MAP},
    # swish: by its input
    f"{CONV}, swish, {CONV}": {"input": MAP, "stem_conv1": MAP, "stem_swish1": MAP},
    f"{CONV}, add: {{with: input}}, max_pool: 2": {
        "input": MAP,
        "stem_add1": MAP,
        "stem_max_pool1": MAP // 4,
    },
    # nothing before the first weights has a gradient
    f"normalize, {CONV}": {"stem_normalize1": MAP},
    f"relu, {CONV}": {"stem_relu1": MAP},
    f"{CONV}, dropout: 0.5": {"input": MAP, "stem_dropout1": MAP / 4},  # a mask of bytes
    # before the activation
    "conv: {filters: 4, kernel: 3, activation: swish}": {"input": MAP, "stem_conv1": MAP},
    # once, for both
    "conv: {filters: 4, kernel: 3, activation: relu}, bn": {"input": MAP, "stem_conv1": MAP},
}


@pytest.mark.parametrize("steps", HELD)
def test_what_is_held(steps: str) -> None:
    steps_ = steps.replace("max_pool: 2", "max_pool: {size: 2}").replace(
        "dropout: 0.5", "dropout: {rate: 0.5}"
    )
    actual = activations(net(steps_))
    assert {
        name: bytes_ / 4
        for name, bytes_ in actual.items()
        if bytes_ and not name.startswith("head")
    } == HELD[steps]
    assert actual["head_global_avg_pool1"] == 4 * 4, "what dense layers read"


def test_a_vector_lies_where_its_map_lay() -> None:
    text = (
        "archc: 1\ninput: [8, 8, 4]\nstem: [%s, max_pool: {size: 2}]\nhead: [flatten, dense: "
        "{units: 2}]\n"
    )
    held = activations(compile_text(text % CONV))
    assert held["stem_max_pool1"] == MAP and held["head_flatten1"] == 0


def test_the_step_at_its_peak() -> None:
    """The widest map is there once, its gradient once and a copy once, when the gradient of its
    only reader is worked out.
    """
    graph = net(
        "conv: {filters: 4, kernel: 1}, conv: {filters: 64, kernel: 1}, relu, conv: {filters: 1, "
        "kernel: 1}"
    )
    wide, middle, narrow = 8 * 8 * 64 * 4, 4 * MAP, 4 * 8 * 8
    memory = training_memory(graph)
    # image, conv1, relu, and what the dense layer reads
    assert memory.activations == middle + middle + wide + 4 * 1
    # backward through the last conv: its input, the gradients of its output and its input, and
    # copies of its input and the first
    assert memory.activations + memory.working == 2 * middle + 3 * wide + 2 * narrow


def test_no_convolution_no_copies() -> None:
    graph = compile_text(
        "archc: 1\ninput: [8, 8, 1]\nhead: [flatten, dense: {units: 64}, dense: {units: 1}]\n"
    )
    memory = training_memory(graph)
    # backward through the last dense: the input, what the first one makes, and the gradients of
    # both outputs
    assert memory.activations + memory.working == 4 * (64 + 64 + 64 + 1)


def test_weights_and_what_belongs_to_them() -> None:
    graph = shipped_graph("resnet_v1_20")
    sums = totals(layers(graph))
    for optimizer, slots in SLOTS.items():
        memory = training_memory(graph, 7, optimizer)
        assert (memory.weights, memory.gradients, memory.optimizer) == (
            4 * sums.params,
            4 * sums.trainable,
            4 * slots * sums.trainable,
        )
        assert memory.total == sum(
            (memory.weights, memory.gradients, memory.optimizer, memory.activations, memory.working)
        )
        first = training_memory(graph, 1, optimizer)
        assert (memory.activations, memory.working) == (7 * first.activations, 7 * first.working)


def test_by_hand_a_residual_net_holds_four_maps_a_unit() -> None:
    """Each of its two convs is read by a norm, each of its two relus by a conv; the last relu is
    held by itself.
    """
    maps = 4 * 3 * (16 * 32 * 32 + 32 * 16 * 16 + 64 * 8 * 8) + 2 * 16 * 32 * 32
    rest = 32 * 32 * 3 + 64 + 10  # the image, what the head's dense layer reads, its softmax
    assert training_memory(shipped_graph("resnet_v1_20")).activations == 4 * (maps + rest)


def test_sixteen_bits_take_half_but_in_the_head() -> None:
    graph = shipped_graph("resnet_v1_20")
    full, half = activations(graph), activations(graph, "mixed_bfloat16")
    exact = float32_nodes(graph)
    assert all(
        half[name] == (full[name] if name in exact else full[name] // 2) for name in graph.nodes
    )
    assert half == activations(graph, "mixed_float16") and set(get_args(Precision)) == {
        "float32",
        "mixed_float16",
        "mixed_bfloat16",
    }


def test_nothing_that_learns_holds_nothing() -> None:
    memory = training_memory(compile_text("archc: 1\ninput: [8, 8, 4]\nstem: [relu]\n"), 5)
    assert (memory.weights, memory.gradients, memory.activations) == (
        0,
        0,
        0,
    ) and memory.working > 0


@pytest.mark.parametrize("seed", range(80))
def test_random_nets(seed: int) -> None:
    graph = graph_rich_in_ops(seed)
    held, memory = activations(graph), training_memory(graph, 3)
    assert sum(held.values()) * 3 == memory.activations and set(held) == set(graph.nodes)
    assert memory.working >= 0 and min(held.values()) >= 0
    largest = max(4 * prod(node.shape) for node in graph)
    assert memory.activations + memory.working >= 3 * largest, (
        "the widest tensor is there at some time"
    )


def test_precisions_are_those_of_recipes() -> None:
    assert set(get_args(Recipe.model_fields["precision"].annotation)) == set(get_args(Precision))
