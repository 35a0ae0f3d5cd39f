"""Pictures, and what Pillow makes of them."""

import colorsys
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

from archcompile.recipe import Augment

HEIGHT, WIDTH, COUNT = 24, 20, 8
SMOOTH = 0.02  # of the pixels may be one level off: Pillow computes some in float32, some in fixed
Array = np.ndarray


def photographs(count: int = COUNT, height: int = HEIGHT, width: int = WIDTH) -> Array:
    """Smooth coloured images, uint8 (N, H, W, 3), of a limited range in some channels."""
    random = np.random.default_rng(0)
    small = random.integers(20, 230, (count, 5, 5, 3), np.uint8)
    size = width, height
    return np.stack([np.asarray(Image.fromarray(each).resize(size, 3)) for each in small])


def take_rows() -> Any:
    from archcompile.engine.tensorflow.augment import take_rows

    return take_rows


def check_close(actual: Any, expected: Array, *, share: float = SMOOTH) -> None:
    """Equal but for a share of the values, which may be one level off."""
    differences = np.abs(np.asarray(actual, np.float64) - expected)
    assert differences.max() <= 1 and (differences > 0).mean() <= share


def pillow_op(kind: str, image: Image.Image, value: float) -> Image.Image:
    enhancers = {
        "brightness": ImageEnhance.Brightness,
        "saturation": ImageEnhance.Color,
        "contrast": ImageEnhance.Contrast,
        "sharpness": ImageEnhance.Sharpness,
    }
    if kind in enhancers:
        return enhancers[kind](image).enhance(value)
    others: dict[str, Callable[[], Image.Image]] = {
        "posterize": lambda: ImageOps.posterize(image, int(value)),
        "solarize": lambda: ImageOps.solarize(image, value),  # type: ignore[arg-type]
        "solarize_add": lambda: image.point(
            [min(255, level + int(value)) if level < 128 else level for level in range(256)] * 3
        ),
        "autocontrast": lambda: ImageOps.autocontrast(image),
        "equalize": lambda: ImageOps.equalize(image),
        "hue": lambda: turn_hues(image, value),
    }
    return others[kind]()


def turn_hues(image: Image.Image, turn: float) -> Image.Image:
    pixels = np.asarray(image)
    turned = np.empty(pixels.shape)
    for place in np.ndindex(*pixels.shape[:2]):
        hue, saturation, value = colorsys.rgb_to_hsv(*(pixels[place] / 255.0))
        turned[place] = colorsys.hsv_to_rgb((hue + turn) % 1.0, saturation, value)
    return Image.fromarray(np.floor(turned * 255.0 + 0.5).astype(np.uint8))


def resize_exactly(pixels: Array, size: tuple[int, int]) -> Array:
    """By Pillow, channel by channel in floating point, and rounded at the end."""
    planes = [Image.fromarray(pixels[..., place].astype(np.float32)) for place in range(3)]
    done = [np.asarray(plane.resize(size[::-1], Image.Resampling.BILINEAR)) for plane in planes]
    return np.floor(np.stack(done, axis=-1) + 0.5).astype(np.uint8)


ALL = Augment.model_validate(
    {
        "resized_crop": {"area": [0.2, 1.0]},
        "jitter": {"brightness": 0.4, "contrast": 0.4, "saturation": 0.4, "hue": 0.1},
        "policy": {"kind": "rand_augment"},
        "erase": {"probability": 0.5, "fill": "colour"},
        "mix": {"mixup": 0.2, "cutmix": 1.0},
        "flip": "horizontal",
    }
)
