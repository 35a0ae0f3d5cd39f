"""Makes pictures fit a network's input, in the ways the user allowed and no other."""

from dataclasses import replace

import numpy as np

from archcompile.data.dataset import Dataset, Split, fingerprint
from archcompile.errors import DataError, UsageError, did_you_mean

FITS = ("pad", "resize")
CHANNELS = ("repeat",)


def fitted(dataset: Dataset, shape: tuple[int, int, int], fit: str | None, channels: str | None) -> Dataset:
    """The dataset with pictures of `shape` (H, W, C); itself if they have it already.

    `fit` says how height and width may change: "pad" puts black around the picture (centred; the odd row goes below),
    "resize" scales it (bilinear, antialiased; the aspect ratio is not kept). `channels` "repeat" copies one channel
    into all. Raises DataError where neither allows what is needed, UsageError for an unknown way.
    """
    check_way("data.fit", fit, FITS)
    check_way("data.channels", channels, CHANNELS)
    have = dataset.shape
    if have == shape:
        return dataset
    ways = [dataset.fit] if dataset.fit else []
    train, test = dataset.train.images, dataset.test.images
    if have[:2] != shape[:2]:
        if fit is None:
            raise DataError(
                _differs(have, shape), hint="--set data.fit=resize, or --set data.fit=pad for a black border"
            )
        train, test = (_each(images, shape[:2], fit) for images in (train, test))
        ways.append(fit)
    if have[2] != shape[2]:
        if have[2] != 1:
            raise DataError(_differs(have, shape), hint="only pictures of 1 channel can be repeated: use a network "
                            f"whose input has {have[2]} channels")  # fmt: skip
        if channels is None:
            raise DataError(_differs(have, shape), hint="--set data.channels=repeat")
        train, test = (np.repeat(images, shape[2], axis=3) for images in (train, test))
        ways.append(channels)
    splits = Split(train, dataset.train.labels), Split(test, dataset.test.labels)
    return replace(dataset, train=splits[0], test=splits[1], fit="+".join(ways),
                   fingerprint=fingerprint(*splits, dataset.classes))  # fmt: skip


def check_classes(dataset: Dataset, classes: int) -> None:
    """Raises DataError unless the network has one output a class."""
    if len(dataset.classes) != classes:
        raise DataError(f"{dataset.label} has {len(dataset.classes)} classes, the network {classes} outputs",
                        hint=f"--set classes={len(dataset.classes)}")  # fmt: skip


def fit_picture(picture: np.ndarray, size: tuple[int, int], fit: str) -> np.ndarray:
    """One picture, uint8 (H, W, C), with height and width `size`. Raises DataError if it is too large to pad."""
    if picture.shape[:2] == size:
        return picture
    if fit == "pad":
        return _pad(picture, size)
    from PIL import Image

    planes = [Image.fromarray(picture[:, :, c]) for c in range(picture.shape[2])]
    return np.stack([np.asarray(p.resize(size[::-1], Image.Resampling.BILINEAR)) for p in planes], axis=-1)


def check_way(setting: str, way: str | None, known: tuple[str, ...]) -> None:
    if way is not None and way not in known:
        raise UsageError(f"{setting}: expected {' or '.join(known)}, received {way!r}", hint=did_you_mean(way, known))


def _pad(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    height, width = picture.shape[:2]
    spare = size[0] - height, size[1] - width
    if min(spare) < 0:
        raise DataError(f"a picture of {height}x{width} is larger than {size[0]}x{size[1]} and cannot be padded",
                        hint="--set data.fit=resize")  # fmt: skip
    return np.pad(picture, [(n // 2, n - n // 2) for n in spare] + [(0, 0)])


def _each(images: np.ndarray, size: tuple[int, int], fit: str) -> np.ndarray:
    return np.stack([fit_picture(picture, size, fit) for picture in images])


def _differs(have: tuple[int, ...], want: tuple[int, ...]) -> str:
    pictures, network = ("x".join(map(str, shape)) for shape in (have, want))
    return f"the pictures are {pictures} (height x width x channels), the network takes {network}"
