"""Augmentation on the device: a pure function of the images and of random numbers.

A shift may move an image by a fraction of a pixel: each axis reads two neighbouring rows and blends
them. That is the article's shift (bilinear, the edge repeated) without the general warp: 0.02 ms
per image of 32x32 on one core.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from archcompile.engine.image_statistics import middle
from archcompile.quiet import load_keras
from archcompile.recipe import Augment

Tensor = Any
# Of each image (B, H, W, C) the rows at `places` (B, N): what frameworks do each in its own way.
TakeRows = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Augmentation:
    """What a recipe does to the images that a network of `size` (H, W) is trained on.

    `numbers` (B, 5) are in [0, 1), as `draw_augmentation` gives them.
    """

    settings: Augment
    size: tuple[int, int]
    take_rows: TakeRows

    @property
    def ops(self) -> Any:
        """Keras' operations, on the framework that runs when they are needed."""
        return load_keras().ops

    def cut(self, images: Tensor, numbers: Tensor) -> Tensor:
        """A window of `size` of every image: anywhere in it, or its middle."""
        if images.shape[1:3] == self.size:
            return images
        if self.settings.crop == "centre":
            return middle(images, self.size)
        for axis in (0, 1):
            start = self._draw_whole(numbers[:, 3 + axis], images.shape[1 + axis] - self.size[axis])
            places = start[:, None] + self.ops.arange(self.size[axis])[None]
            images = self._take(images, places, axis)
        return images

    def move(self, images: Tensor, numbers: Tensor) -> Tensor:
        """Images moved, then mirrored, float32 (B, H, W, C)."""
        ops, settings, (_, height, width, _) = self.ops, self.settings, images.shape
        unflipped = ops.zeros_like(numbers[:, 2], dtype="bool")
        flipped = unflipped if settings.flip == "none" else numbers[:, 2] < 0.5
        if settings.shift:
            down, right = ((numbers[:, axis] * 2.0 - 1.0) * settings.shift for axis in (0, 1))
            images = self._shift(images, down * height, unflipped)
            columns = ops.transpose(images, (0, 2, 1, 3))
            return ops.transpose(self._shift(columns, right * width, flipped), (0, 2, 1, 3))
        if settings.pad_crop:
            images = self._pad_and_crop(images, numbers[:, 0], axis=0, flipped=unflipped)
        elif settings.flip == "none":
            return images
        # without a border, a mirror alone: faster than a slice
        return self._pad_and_crop(images, numbers[:, 1], axis=1, flipped=flipped)

    def _shift(self, images: Tensor, shift: Tensor, flipped: Tensor) -> Tensor:
        """Images (B, N, M, C) moved by `shift` rows (B,), mirrored along them where `flipped`.

        Row i of the result is row i - shift of the image; beyond the edge, the edge.
        """
        ops, last = self.ops, images.shape[1] - 1.0
        rows = ops.arange(images.shape[1], dtype="float32")[None]
        rows = ops.where(flipped[:, None], last - rows, rows)
        source = ops.clip(rows - shift[:, None], 0.0, last)
        below = ops.floor(source)
        near = self.take_rows(images, ops.cast(below, "int32"))
        far = self.take_rows(images, ops.cast(ops.minimum(below + 1.0, last), "int32"))
        return near + (far - near) * (source - below)[:, :, None, None]

    def _pad_and_crop(
        self, images: Tensor, number: Tensor, *, axis: int, flipped: Tensor
    ) -> Tensor:
        """Images padded by `pad_crop` and cropped again along one axis, and mirrored."""
        ops, extent, border = self.ops, images.shape[1 + axis], self.settings.pad_crop
        places = ops.arange(extent)[None]
        places = ops.where(flipped[:, None], extent - 1 - places, places)
        # (B, extent), from -border on
        places = places + self._draw_whole(number, 2 * border)[:, None] - border
        if self.settings.fill == "reflect":  # the edge itself is not repeated
            period = max(2 * (extent - 1), 1)
            folded = ops.mod(places, period)
            return self._take(images, ops.minimum(folded, period - folded), axis)
        repeated = self._take(images, ops.clip(places, 0, extent - 1), axis)
        if self.settings.fill == "nearest":
            return repeated
        inside = ops.cast((places >= 0) & (places < extent), images.dtype)
        return repeated * (inside[:, :, None, None] if axis == 0 else inside[:, None, :, None])

    def _take(self, images: Tensor, places: Tensor, axis: int) -> Tensor:
        """Of each image (B, H, W, C) the rows, or columns, at `places` (B, N)."""
        if axis == 0:
            return self.take_rows(images, places)
        columns = self.ops.transpose(images, (0, 2, 1, 3))
        return self.ops.transpose(self.take_rows(columns, places), (0, 2, 1, 3))

    def _draw_whole(self, numbers: Tensor, most: int) -> Tensor:
        """Integers from 0 to `most`, all equally likely, from numbers in [0, 1)."""
        return self.ops.minimum(self.ops.cast(numbers * (most + 1.0), "int32"), most)
