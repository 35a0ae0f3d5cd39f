"""Which files a folder of images has: `train/CLASS/*.jpg|jpeg|png` and `test/CLASS/…`.

This module reads only names. It collects what is wrong instead of raising it, so that `data check`
can list all of it; training stops at the first.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from archcompile.data.holdout import draw_held_out
from archcompile.data.image import SUFFIXES, BadFile
from archcompile.errors import DataError, nearest, visible

VALIDATIONS = ("val", "validation")  # the first that exists holds the validation set
TESTS = ("test", *VALIDATIONS)  # the first that exists holds the test set
OTHER_FORMATS = (
    ".avif",
    ".bmp",
    ".gif",
    ".heic",
    ".jfif",
    ".jp2",
    ".pgm",
    ".ppm",
    ".tga",
    ".tif",
    ".tiff",
    ".webp",
)
LAYOUT = "train/CLASS/*.jpg|jpeg|png, optionally with test/CLASS/… and val/CLASS/…"

Classes = Mapping[str, Sequence[str]]  # the images of each class, both sorted


@dataclass(frozen=True, kw_only=True)
class Tree:
    """The paths of the images of all splits, class by class, and what the user should know.

    `validation` is empty, and `validation_from` None, where there is no folder for it beside a test
    set.
    """

    root: Path
    train: Classes
    test: Classes
    validation: Classes
    validation_from: str | None
    notes: tuple[str, ...]
    bad: tuple[BadFile, ...]

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(self.train)

    @property
    def paths(self) -> list[str]:
        """The images of all splits."""
        return [path for part in self.parts for path in paths(part)]

    @property
    def parts(self) -> tuple[Classes, ...]:
        """The splits, in the order of the fingerprint."""
        if self.validation_from:
            return self.train, self.test, self.validation
        return self.train, self.test


def paths(part: Classes) -> list[str]:
    """The images of a split."""
    return [path for images in part.values() for path in images]


def read_tree(root: Path, holdout: float, seed: int, *, skips_validation: bool = False) -> Tree:
    """The tree below `root`; a fraction is held out where there is no test set.

    With `skips_validation` a validation set beside a test set is not read. Raises DataError without
    a folder `train`.
    """
    if not (root / "train").is_dir():
        raise DataError(f"{root} has no folder `train`", hint=f"the layout expected is {LAYOUT}")
    walk = _Walk(root)
    folders = sorted(path.name for path in root.glob("[!.]*") if path.is_dir())
    test_name = next((name for name in TESTS if name in folders), None)
    train = walk.classes(root / "train")
    notes = []
    if test_name:
        test = walk.beside_train(train, test_name)
        if test_name != "test":
            notes.append(f"no folder `test`: `{test_name}` is read as the test set")
    else:
        train, test = _hold_out(train, holdout, seed, bad=walk.bad)
        sizes = [sum(map(len, part.values())) for part in (train, test)]
        notes.append(
            f"no folder `test`: {sizes[1]} of {sum(sizes)} images are held out for testing "
            f"(holdout {holdout}, seed {seed})"
        )
    validation: Classes = {}
    validation_name = None
    if test_name == "test" and not skips_validation:
        validation_name = next((name for name in VALIDATIONS if name in folders), None)
    if validation_name is not None:
        validation = walk.beside_train(train, validation_name)
        notes.append(
            f"`{validation_name}` is the validation set: "
            f"{sum(map(len, validation.values()))} images choose the best epoch"
        )
    read = [name for name in ("train", validation_name, test_name or "test") if name]
    beside = [str(root / name) for name in folders if name not in read]
    notes += _tell_left_out(read, beside, walk.ignored)
    return Tree(
        root=root,
        train=train,
        test=test,
        validation=validation,
        validation_from=validation_name,
        notes=tuple(notes),
        bad=tuple(walk.bad),
    )


class _Walk:
    """Looks into folders; collects what is bad, and what is no image."""

    def __init__(self, root: Path):
        self.root = root
        self.real = root.resolve()
        self.bad: list[BadFile] = []
        self.ignored: list[str] = []

    def classes(self, split: Path) -> Classes:
        before, classes = len(self.bad), {}
        for entry in self.entries(split) if self.is_inside(split) else ():
            if entry.is_dir():
                if not entry.name.isprintable():
                    self.add(entry, "has characters in its name that cannot be shown")
                classes[entry.name] = self.images(entry.path)
            elif _is_image(entry.name):
                self.add(entry, "is outside any class", f"the layout expected is {LAYOUT}")
            else:
                self.ignored.append(entry.path)
        if not classes and len(self.bad) == before:
            self.add(split, "holds no class folders", f"the layout expected is {LAYOUT}")
        return classes

    def beside_train(self, train: Classes, name: str) -> Classes:
        """Another split, which must have the classes of `train`."""
        classes = self.classes(self.root / name)
        self.bad += _unequal(train, classes, self.root / "train", tests=self.root / name)
        return classes

    def images(self, folder: str) -> list[str]:
        before, paths = len(self.bad), []
        for entry in self.entries(folder):
            if entry.is_dir():
                self.add(entry, "is a folder inside a class", f"the layout expected is {LAYOUT}")
            elif not _is_image(entry.name):
                self.ignored.append(entry.path)
            elif not entry.is_file():
                self.add(entry, "is not a plain file")
            else:
                paths.append(entry.path)
        if not paths and len(self.bad) == before:
            self.add(folder, f"has no image ({', '.join(SUFFIXES)})")
        return paths

    def entries(self, folder: str | Path) -> list[os.DirEntry[str]]:
        """The entries of a folder, sorted, but hidden ones and links that lead out of the root."""
        try:
            with os.scandir(folder) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError as error:
            self.add(folder, f"cannot be read: {error.strerror or error}")
            return []
        shown = (entry for entry in entries if not entry.name.startswith("."))
        return [entry for entry in shown if not entry.is_symlink() or self.is_inside(entry)]

    def is_inside(self, link: os.PathLike[str]) -> bool:
        """Whether a file or folder is within the root, links followed; else it is noted."""
        try:
            if Path(link).resolve(strict=True).is_relative_to(self.real):
                return True
            self.add(
                link,
                f"is a link out of {self.root}: refused",
                "put the files themselves there instead",
            )
        except (OSError, RuntimeError):  # RuntimeError: how Python up to 3.12 tells of a loop
            self.add(link, "is a broken link")
        return False

    def add(self, file: str | os.PathLike[str], reason: str, hint: str | None = None) -> None:
        self.bad.append(BadFile(file, reason, hint=hint))


def _is_image(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in SUFFIXES


def _unequal(train: Classes, test: Classes, trains: Path, *, tests: Path) -> Iterator[BadFile]:
    """The classes that only one of the splits has."""
    yield from _missing(train, trains, test, other_folder=tests)
    yield from _missing(test, tests, train, other_folder=trains)


def _missing(
    split: Classes, folder: Path, other_split: Classes, *, other_folder: Path
) -> Iterator[BadFile]:
    """The classes of a split, in `folder`, that the other split does not have."""
    for name in split:
        if name not in other_split:
            near = nearest(name, other_split)
            yield BadFile(
                folder / name,
                f"is a class that {other_folder} does not have",
                hint=f"did you mean {visible(near)}?" if near else None,
            )


def _hold_out(
    files: Classes, holdout: float, seed: int, *, bad: list[BadFile]
) -> tuple[Classes, Classes]:
    """Training and test files: of each class the same fraction is held out.

    It is at least one image, and never all.
    """
    train, test = {}, {}
    for index, (name, images) in enumerate(files.items()):
        if len(images) == 1:
            bad.append(
                BadFile(
                    images[0],
                    f"is the only image of the class {visible(name)}, so none is left for testing",
                    hint="add images, or a folder `test`",
                )
            )
        count = min(max(round(len(images) * holdout), 1), max(len(images) - 1, 0))
        held = set(draw_held_out(seed, index, len(images), count=count).tolist())
        test[name] = [image for i, image in enumerate(images) if i in held]
        train[name] = [image for i, image in enumerate(images) if i not in held]
    return train, test


def _tell_left_out(
    read: Sequence[str], beside: Sequence[str], ignored: Sequence[str]
) -> Iterator[str]:
    """A sentence for each kind of thing in the folder that is not read."""
    images = [path for path in ignored if _has_other_format(path)]
    rest = [path for path in ignored if not _has_other_format(path)]
    names = ", ".join(f"`{name}`" for name in read[:-1])
    for what, paths in (
        (f"folders ignored; only {names} and `{read[-1]}` are read", beside),
        ("images ignored, neither JPEG nor PNG", images),
        ("other files ignored", rest),
    ):
        if paths:
            more = ", …" if len(paths) > 1 else ""
            yield f"{what}: {len(paths)} ({visible(paths[0])}{more})"


def _has_other_format(path: str) -> bool:
    return os.path.splitext(path)[1].lower() in OTHER_FORMATS
