"""How an image that is scored may be looked at beside its middle: mirrored, or a little to a side.

Views are cut before preprocessing, and moved after it, as training does it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from archcompile.choices import TestViews
from archcompile.quiet import load_keras

Tensor = Any
Place = tuple[int, int]
SHIFT = 1  # pixels, of images that have no canvas around them (Jordan 2024 moves by one, too)


@dataclass(frozen=True)
class View:
    """An image's window, up or down and left or right by `place`, -1, 0 or 1 each; or its mirror.

    In a larger image, -1 is at its edge; in one of the network's size, a pixel further, for which
    the edge is repeated.
    """

    place: Place = (0, 0)
    is_mirrored: bool = False

    def look(
        self, images: Tensor, size: tuple[int, int], prepare: Callable[[Tensor], Tensor]
    ) -> Tensor:
        """Images (B, H', W', C) as a network of `size` (H, W) sees them, prepared."""
        held = images.shape[1:3]
        spare = [held[axis] - size[axis] for axis in (0, 1)]
        top, left = (self._start(axis, spare[axis]) for axis in (0, 1))
        images = prepare(images[:, top : top + size[0], left : left + size[1]])
        for axis in (0, 1):
            if self.place[axis] and not spare[axis]:
                images = self._shift(images, axis)
        return load_keras().ops.flip(images, axis=2) if self.is_mirrored else images

    def _start(self, axis: int, spare: int) -> int:
        """The first row or column of the window, of so many that are left over."""
        return (0, spare // 2, spare)[self.place[axis] + 1]

    def _shift(self, images: Tensor, axis: int) -> Tensor:
        ops, extent = load_keras().ops, images.shape[1 + axis]
        places = ops.arange(extent, dtype="int32") + SHIFT * self.place[axis]
        return ops.take(images, ops.clip(places, 0, extent - 1), axis=1 + axis)


WHOLE = View()
CORNERS: tuple[Place, ...] = ((-1, -1), (-1, 1), (1, -1), (1, 1))
CROPS = (WHOLE, *map(View, CORNERS))  # as Krizhevsky et al. 2012, section 4.1
# views whose probabilities are averaged; the first is what is scored without them
VIEWS: Mapping[TestViews, tuple[View, ...]] = {
    "flip": (WHOLE, View(is_mirrored=True)),
    "crops": CROPS,
    "flip-crops": (*CROPS, *(View(view.place, is_mirrored=True) for view in CROPS)),
}
