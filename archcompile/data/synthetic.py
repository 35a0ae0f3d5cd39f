"""Images drawn from a seed, of any shape: to measure speed and for offline checks only."""

import numpy as np

from archcompile.data.dataset import DataRequest, Dataset, Split, fingerprint
from archcompile.errors import UsageError

SIZES = (2048, 512)  # training and test images
CELLS = 4  # a class is a random pattern of 4x4 flat patches
NOISE = 40.0  # standard deviation, of 255


def load(request: DataRequest) -> Dataset:
    """Images of the requested (H, W, C), labels in turn.

    Raises UsageError without shape and classes.
    """
    if request.shape is None or request.classes is None:
        raise UsageError("synthetic images need the network's input shape and number of classes")
    return make(request.shape, request.classes, request.seed)


def make(
    shape: tuple[int, int, int], classes: int, seed: int = 0, *, sizes: tuple[int, int] = SIZES
) -> Dataset:
    """A class is a pattern of patches, an image its class's pattern with noise.

    Equal arguments give equal images.
    """
    rng = np.random.Generator(np.random.Philox(seed))
    height, width, channels = shape
    rows, columns = np.arange(height) * CELLS // height, np.arange(width) * CELLS // width
    patches = rng.uniform(0, 255, (classes, CELLS, CELLS, channels)).astype(np.float32)
    patterns = patches[:, rows][:, :, columns]

    def split(size: int) -> Split:
        labels = np.arange(size, dtype=np.int64) % classes
        images = np.empty((size, *shape), np.uint8)
        for image, label in zip(images, labels, strict=True):
            noise = NOISE * rng.standard_normal(shape, np.float32)
            image[:] = np.clip(patterns[label] + noise, 0, 255)
        return Split(images, labels)

    train, test = split(sizes[0]), split(sizes[1])
    names = tuple(f"class_{n}" for n in range(classes))
    return Dataset(
        name="synthetic",
        label="synthetic",
        train=train,
        test=test,
        classes=names,
        fingerprint=fingerprint(train, test, names),
        place=f"seed {seed}",
    )
