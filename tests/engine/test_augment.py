"""Augmentation against a reference written pixel by pixel."""

from itertools import pairwise
from math import floor
from typing import Any

import numpy as np
import pytest

from archcompile.engine.epoch_order import mirror_mask
from archcompile.engine.random_numbers import draw_augmentation
from archcompile.recipe.sections import Augment

pytestmark = pytest.mark.keras

ARTICLE = Augment(shift=0.1, flip="horizontal")


def reference(image: np.ndarray, down: float, right: float, *, flipped: bool) -> np.ndarray:
    """The image moved by (down, right) pixels and then mirrored: bilinear in float64, the edge
    repeated outside.
    """
    height, width, _ = image.shape
    out = np.empty(image.shape)
    for y in range(height):
        for x in range(width):
            v = min(max(y - down, 0.0), height - 1.0)
            u = min(max(x - right, 0.0), width - 1.0)
            y0, x0 = floor(v), floor(u)
            y1, x1 = min(y0 + 1, height - 1), min(x0 + 1, width - 1)
            above = image[y0, x0] * (1 - (u - x0)) + image[y0, x1] * (u - x0)
            under = image[y1, x0] * (1 - (u - x0)) + image[y1, x1] * (u - x0)
            out[y, x] = above * (1 - (v - y0)) + under * (v - y0)
    return out[:, ::-1] if flipped else out


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((6, 10, 12, 3)).astype(np.float32)


def augmentation(settings: Augment, size: tuple[int, int] = (10, 12)) -> Any:
    from archcompile.engine.augmentation import Augmentation
    from archcompile.engine.tensorflow.augment import take_rows

    return Augmentation(settings, size, take_rows)


def augment_images(images: np.ndarray, settings: Augment, numbers: np.ndarray) -> Any:
    return augmentation(settings).move(images, numbers)


def cut(
    images: np.ndarray, size: tuple[int, int], settings: Augment, *, numbers: np.ndarray
) -> Any:
    return augmentation(settings, size).cut(images, numbers)


def test_fixed_draws(images: np.ndarray) -> None:
    numbers = np.array(
        [
            [0, 0, 0.9],
            [1, 1, 0.1],
            [0.5, 0.5, 0.1],
            [0.25, 0.7, 0.9],
            [0.99, 0.03, 0.2],
            [0.5, 0.5, 0.9],
        ]
    )
    actual = augment_images(images, ARTICLE, numbers.astype(np.float32)).numpy()
    for image, draw, got in zip(images, numbers, actual, strict=True):
        down, right = (draw[:2] * 2 - 1) * 0.1 * (10, 12)
        expected = reference(image.astype(np.float64), down, right, flipped=draw[2] < 0.5)
        np.testing.assert_allclose(got, expected, atol=2e-6)
    assert np.array_equal(actual[5], images[5])  # no shift, no flip: untouched


@pytest.mark.parametrize(("flip", "mirrored"), [("none", False), ("horizontal", True)])
def test_without_a_shift(images: np.ndarray, flip: str, mirrored: bool) -> None:
    numbers = np.full((6, 5), 0.1, np.float32)
    actual = np.asarray(augment_images(images, Augment.model_validate({"flip": flip}), numbers))
    assert np.array_equal(actual, images[:, :, ::-1] if mirrored else images)


@pytest.mark.parametrize(
    ("fill", "mode"), [("zero", "constant"), ("nearest", "edge"), ("reflect", "reflect")]
)
def test_a_crop_from_a_padded_image(images: np.ndarray, fill: str, mode: str) -> None:
    """Against numpy's pad, at the ends of the range, in the middle and mirrored."""
    settings = Augment.model_validate({"pad_crop": 2, "fill": fill, "flip": "horizontal"})
    draws = [
        (0.0, 0.0, 0.9),
        (0.999, 0.999, 0.9),
        (0.5, 0.5, 0.9),
        (0.5, 0.5, 0.1),
        (0.2, 0.61, 0.1),
        (0.79, 0.41, 0.9),
    ]
    offsets = [(0, 0), (4, 4), (2, 2), (2, 2), (1, 3), (3, 2)]
    actual = augment_images(
        images, settings, np.array([(*each, 0, 0) for each in draws], np.float32)
    ).numpy()
    for image, draw, (top, left), got in zip(images, draws, offsets, actual, strict=True):
        padded = np.pad(image, [(2, 2), (2, 2), (0, 0)], mode=mode)  # type: ignore[call-overload]
        expected = padded[top : top + 10, left : left + 12]
        np.testing.assert_array_equal(got, expected[:, ::-1] if draw[2] < 0.5 else expected)


def test_a_window_cut_from_a_larger_image(images: np.ndarray) -> None:
    numbers = np.zeros((6, 5), np.float32)
    numbers[:, 3:] = [(0, 0), (0.999, 0.999), (0.5, 0), (0, 0.5), (0.24, 0.9), (0.7, 0.3)]
    places = [(0, 0), (3, 4), (2, 0), (0, 2), (0, 4), (2, 1)]
    actual = cut(images, (7, 8), Augment(crop="random"), numbers=numbers).numpy()
    for image, (top, left), got in zip(images, places, actual, strict=True):
        np.testing.assert_array_equal(got, image[top : top + 7, left : left + 8])
    np.testing.assert_array_equal(
        cut(images, (7, 8), Augment(), numbers=numbers), images[:, 1:8, 2:10]
    )
    assert cut(images, (10, 12), Augment(crop="random"), numbers=numbers) is images


def test_whole_steps_are_equally_likely() -> None:
    numbers = draw_augmentation(0, 0, 90_000)[:, 0]
    steps = augmentation(ARTICLE)._draw_whole(numbers, 8).numpy()
    assert np.bincount(steps, minlength=9).min() > 9_500 and steps.max() == 8


def test_alternating_flips_show_each_image_from_both_sides() -> None:
    """Half of them mirrored at a time, whatever their order; others with another seed."""
    rows = np.random.default_rng(0).permutation(1000)
    epochs = [mirror_mask(7, epoch, rows) for epoch in range(4)]
    assert all(np.array_equal(first, ~second) for first, second in pairwise(epochs))
    assert 400 < epochs[0].sum() < 600
    assert np.array_equal(mirror_mask(7, 0, rows[::-1]), epochs[0][::-1])
    assert np.array_equal(mirror_mask(7, 0, rows[:10]), epochs[0][:10])
    assert not np.array_equal(mirror_mask(8, 0, rows), epochs[0])
