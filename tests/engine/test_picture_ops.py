"""What is done to a picture, against Pillow."""

from typing import Any

import numpy as np
import pytest
from PIL import Image

from archcompile.engine.picture_ops import CODES, matrices
from archcompile.recipe import Augment
from tests.engine.pillow_pictures import (
    COUNT,
    HEIGHT,
    WIDTH,
    check_close,
    photographs,
    pillow_op,
    resize_exactly,
    take_rows,
)

pytestmark = pytest.mark.keras

VALUES: list[tuple[str, list[float]]] = [
    ("brightness", [0.1, 1.0, 1.9, 0.5]),
    ("saturation", [0.0, 1.0, 1.99, 0.3]),
    ("contrast", [0.01, 1.0, 1.9, 0.5]),
    ("sharpness", [0.1, 1.0, 1.9, 0.5]),
    ("posterize", [8, 7, 4, 2]),
    ("solarize", [255.0, 178.5, 0.0, 128.0]),
    ("solarize_add", [0, 40, 110, 128]),
    ("autocontrast", [0.0]),
    ("equalize", [0.0]),
    ("hue", [0.1, -0.25, 0.5, 0.0]),
]


@pytest.mark.parametrize(("kind", "values"), VALUES)
def test_an_op_is_that_of_pillow(kind: str, values: list[float]) -> None:
    from archcompile.engine.augmentation import Augmentation

    images = photographs()
    images[1, ..., 0] = 77  # a channel of one level
    images[2] = images[2] // 3  # a dark image
    given = np.resize(values, COUNT)
    pairs = np.stack([np.full(COUNT, CODES[kind]), given], axis=1).astype(np.float32)
    augmentation = Augmentation(Augment(), (HEIGHT, WIDTH), take_rows())
    actual = augmentation._do_one_of(frozenset({kind}), images.astype(np.float32), pairs)
    pictures = zip(images, given, strict=True)
    expected = [np.asarray(pillow_op(kind, Image.fromarray(i), v)) for i, v in pictures]
    check_close(actual, np.stack(expected))
    if kind not in ("autocontrast", "equalize"):
        assert not np.array_equal(np.asarray(actual), images)


def test_a_grey_image_has_neither_saturation_nor_hue() -> None:
    from archcompile.engine.augmentation import Augmentation

    images = photographs()[..., :1].astype(np.float32)
    augmentation = Augmentation(Augment(), (HEIGHT, WIDTH), take_rows())
    for kind in ("saturation", "hue"):
        pairs = np.tile(np.array([CODES[kind], 0.3], np.float32), (COUNT, 1))
        assert np.array_equal(augmentation._do_one_of(frozenset({kind}), images, pairs), images)


MOVES = [
    ("shear_x", 0.3),
    ("shear_x", -0.9),
    ("shear_y", 0.7),
    ("translate_x", 5),
    ("translate_y", -7),
    ("rotate", 30.0),
    ("rotate", -132.0),
    ("rotate", 90.0),
]


def pillow_matrix(kind: str, value: float, image: Image.Image) -> tuple[float, ...]:
    """As torchvision and timm give it to `Image.transform`."""
    return {
        "shear_x": (1, value, 0, 0, 1, 0),
        "shear_y": (1, 0, 0, value, 1, 0),
        "translate_x": (1, 0, value, 0, 1, 0),
        "translate_y": (1, 0, 0, 0, 1, value),
    }[kind]


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
@pytest.mark.parametrize(("kind", "value"), MOVES)
def test_a_move_is_that_of_pillow(kind: str, value: float, interpolation: Any) -> None:
    from archcompile.engine.sampling import move_by_matrix

    images = photographs()
    codes, values = np.full(COUNT, CODES[kind]), np.full(COUNT, float(value))
    moved = move_by_matrix(
        images.astype(np.float32),
        matrices(codes, values, (HEIGHT, WIDTH)),
        take_rows(),
        interpolation=interpolation,
        fill=128.0,
    )
    resample = {"nearest": Image.Resampling.NEAREST, "bilinear": Image.Resampling.BILINEAR}
    how = {"resample": resample[interpolation], "fillcolor": (128, 128, 128)}
    expected = []
    for pixels in images:
        image = Image.fromarray(pixels)
        if kind == "rotate":
            expected.append(np.asarray(image.rotate(value, **how)))  # type: ignore[arg-type]
        else:
            matrix = pillow_matrix(kind, value, image)
            done = image.transform(image.size, Image.Transform.AFFINE, matrix, **how)  # type: ignore[arg-type]
            expected.append(np.asarray(done))
    check_close(moved, np.stack(expected), share=0.005)


@pytest.mark.parametrize("size", [(32, 32), (9, 12), (HEIGHT, WIDTH)])
def test_a_part_is_resized_as_by_pillow(size: tuple[int, int]) -> None:
    from archcompile.engine.colours import round_pixels
    from archcompile.engine.sampling import resize_parts

    images = photographs()
    boxes = [(0, 0, 24, 20), (3, 5, 10, 7), (20, 16, 4, 4), (0, 0, 24, 1), (5, 0, 12, 20)]
    boxes += [(0, 3, 2, 2), (1, 1, 22, 18), (10, 10, 1, 1)]
    actual = round_pixels(resize_parts(images, np.array(boxes, np.float32), size))
    for pixels, box, got in zip(images, boxes, np.asarray(actual), strict=True):
        top, left, height, width = box
        part = pixels[top : top + height, left : left + width]
        check_close(got, resize_exactly(part, size), share=0.03)  # halves may go up or down
        # of bytes, Pillow rounds between the two axes, too
        of_bytes = Image.fromarray(part).resize(size[::-1], Image.Resampling.BILINEAR)
        check_close(got, np.asarray(of_bytes, np.float64), share=1.0)
