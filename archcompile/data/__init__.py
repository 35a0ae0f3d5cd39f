"""Pictures to train on. Each source is one file; nothing here replaces data that is missing by other data.

`load` is the way in, `fitted` and `check_classes` compare with the network. This package needs NumPy (pictures in files
also Pillow), so no command that only reads specs may import it.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from archcompile.data import cifar, digits, folder, synthetic
from archcompile.data.cifar_files import FOLDER, find_in
from archcompile.data.dataset import Dataset, Request, Split
from archcompile.data.fit import check_classes, fitted
from archcompile.errors import DataError, UsageError, did_you_mean
from archcompile.recipe.sections import Data

__all__ = ["SOURCES", "Dataset", "Split", "check_classes", "fitted", "load", "resolve"]

SOURCES: Mapping[str, Callable[[Request], Dataset]] = {
    "cifar10": cifar.load,
    "digits": digits.load,
    "folder": folder.load,
    "synthetic": synthetic.load,
}
PLACED = ("cifar10", "folder")  # the sources that lie somewhere on disk
SEARCHED = ("cifar10",)  # of these, the ones looked for where no place is named


def load(source: str, *, data_dir: Path | None = None, wants: Data = Data(), seed: int = 0,
         shape: tuple[int, int, int] | None = None, classes: int | None = None) -> Dataset:  # fmt: skip
    """The dataset that `--data SOURCE` means: a source's name or a path (see `resolve`).

    `holdout` and `seed` split a folder without `test/`; `seed` also makes synthetic pictures. With `shape` (H, W, C)
    the pictures are `fitted` to it in the ways `fit` and `channels` allow, with `classes` their number is checked;
    synthetic pictures need both. Raises UsageError, DataError, MissingError.
    """
    name, place = resolve(source, data_dir)
    holdout, fit, channels = wants.holdout, wants.fit, wants.channels
    dataset = SOURCES[name](Request(place, holdout, seed, shape, classes, fit))
    if classes is not None:
        check_classes(dataset, classes)
    return dataset if shape is None else fitted(dataset, shape, fit, channels)


def resolve(source: str, data_dir: Path | None = None) -> tuple[str, Path | None]:
    """A source's name and the place the user gave for it, if any.

    A known name is that source (for a folder of the same name write ./NAME); anything else is a path, whose kind is
    told by what is there.
    """
    if source in SOURCES:
        if data_dir is not None and source not in PLACED:
            raise UsageError(f"the source `{source}` lies in no folder, so --data-dir has no meaning for it")
        return source, data_dir
    place = Path(source).expanduser()
    if not place.exists():
        if place.name == source:
            raise UsageError(f"the data: expected a source or a path, received `{source}`",
                             hint=did_you_mean(source, SOURCES, "the sources are"))  # fmt: skip
        raise DataError(f"the data: there is no {place}")
    if data_dir is not None:
        raise UsageError(f"--data {source} is a path already, so --data-dir has no meaning for it")
    if (place / "train").is_dir():
        return "folder", place
    if find_in(place) is not None:
        return "cifar10", place
    raise DataError(f"{place} is no data archc knows", hint=f"expected a folder with {folder.LAYOUT}; or CIFAR-10's "
                    f"archive or its folder {FOLDER}")  # fmt: skip
