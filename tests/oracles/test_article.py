"""The hand-written networks have the counts that were measured on the article's own code."""

import math

import pytest

pytestmark = pytest.mark.keras

#  net, depth, total, trainable, layers, convolutions, adds
COUNTS = [
    ("resnet_v1", 20, 274_442, 273_066, 72, 21, 9),
    ("resnet_v2", 29, 849_002, 843_786, 100, 31, 9),
]
DEEPER = [
    ("resnet_v1", 32, 470_218, 467_946, 114, 33, 15),
    ("resnet_v1", 56, 861_770, 857_706, 198, 57, 27),
    ("resnet_v2", 20, 574_090, 570_602, 70, 22, 6),
    ("resnet_v2", 56, 1_673_738, 1_663_338, 190, 58, 18),
]


@pytest.mark.parametrize(
    ("net", "depth", "total", "trainable", "n_layers", "convs", "adds"),
    [*COUNTS, *(pytest.param(*counts, marks=pytest.mark.thorough) for counts in DEEPER)],
)
def test_counts(
    net: str, depth: int, total: int, trainable: int, n_layers: int, convs: int, adds: int
) -> None:
    from tests.oracles import article

    model = getattr(article, net)(depth)
    kinds = [type(layer).__name__ for layer in model.layers]
    assert model.count_params() == total
    assert sum(math.prod(w.shape) for w in model.trainable_weights) == trainable
    assert (len(kinds), kinds.count("Conv2D"), kinds.count("Add")) == (n_layers, convs, adds)
