"""Makes pictures fit a network's input, in the ways the user allowed and no other."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from archcompile.data.dataset import Dataset, Split
from archcompile.errors import DataError, UsageError
from archcompile.recipe import Data

Shape = tuple[int, int, int]
# of the input's larger side: 256 for 224, as Krizhevsky et al. 2012 (sections 2 and 4.1) and most
# since
CANVAS = 8 / 7


def fitted(dataset: Dataset, shape: Shape, wants: Data) -> Dataset:
    """The dataset with pictures of `shape` (H, W, C); itself if they have it already.

    `wants.fit` says how height and width may change: "pad" puts black around the picture (centred;
    the odd row goes below), "resize" scales it (bilinear, antialiased; the aspect ratio is not
    kept), "crop" scales the shorter side to the canvas, with the aspect ratio kept, and cuts the
    middle square out. With "crop" that square is what the dataset holds; the network's height and
    width are cut out of it later. `wants.channels` "repeat" copies one channel into all. The
    fingerprint stays that of the pictures before. Raises DataError where neither allows what is
    needed, UsageError for a canvas smaller than the network's input.
    """
    have, size, fit = dataset.shape, held_size(shape, wants), wants.fit
    _check(have, shape, size, wants=wants)
    if fit is not None and (have[:2] != size or fit == "crop"):
        dataset = _changed(
            dataset, fit, lambda picture: fit_picture(picture, size, fit), shape=(*size, have[2])
        )
    if have[2] != shape[2]:
        dataset = _changed(
            dataset,
            "repeat",
            lambda picture: np.repeat(picture, shape[2], axis=2),
            shape=(*size, shape[2]),
        )
    return dataset


def held_size(shape: Shape, wants: Data) -> tuple[int, int]:
    """(H, W) of the pictures a dataset holds for a network's input of `shape`: the canvas with
    `fit: crop`, else its own.

    Raises UsageError for a canvas that the input cannot be cut from.
    """
    if wants.fit != "crop":
        return shape[:2]
    side = max(shape[:2])
    canvas = wants.canvas or round(CANVAS * side)
    if canvas < side:
        raise UsageError(
            f"data.canvas: expected {side} pixels or more for an input of {shape[0]}x{shape[1]} "
            "(height x "
            f"width), received {canvas}"
        )
    return canvas, canvas


class ClassesDiffer(DataError):
    """The data have other classes than the network tells apart; how many it tells apart is for its
    spec to say.
    """

    def __init__(self, dataset: Dataset, wanted: int) -> None:
        self.label, self.classes = dataset.label, len(dataset.classes)
        super().__init__(
            f"{self.label} has {self.classes} classes, and the network tells {wanted} apart"
        )


def check_classes(dataset: Dataset, classes: int) -> None:
    """Raises ClassesDiffer unless the network tells as many classes apart."""
    if len(dataset.classes) != classes:
        raise ClassesDiffer(dataset, classes)


def fit_picture(picture: np.ndarray, size: tuple[int, int], fit: str) -> np.ndarray:
    """One picture, uint8 (H, W, C), with height and width `size`. Raises DataError if it is too
    large to pad.
    """
    height, width, channels = picture.shape
    if (height, width) == size:
        return picture
    if fit == "pad":
        return np.pad(
            picture, [(n // 2, n - n // 2) for n in _spare((height, width), size)] + [(0, 0)]
        )
    from PIL import Image

    side = min(height, width)
    left, top = ((width - side) // 2, (height - side) // 2) if fit == "crop" else (0, 0)
    box = (left, top, left + side, top + side) if fit == "crop" else (0, 0, width, height)
    # RGB in one go; any other number plane by plane, since Pillow takes a fourth channel for
    # transparency
    parts = [picture] if channels == 3 else [picture[:, :, channel] for channel in range(channels)]
    return np.dstack(
        [
            np.asarray(Image.fromarray(p).resize(size[::-1], Image.Resampling.BILINEAR, box))
            for p in parts
        ]
    )


def _check(have: Shape, want: Shape, size: tuple[int, int], *, wants: Data) -> None:
    """Raises DataError unless what the recipe wants makes the network's input of these pictures."""
    if have[:2] != size and wants.fit is None:
        raise DataError(
            _differs(have, want),
            hint="--set data.fit=resize, or =crop to keep the aspect ratio, or =pad for "
            "a black border",
        )
    if wants.fit == "pad":
        _spare(have[:2], size)
    if have[2] != want[2] and have[2] != 1:
        raise DataError(
            _differs(have, want),
            hint="only pictures of 1 channel can be repeated: use a network whose "
            f"input has {have[2]} channels",
        )
    if have[2] != want[2] and wants.channels is None:
        raise DataError(_differs(have, want), hint="--set data.channels=repeat")


def _changed(
    dataset: Dataset, way: str, change: Callable[[np.ndarray], np.ndarray], *, shape: Shape
) -> Dataset:
    """The dataset with every picture changed to `shape`; `way` is added to how they are fitted."""
    ways = dict.fromkeys([*(dataset.fit.split("+") if dataset.fit else []), way])
    if dataset.shape != shape:

        def changed(split: Split) -> Split:
            return replace(split, images=split.store.mapped(change, shape))

        validation = changed(dataset.validation) if dataset.validation else None
        train, test = changed(dataset.train), changed(dataset.test)
        dataset = replace(dataset, train=train, test=test, validation=validation)
    return replace(dataset, fit="+".join(ways))


def _spare(have: tuple[int, int], size: tuple[int, int]) -> tuple[int, int]:
    spare = size[0] - have[0], size[1] - have[1]
    if min(spare) < 0:
        raise DataError(
            f"a picture of {have[0]}x{have[1]} is larger than {size[0]}x{size[1]} and cannot be "
            "padded",
            hint="--set data.fit=resize, or =crop",
        )
    return spare


def _differs(have: Shape, want: Shape) -> str:
    pictures, network = ("x".join(map(str, shape)) for shape in (have, want))
    return f"the pictures are {pictures} (height x width x channels), the network takes {network}"
