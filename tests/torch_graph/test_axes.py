"""Views and permutations of PyTorch on tensors whose axes Keras holds in another order."""

from collections.abc import Callable

import numpy as np
import pytest

from archcompile.torch_graph import Untranslatable, translate
from tests.torch_graph.records import BATCH, graph, move_values, node

Move = tuple[str, dict[str, object], Callable[[np.ndarray], np.ndarray]]
N, C, H, W = BATCH, 6, 4, 5


def view(*shape: int) -> Move:
    return "view.default", {"size": list(shape)}, lambda x: x.reshape(N, *shape)


def permute(*dims: int) -> Move:
    return "permute.default", {"dims": [0, *dims]}, lambda x: x.transpose(0, *dims)


def transpose(first: int, second: int) -> Move:
    arguments: dict[str, object] = {"dim0": first, "dim1": second}
    return "transpose.int", arguments, lambda x: x.swapaxes(first, second)


def narrow(axis: int, start: int, end: int) -> Move:
    arguments: dict[str, object] = {"dim": axis, "start": start, "end": end, "step": 1}
    return "slice.Tensor", arguments, lambda x: x.take(range(x.shape[axis])[start:end], axis)


CHAINS = {
    "shuffle": (view(2, 3, H, W), transpose(1, 2), view(C, H, W)),
    "tokens": (view(C, H * W), transpose(1, 2)),
    "tokens and back": (view(C, H * W), transpose(1, 2), permute(2, 1), view(C, H, W)),
    "rows": (permute(2, 1, 3), view(H, C * W)),
    "heads": (permute(2, 3, 1), view(H * W, C), view(H * W, 3, 2), transpose(1, 2)),
    "windows": (view(C, 2, 2, W), permute(2, 4, 1, 3), view(2 * W, C * 2)),
    "a map turned": (permute(1, 3, 2),),
    "ones in between": (view(C, 1, H, 1, W), view(C, H, W)),
    "ones at the end": (view(C, H, W, 1), view(C * H, W)),
    "merged and split": (view(C * H, W), view(2, 3 * H, W)),
    "some channels": (narrow(1, 1, 4),),
    "the last channels": (narrow(1, -2, 9**9),),
    "some rows": (narrow(2, 1, 3), narrow(3, 0, -2)),
}


@pytest.mark.parametrize("name", CHAINS)
def test_values_stay_where_pytorch_has_them(name: str) -> None:
    x = np.arange(N * C * H * W, dtype=float).reshape(N, C, H, W)
    nodes, source, expected = [], "x", x
    for number, (operation, arguments, move) in enumerate(CHAINS[name]):
        expected = move(expected)
        this = node(f"n{number}", operation, expected.shape, self=f"@{source}", **arguments)
        nodes.append(this)
        source = this["name"]
    net = translate(graph(nodes, shape=x.shape), "timm:moves").net
    (result,) = move_values(net, x.transpose(0, 2, 3, 1))
    held = expected.transpose(0, 2, 3, 1) if expected.ndim == 4 else expected
    np.testing.assert_array_equal(result, held)


def test_a_permutation_and_back_is_no_layer() -> None:
    nodes = [
        node("a", "permute.default", (N, H, W, C), self="@x", dims=[0, 2, 3, 1]),
        node("b", "permute.default", (N, C, H, W), self="@a", dims=[0, 3, 1, 2]),
    ]
    assert len(translate(graph(nodes, shape=(N, C, H, W)), "timm:moves").net.layers) == 1


@pytest.mark.parametrize("shape", [(1, N * C * H * W), (N * C, H, W), (C, N, H, W)])
def test_a_view_across_the_batch_is_refused(shape: tuple[int, ...]) -> None:
    nodes = [node("a", "view.default", shape, self="@x", size=list(shape))]
    with pytest.raises(Untranslatable, match="across the batch"):
        translate(graph(nodes, shape=(N, C, H, W)), "timm:moves")
