"""The worst mistakes, with their images."""

import io

import numpy as np
import pytest
from PIL import Image

from archcompile.report.mistakes import MOST, worst_mistakes


def test_the_least_probable_truths_come_first() -> None:
    random = np.random.default_rng(0)
    probabilities = random.dirichlet(np.ones(3), 200)
    labels = random.integers(0, 3, 200)
    images = random.integers(0, 256, (200, 5, 7, 3), np.uint8)
    actual = worst_mistakes(labels, probabilities, ("a", "b", "c"), image=lambda i: images[i])
    wrong = sorted(
        (probabilities[i, labels[i]], i)
        for i in range(200)
        if max(range(3), key=probabilities[i].__getitem__) != labels[i]
    )
    assert len(wrong) > MOST == len(actual)
    assert [first.number for first in actual] == [i for _, i in wrong[:MOST]]
    for first in actual:
        assert first.truth == "abc"[labels[first.number]] != first.predicted
        assert (
            first.probability == probabilities[first.number].max()
            and first.of_truth == probabilities[first.number, labels[first.number]]
        )
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(first.png))), images[first.number])


def test_nothing_wrong_is_no_mistake() -> None:
    assert (
        worst_mistakes(
            np.arange(3), np.eye(3), "abc", image=lambda i: np.zeros((1, 1, 1), np.uint8)
        )
        == []
    )


@pytest.mark.parametrize(
    ("shape", "size", "mode"),
    [((8, 8, 1), (8, 8), "L"), ((300, 150, 3), (48, 96), "RGB"), ((4, 4, 2), (4, 4), "L")],
)
def test_thumbnails(shape: tuple[int, int, int], size: tuple[int, int], mode: str) -> None:
    (first,) = worst_mistakes(
        np.array([1]), np.array([[0.9, 0.1]]), "ab", image=lambda i: np.full(shape, 77, np.uint8)
    )
    image = Image.open(io.BytesIO(first.png))
    assert (image.size, image.mode) == (size, mode)
