"""Images read between their pixels: parts of them resized, and moved by a matrix.

Both are Pillow's: `Image.resize` with BILINEAR, whose triangles grow where the result is smaller
(Resample.c), and `Image.transform` with AFFINE (Geometry.c). A pixel's middle is at 0.5.
"""

from collections.abc import Callable
from typing import Any

from archcompile.quiet import load_keras
from archcompile.recipe import Interpolation

Tensor = Any
Size = tuple[int, int]  # (H, W)
ROUNDING = 1 / 1024  # more than float32 is off, so that a whole number remains one
# Of each image (B, H, W, C) the rows at `places` (B, N): what frameworks do each in its own way.
TakeRows = Callable[[Tensor, Tensor], Tensor]


def resize_parts(images: Tensor, boxes: Tensor, size: Size) -> Tensor:
    """Parts of images (B, H', W', C), resized to `size` (H, W); not rounded.

    `boxes` (B, 4) are each one's first row and column, height and width.
    """
    ops = load_keras().ops
    images = ops.cast(images, "float32")
    down = _triangles(boxes[:, 0], boxes[:, 2], images.shape[1], after=size[0])
    right = _triangles(boxes[:, 1], boxes[:, 3], images.shape[2], after=size[1])
    images = ops.einsum("bhi,biwc->bhwc", down, images)
    return ops.einsum("bwj,bhjc->bhwc", right, images)


def _triangles(start: Tensor, extent: Tensor, before: int, *, after: int) -> Tensor:
    """The weight of each of the pixels before in each of those after, (B, after, before).

    Only the `extent` (B,) pixels from `start` on count.
    """
    ops = load_keras().ops
    start, extent = start[:, None, None], extent[:, None, None]
    scale = extent / after
    reach = ops.maximum(scale, 1.0)
    pixels = ops.arange(before, dtype="float32")[None, None] + 0.5
    middles = start + (ops.arange(after, dtype="float32")[None, :, None] + 0.5) * scale
    weights = ops.maximum(1.0 - ops.absolute(pixels - middles) / reach, 0.0)
    weights = ops.where((pixels > start) & (pixels < start + extent), weights, 0.0)
    return weights / ops.sum(weights, axis=-1, keepdims=True)


def move_by_matrix(
    images: Tensor,
    matrices: Tensor,
    take_rows: TakeRows,
    *,
    interpolation: Interpolation,
    fill: float,
) -> Tensor:
    """Images (B, H, W, C) float32, each pixel read from where its matrix (B, 6) says.

    What would be read from outside is `fill`. As Pillow, cuts what lies between pixels to a whole
    number.
    """
    ops = load_keras().ops
    height, width = images.shape[1:3]
    y = ops.arange(height, dtype="float32")[None, :, None] + 0.5
    x = ops.arange(width, dtype="float32")[None, None, :] + 0.5
    a, b, c, d, e, f = (matrices[:, place, None, None] for place in range(6))
    right, down = a * x + b * y + c, d * x + e * y + f  # (B, H, W)
    inside = (right >= 0) & (right < width) & (down >= 0) & (down < height)

    def read(down: Tensor, right: Tensor) -> Tensor:
        """The pixels in these rows and columns, the edge outside of it."""
        rows = ops.clip(ops.cast(down, "int32"), 0, height - 1)
        columns = ops.clip(ops.cast(right, "int32"), 0, width - 1)
        places = ops.reshape(rows * width + columns, (-1, height * width))
        lines = ops.reshape(images, (-1, height * width, 1, images.shape[-1]))
        return ops.reshape(take_rows(lines, places), (-1, *images.shape[1:]))

    if interpolation == "nearest":
        moved = read(ops.floor(down), ops.floor(right))
    else:
        top, left = ops.floor(down - 0.5), ops.floor(right - 0.5)
        lower, further = (down - 0.5 - top)[..., None], (right - 0.5 - left)[..., None]
        above = read(top, left) * (1.0 - further) + read(top, left + 1.0) * further
        below = read(top + 1.0, left) * (1.0 - further) + read(top + 1.0, left + 1.0) * further
        moved = ops.floor(above * (1.0 - lower) + below * lower + ROUNDING)
    return ops.where(inside[..., None], moved, fill)
