"""Makes images fit a network's input, in the ways that the user allowed and no other."""

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


def fit_dataset(dataset: Dataset, shape: Shape, wants: Data) -> Dataset:
    """The dataset with images of `shape` (H, W, C); itself if they have it already.

    `wants.fit` says how height and width may change: "pad" puts black around the image (centred;
    the odd row goes below), "resize" scales it (bilinear, antialiased; the aspect ratio is not
    kept), "crop" scales the shorter side to the canvas, with the aspect ratio kept, and cuts the
    middle square out. With "crop" that square is what the dataset holds; the network's height and
    width are cut out of it later. `wants.channels` "repeat" copies one channel into all. The
    fingerprint stays that of the images before. Raises DataError where neither allows what is
    needed, UsageError for a canvas smaller than the network's input.
    """
    shape_before, size, fit = dataset.shape, held_size(shape, wants), wants.fit
    _check(shape_before, shape, size, wants=wants)
    channels_before = shape_before[2]
    if fit is not None and (shape_before[:2] != size or fit == "crop"):
        dataset = _change_images(
            dataset,
            fit,
            lambda image: fit_image(image, size, fit),
            shape=(*size, channels_before),
        )
    if channels_before != shape[2]:
        dataset = _change_images(
            dataset,
            "repeat",
            lambda image: np.repeat(image, shape[2], axis=2),
            shape=(*size, shape[2]),
        )
    return dataset


def held_size(shape: Shape, wants: Data) -> tuple[int, int]:
    """(H, W) of the images a dataset holds for a network's input of `shape`.

    With `fit: crop` they are those of the canvas, else the input's own. Raises UsageError for a
    canvas that the input cannot be cut from.
    """
    if wants.fit != "crop":
        return shape[:2]
    side = max(shape[:2])
    canvas = wants.canvas or round(CANVAS * side)
    if canvas < side:
        raise UsageError(
            f"data.canvas: expected at least {side} pixels for an input of {shape[0]}x{shape[1]} "
            "(height x "
            f"width), got {canvas}"
        )
    return canvas, canvas


class ClassesDiffer(DataError):
    """The data have more or fewer classes than the network, whose number its spec decides."""

    def __init__(self, dataset: Dataset, expected: int) -> None:
        self.label, self.classes = dataset.label, len(dataset.classes)
        super().__init__(
            f"{self.label} has {self.classes} classes, but the network separates {expected}"
        )


def check_classes(dataset: Dataset, classes: int) -> None:
    """Raises ClassesDiffer unless the network tells as many classes apart."""
    if len(dataset.classes) != classes:
        raise ClassesDiffer(dataset, classes)


def fit_image(image: np.ndarray, size: tuple[int, int], fit: str) -> np.ndarray:
    """An image, uint8 (H, W, C), with height and width `size`.

    Raises DataError if it is too large to pad.
    """
    height, width, channels = image.shape
    if (height, width) == size:
        return image
    if fit == "pad":
        borders = [(n // 2, n - n // 2) for n in _spare((height, width), size)]
        return np.pad(image, [*borders, (0, 0)])
    from PIL import Image

    box = (0, 0, width, height)
    if fit == "crop":
        side = min(height, width)
        left, top = (width - side) // 2, (height - side) // 2
        box = (left, top, left + side, top + side)
    # RGB in one go; any other number plane by plane, since Pillow takes a fourth channel for
    # transparency
    planes = [image] if channels == 3 else [image[:, :, channel] for channel in range(channels)]
    resized = [
        Image.fromarray(plane).resize(size[::-1], Image.Resampling.BILINEAR, box)
        for plane in planes
    ]
    return np.dstack([np.asarray(plane) for plane in resized])


def _check(shape: Shape, target: Shape, size: tuple[int, int], *, wants: Data) -> None:
    """Raises DataError unless the recipe's fitting turns images of `shape` into `target`."""
    is_repeated = shape[2] != target[2] and shape[2] == 1 and wants.channels is None
    if shape[:2] != size and wants.fit is None:
        hint = "--set data.fit=resize, or =crop to keep the aspect ratio, or =pad for a black "
        hint += "border; and --set data.channels=repeat" if is_repeated else "border"
        raise DataError(_differs(shape, target), hint=hint)
    if wants.fit == "pad":
        _spare(shape[:2], size)
    if shape[2] != target[2] and shape[2] != 1:
        raise DataError(
            _differs(shape, target),
            hint="only images of 1 channel can be repeated: use a network whose "
            f"input has {shape[2]} channels",
        )
    if is_repeated:
        raise DataError(_differs(shape, target), hint="--set data.channels=repeat")


def _change_images(
    dataset: Dataset, way: str, change: Callable[[np.ndarray], np.ndarray], *, shape: Shape
) -> Dataset:
    """The dataset with every image changed to `shape`; `way` is added to how they are fitted."""
    ways = dict.fromkeys([*(dataset.fit.split("+") if dataset.fit else []), way])
    if dataset.shape != shape:

        def change_split(split: Split) -> Split:
            return replace(split, images=split.store.map_images(change, shape))

        validation = change_split(dataset.validation) if dataset.validation else None
        train, test = change_split(dataset.train), change_split(dataset.test)
        dataset = replace(dataset, train=train, test=test, validation=validation)
    return replace(dataset, fit="+".join(ways))


def _spare(image: tuple[int, int], size: tuple[int, int]) -> tuple[int, int]:
    """The rows and columns that `size` has more than an image."""
    spare = size[0] - image[0], size[1] - image[1]
    if min(spare) < 0:
        raise DataError(
            f"an image of {image[0]}x{image[1]} is larger than {size[0]}x{size[1]} and cannot be "
            "padded",
            hint="--set data.fit=resize, or =crop",
        )
    return spare


def _differs(shape: Shape, target: Shape) -> str:
    images, network = ("x".join(map(str, each)) for each in (shape, target))
    return f"the images are {images} (height x width x channels), the network takes {network}"
