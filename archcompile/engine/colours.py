"""Colours changed on the device, as Pillow's ImageEnhance and ImageOps change those of an image.

Images are float32 (B, H, W, C) of whole numbers 0 to 255, and so are the results. C is 1 or 3.
"""

from collections.abc import Callable, Mapping
from typing import Any

from archcompile.quiet import load_keras

Tensor = Any
LEVELS = 256
# Of images and their values, (B, 1, 1, 1): the images changed
Form = Callable[[Tensor, Tensor], Tensor]


def _ops() -> Any:
    return load_keras().ops


def round_pixels(images: Tensor) -> Tensor:
    """The nearest whole numbers of 0 to 255, halves up."""
    return _ops().clip(_ops().floor(images + 0.5), 0.0, 255.0)


def grey(images: Tensor) -> Tensor:
    """The brightness of each pixel, (B, H, W, 1): ITU-R BT.601 in whole numbers (Convert.c)."""
    ops = _ops()
    if images.shape[-1] == 1:
        return images
    red, green, blue = (ops.cast(images[..., place : place + 1], "int32") for place in range(3))
    total = red * 19595 + green * 38470 + blue * 7471 + 32768
    return ops.cast(ops.floor_divide(total, 65536), "float32")


def _blend(plain: Tensor, images: Tensor, factor: Tensor) -> Tensor:
    """From a plain image to the image and beyond it, cut to a whole number (Blend.c)."""
    ops = _ops()
    return ops.clip(ops.floor(plain + factor * (images - plain)), 0.0, 255.0)


def _brightness(images: Tensor, factor: Tensor) -> Tensor:
    return _blend(_ops().zeros_like(images), images, factor)


def _saturation(images: Tensor, factor: Tensor) -> Tensor:
    return _blend(grey(images), images, factor)


def _contrast(images: Tensor, factor: Tensor) -> Tensor:
    mean = _ops().mean(grey(images), axis=(1, 2, 3), keepdims=True)
    return _blend(_ops().floor(mean + 0.5), images, factor)


def _sharpness(images: Tensor, factor: Tensor) -> Tensor:
    return _blend(_smooth(images), images, factor)


def _smooth(images: Tensor) -> Tensor:
    """Pillow's SMOOTH: a mean of 3x3 pixels, the middle one five times; the edge is kept."""
    ops, (height, width) = _ops(), images.shape[1:3]
    if min(height, width) < 3:
        return images
    inner = images[:, 1:-1, 1:-1]
    rows = images[:, :-2] + images[:, 1:-1] + images[:, 2:]
    total = rows[:, :, :-2] + rows[:, :, 1:-1] + rows[:, :, 2:] + 4.0 * inner
    smooth = ops.floor(total / 13.0 + 0.5)
    middle = ops.concatenate([images[:, 1:-1, :1], smooth, images[:, 1:-1, -1:]], axis=2)
    return ops.concatenate([images[:, :1], middle, images[:, -1:]], axis=1)


def _posterize(images: Tensor, bits: Tensor) -> Tensor:
    # the values of other ops are no numbers of bits
    step = _ops().round(_ops().power(2.0, 8.0 - _ops().clip(bits, 0.0, 8.0)))
    return _ops().floor(images / step) * step


def _solarize(images: Tensor, threshold: Tensor) -> Tensor:
    return _ops().where(images < threshold, images, 255.0 - images)


def _solarize_add(images: Tensor, added: Tensor) -> Tensor:
    lighter = _ops().minimum(images + added, 255.0)
    return _ops().where(images < 128.0, lighter, images)


def _autocontrast(images: Tensor, _: Tensor) -> Tensor:
    """Each channel stretched from its darkest and brightest pixel to 0 and 255."""
    ops = _ops()
    low = ops.min(images, axis=(1, 2), keepdims=True)
    high = ops.max(images, axis=(1, 2), keepdims=True)
    above = ops.cast((images - low) * 255.0, "int32")
    extent = ops.cast(ops.maximum(high - low, 1.0), "int32")
    return ops.where(high > low, ops.cast(ops.floor_divide(above, extent), "float32"), images)


def equalizer(take_rows: Callable[[Tensor, Tensor], Tensor]) -> Form:
    """A function that makes all levels of each channel about equally frequent (ImageOps)."""

    def equalize(images: Tensor, _: Tensor) -> Tensor:
        ops, (height, width, channels) = _ops(), images.shape[1:]
        planes = ops.reshape(ops.transpose(images, (0, 3, 1, 2)), (-1, height * width))
        levels = ops.cast(planes, "int32")
        first = ops.arange(ops.shape(levels)[0], dtype="int32") * LEVELS
        counts = ops.segment_sum(
            ops.ones_like(ops.reshape(levels, (-1,))),
            ops.reshape(levels + first[:, None], (-1,)),
            num_segments=ops.shape(levels)[0] * LEVELS,
        )
        counts = ops.reshape(counts, (-1, LEVELS))
        below = ops.cumsum(counts, axis=1) - counts
        brightest = ops.max(levels, axis=1, keepdims=True)
        of_brightest = ops.take_along_axis(counts, brightest, axis=1)
        step = ops.floor_divide(height * width - of_brightest, LEVELS - 1)
        safe = ops.maximum(step, 1)
        table = ops.minimum(ops.floor_divide(ops.floor_divide(safe, 2) + below, safe), 255)
        table = ops.where(step > 0, table, ops.arange(LEVELS, dtype="int32")[None])
        read = take_rows(ops.cast(table, "float32")[:, :, None, None], levels)
        return ops.transpose(ops.reshape(read, (-1, channels, height, width)), (0, 2, 3, 1))

    return equalize


def _hue(images: Tensor, turn: Tensor) -> Tensor:
    """Hues turned, by parts of the circle, in the HSV of Smith 1978."""
    ops = _ops()
    if images.shape[-1] == 1:
        return images
    red, green, blue = (images[..., place : place + 1] for place in range(3))
    value = ops.maximum(ops.maximum(red, green), blue)
    chroma = value - ops.minimum(ops.minimum(red, green), blue)
    safe = ops.maximum(chroma, 1.0)
    sixth = ops.where(
        value == red,
        (green - blue) / safe,
        ops.where(value == green, 2.0 + (blue - red) / safe, 4.0 + (red - green) / safe),
    )
    sixth = ops.mod(sixth + 6.0 * turn, 6.0)
    # each channel falls from the value by as much chroma as its distance on the circle says
    places = [ops.mod(sixth + shift, 6.0) for shift in (5.0, 3.0, 1.0)]
    falls = [ops.clip(ops.minimum(place, 4.0 - place), 0.0, 1.0) for place in places]
    return round_pixels(value - chroma * ops.concatenate(falls, axis=-1))


FORMS: Mapping[str, Form] = {
    "brightness": _brightness,
    "saturation": _saturation,
    "contrast": _contrast,
    "sharpness": _sharpness,
    "posterize": _posterize,
    "solarize": _solarize,
    "solarize_add": _solarize_add,
    "autocontrast": _autocontrast,
    "hue": _hue,
}
