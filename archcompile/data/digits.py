"""The handwritten digits that scikit-learn ships: real images without a download.

They are 8x8, with one channel and 10 classes.

E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI machine learning repository
(1998).
"""

from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from archcompile.data.dataset import DataRequest, Dataset, Split, fingerprint
from archcompile.errors import MissingError
from archcompile.recipe import TRAINING_IMAGES

TRAIN = TRAINING_IMAGES["digits"]  # in the package's order the first train, the last 297 test
BRIGHTEST = 16  # the stored values are 0 to 16


def load(request: DataRequest) -> Dataset:
    """Images (N, 8, 8, 1), values scaled to 0 … 255. Raises MissingError without scikit-learn."""
    package = find_spec("sklearn")
    file = Path((package and package.origin) or "").parent / "datasets/data/digits.csv.gz"
    if package is None or not file.exists():
        raise MissingError(
            "the digits come with scikit-learn, which is not installed",
            hint="pip install 'archcompile[demo]'",
        )
    # of each image its 64 values and its label; importing the package for them takes seconds
    rows = np.loadtxt(file, delimiter=",")
    pixels, labels = rows[:, :-1].reshape(-1, 8, 8, 1), rows[:, -1].astype(np.int64)
    images = np.rint(pixels * (255 / BRIGHTEST)).astype(np.uint8)
    train, test = Split(images[:TRAIN], labels[:TRAIN]), Split(images[TRAIN:], labels[TRAIN:])
    classes = tuple(map(str, range(10)))
    return Dataset(
        name="digits",
        label="digits",
        train=train,
        test=test,
        classes=classes,
        fingerprint=fingerprint(train, test, classes),
        place=f"scikit-learn {version('scikit-learn')}",
    )
