"""The sources of data by name, and what is known of each before it is read.

`data.sources` reads them. Imports nothing, so that names can be completed at once.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSize:
    """How many images a published dataset has, their shape (H, W, C), and their classes."""

    train: int
    test: int
    shape: tuple[int, int, int]
    classes: int


@dataclass(frozen=True, slots=True)
class DataSource:
    """What a source is, how to get it, and its size where that is the same for everyone."""

    about: str
    how_to_get: str
    size: KnownSize | None = None


DIGITS = 10  # classes of the images that come with the recipe `digits`

# Krizhevsky 2009, section 3; LeCun et al. 1998; Xiao et al. 2017
DATA_SOURCES = {
    "cifar10": DataSource(
        "photos, 10 kinds",
        "archc data fetch cifar10",
        KnownSize(train=50_000, test=10_000, shape=(32, 32, 3), classes=10),
    ),
    "cifar100": DataSource(
        "photos, 100 kinds",
        "archc data fetch cifar100",
        KnownSize(train=50_000, test=10_000, shape=(32, 32, 3), classes=100),
    ),
    "digits": DataSource(
        "handwritten digits",
        "comes with scikit-learn",
        KnownSize(train=1_500, test=297, shape=(8, 8, 1), classes=10),
    ),
    "fashion_mnist": DataSource(
        "clothes, grey",
        "four IDX files in ./data",
        KnownSize(train=60_000, test=10_000, shape=(28, 28, 1), classes=10),
    ),
    "folder": DataSource("train/CLASS/*.jpg", "--data FOLDER"),
    "idx": DataSource("files as MNIST has", "--data FOLDER"),
    "mnist": DataSource(
        "handwritten digits",
        "four IDX files in ./data",
        KnownSize(train=60_000, test=10_000, shape=(28, 28, 1), classes=10),
    ),
    "multi_label": DataSource("several labels each", "a folder with labels.csv"),
    "npz": DataSource("x_train, y_train, …", "--data FILE.npz"),
    "synthetic": DataSource("noise, for speed", "always there"),
}
