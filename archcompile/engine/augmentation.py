"""Augmentation on the device: a pure function of the images and of random numbers.

A shift may move an image by a fraction of a pixel: each axis reads two neighbouring rows and blends
them. That is the article's shift (bilinear, the edge repeated) without the general warp: 0.02 ms
per image of 32x32 on one core.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from archcompile.engine.colours import FORMS, equalizer, round_pixels
from archcompile.engine.image_statistics import middle
from archcompile.engine.mixing import MixedLabels, partners
from archcompile.engine.noise import draw_noise
from archcompile.engine.picture_draws import BOX, OF_OP, Columns
from archcompile.engine.picture_ops import CODES, table_of
from archcompile.engine.sampling import TakeRows, move_by_matrix, resize_parts
from archcompile.quiet import load_keras
from archcompile.recipe import Augment, RandAugment, TrivialAugment

Tensor = Any


@dataclass(frozen=True)
class Augmentation:
    """What a recipe does to the images that a network of `size` (H, W) is trained on.

    `numbers` (B, K) are what `EpochBatches` draws: five in [0, 1) of `draw_augmentation`, then
    those of `Columns`.
    """

    settings: Augment
    size: tuple[int, int]
    take_rows: TakeRows

    @property
    def ops(self) -> Any:
        """Keras' operations, on the framework that runs when they are needed."""
        return load_keras().ops

    def __call__(
        self,
        images: Tensor,
        labels: Tensor,
        numbers: Tensor,
        *,
        prepare: Callable[[Tensor], Tensor],
    ) -> tuple[Tensor, Tensor | MixedLabels]:
        """What a step sees of images (B, H', W', C) uint8 and labels (B,): (B, H, W, C) float32.

        In this order: cut, colours and policy, `prepare`, shift and flip, erase, mix.
        """
        columns = Columns(self.settings, images.shape[-1])
        images = self._recolour(self.cut(images, numbers), numbers, columns)
        images = self.move(prepare(images), numbers)
        images = self._erase(images, numbers, columns)
        return self._mix(images, labels, numbers, columns=columns)

    def cut(self, images: Tensor, numbers: Tensor) -> Tensor:
        """A window of `size` of every image: anywhere in it, its middle, or a part resized."""
        if self.settings.resized_crop is not None:
            boxes = numbers[:, Columns(self.settings, images.shape[-1])["crop"]]
            return round_pixels(resize_parts(images, boxes, self.size))
        if images.shape[1:3] == self.size:
            return images
        if self.settings.crop == "centre":
            return middle(images, self.size)
        for axis in (0, 1):
            start = self._draw_whole(numbers[:, 3 + axis], images.shape[1 + axis] - self.size[axis])
            places = start[:, None] + self.ops.arange(self.size[axis])[None]
            images = self._take(images, places, axis)
        return images

    @cached_property
    def _forms(self) -> Any:
        return {**FORMS, "equalize": equalizer(self.take_rows)}

    def _recolour(self, images: Tensor, numbers: Tensor, columns: Columns) -> Tensor:
        """The ops of `jitter`, then those of `policy`, on whole numbers 0 to 255."""
        if not columns.factors and not columns.ops:
            return images
        images = self.ops.cast(images, "float32")
        pairs = numbers[:, columns["jitter"]]
        for place in range(len(columns.factors)):
            pair = pairs[:, 2 * place : 2 * place + 2]
            images = self._do_one_of(frozenset(columns.factors), images, pair)
        policy, parts = self.settings.policy, numbers[:, columns["policy"]]
        if policy is not None:
            for start in range(0, OF_OP * columns.ops, OF_OP):
                images = self._do_policy(policy, images, parts[:, start : start + OF_OP])
        return images

    def _do_one_of(self, kinds: frozenset[str], images: Tensor, pair: Tensor) -> Tensor:
        """Of each image the op whose code and value stand in `pair` (B, 2)."""
        code, value = (pair[:, place, None, None, None] for place in (0, 1))
        result = images
        for kind, form in self._forms.items():
            if kind in kinds:
                is_chosen = code == CODES[kind]
                result = self.ops.where(is_chosen, form(images, value), result)
        return result

    def _do_policy(
        self, policy: RandAugment | TrivialAugment, images: Tensor, parts: Tensor
    ) -> Tensor:
        """An op of each image, (B, 8): its code, value and matrix."""
        table = table_of(policy)
        moved = move_by_matrix(
            images,
            parts[:, 2:],
            self.take_rows,
            interpolation=policy.interpolation,
            fill=table.fill,
        )
        return self._do_one_of(table.kinds, moved, parts[:, :2])

    def _is_inside(self, boxes: Tensor) -> Tensor:
        """Whether a pixel is in its image's rectangle (B, 4), (B, H, W, 1)."""
        ops = self.ops
        top, left, height, width = (boxes[:, place, None, None] for place in range(BOX))
        y = ops.arange(self.size[0], dtype="float32")[None, :, None]
        x = ops.arange(self.size[1], dtype="float32")[None, None, :]
        inside = (y >= top) & (y < top + height) & (x >= left) & (x < left + width)
        return inside[..., None]

    def _erase(self, images: Tensor, numbers: Tensor, columns: Columns) -> Tensor:
        if self.settings.erase is None:
            return images
        inside = self._is_inside(numbers[:, columns["erase"]])
        fill: Tensor = 0.0
        if columns.has_colour:
            fill = numbers[:, columns["colour"]][:, None, None]
        elif columns.has_noise:
            fill = draw_noise(numbers[:, columns["noise"]], images.shape[1:])
        return self.ops.where(inside, fill, images)

    def _mix(
        self, images: Tensor, labels: Tensor, numbers: Tensor, *, columns: Columns
    ) -> tuple[Tensor, Tensor | MixedLabels]:
        """Images mixed with their partners, and what their labels are then."""
        if self.settings.mix is None:
            return images, labels
        ops, mixing = self.ops, numbers[:, columns["mix"]]
        places = partners(ops.shape(images)[0])
        others = ops.take(images, places, axis=0)
        weight = mixing[:, 1, None, None, None]
        blended = images * weight + others * (1.0 - weight)
        mixed = ops.where(self._is_inside(mixing[:, 2:]), others, blended)
        return mixed, MixedLabels(labels, ops.take(labels, places, axis=0), mixing[:, 0])

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
