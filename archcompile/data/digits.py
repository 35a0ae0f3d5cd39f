"""The handwritten digits that scikit-learn ships: real images without a download.

They are 8x8, with one channel and 10 classes.

E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI machine learning repository
(1998).
"""

import numpy as np

from archcompile.data.dataset import DataRequest, Dataset, Split, fingerprint
from archcompile.errors import MissingError
from archcompile.recipe import TRAINING_IMAGES

TRAIN = TRAINING_IMAGES["digits"]  # in the package's order the first train, the last 297 test
BRIGHTEST = 16  # the stored values are 0 to 16


def load(request: DataRequest) -> Dataset:
    """Images (N, 8, 8, 1), values scaled to 0 … 255. Raises MissingError without scikit-learn."""
    try:
        import sklearn
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise MissingError(
            "the digits come with scikit-learn, which is not installed",
            hint="pip install 'archcompile[demo]'",
        ) from error
    digits = load_digits()
    images = np.rint(digits.images * (255 / BRIGHTEST)).astype(np.uint8)[..., np.newaxis]
    labels = digits.target.astype(np.int64)
    train, test = Split(images[:TRAIN], labels[:TRAIN]), Split(images[TRAIN:], labels[TRAIN:])
    classes = tuple(str(n) for n in digits.target_names)
    return Dataset(
        name="digits",
        label="digits",
        train=train,
        test=test,
        classes=classes,
        fingerprint=fingerprint(train, test, classes),
        place=f"scikit-learn {sklearn.__version__}",
    )
