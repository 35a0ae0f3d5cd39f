"""Which files a folder of images has: `train/CLASS/*.jpg|jpeg|png` and `test/CLASS/…`. Only names
are read here.

What is wrong is collected, not raised, so that `data check` can list all of it; training stops at
the first.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from archcompile.data.holdout import drawn
from archcompile.data.picture import SUFFIXES, BadFile
from archcompile.errors import DataError, nearest, visible

VALIDATIONS = ("val", "validation")  # the first that is there holds the validation set
TESTS = ("test", *VALIDATIONS)  # the first that is there holds the test set
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
LAYOUT = "train/CLASS/*.jpg|jpeg|png, and test/CLASS/… and val/CLASS/…, or one of them, or neither"

Classes = Mapping[str, Sequence[str]]  # the pictures of each class, both sorted


@dataclass(frozen=True, kw_only=True)
class Tree:
    """The pictures of all splits, class by class, by their paths; and what the user should know
    about them.

    `validation` is empty where no folder of the name `validation_from` lies beside a test set.
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
    def parts(self) -> tuple[Classes, ...]:
        """The splits that there are, in the order of the fingerprint."""
        return (
            (self.train, self.test, self.validation)
            if self.validation_from
            else (self.train, self.test)
        )


def listed(root: Path, holdout: float, seed: int, *, skips_validation: bool = False) -> Tree:
    """The tree below `root`; a share is held out where there is no test set. Raises DataError
    without `train`.

    With `skips_validation` a validation set beside a test set is not read.
    """
    if not (root / "train").is_dir():
        raise DataError(f"{root} has no folder `train`", hint=f"the layout expected is {LAYOUT}")
    walk = _Walk(root)
    folders = sorted(path.name for path in root.glob("[!.]*") if path.is_dir())
    tested = next((name for name in TESTS if name in folders), None)
    train = walk.classes(root / "train")
    if tested:
        test = walk.classes(root / tested)
        walk.bad += _unequal(train, test, root / "train", tests=root / tested)
        notes = (
            [] if tested == "test" else [f"no folder `test`: `{tested}` is read as the test set"]
        )
    else:
        train, test = _held_out(train, holdout, seed, bad=walk.bad)
        sizes = [sum(map(len, part.values())) for part in (train, test)]
        notes = [
            f"no folder `test`: {sizes[1]} of {sum(sizes)} pictures are held out to test on "
            f"(holdout {holdout}, "
            f"seed {seed})"
        ]
    validation: Classes = {}
    kept = (
        None
        if tested != "test" or skips_validation
        else next((name for name in VALIDATIONS if name in folders), None)
    )
    if kept is not None:
        validation = walk.classes(root / kept)
        walk.bad += _unequal(train, validation, root / "train", tests=root / kept)
        notes.append(
            f"`{kept}` is the validation set: {sum(map(len, validation.values()))} pictures "
            "choose the best epoch"
        )
    read = ("train", *([kept] if kept else []), tested or "test")
    notes += _left_out(
        read, [str(root / name) for name in folders if name not in read], walk.ignored
    )
    return Tree(
        root=root,
        train=train,
        test=test,
        validation=validation,
        validation_from=kept,
        notes=tuple(notes),
        bad=tuple(walk.bad),
    )


class _Walk:
    """Looks into folders; gathers what is bad, and what is no picture."""

    def __init__(self, root: Path):
        self.root = root
        self.real = root.resolve()
        self.bad: list[BadFile] = []
        self.ignored: list[str] = []

    def classes(self, split: Path) -> Classes:
        before, found = len(self.bad), {}
        for entry in self.entries(split) if self.stays(split) else ():
            if entry.is_dir():
                if not entry.name.isprintable():
                    self.add(entry, "has characters in its name that cannot be shown")
                found[entry.name] = self.pictures(entry.path)
            elif _is_picture(entry.name):
                self.add(entry, "lies outside any class", f"the layout expected is {LAYOUT}")
            else:
                self.ignored.append(entry.path)
        if not found and len(self.bad) == before:
            self.add(split, "holds no class folders", f"the layout expected is {LAYOUT}")
        return found

    def pictures(self, folder: str) -> list[str]:
        before, found = len(self.bad), []
        for entry in self.entries(folder):
            if entry.is_dir():
                self.add(entry, "is a folder inside a class", f"the layout expected is {LAYOUT}")
            elif not _is_picture(entry.name):
                self.ignored.append(entry.path)
            elif not entry.is_file():
                self.add(entry, "is not a plain file")
            else:
                found.append(entry.path)
        if not found and len(self.bad) == before:
            self.add(folder, f"has no picture ({', '.join(SUFFIXES)})")
        return found

    def entries(self, folder: str | Path) -> list[os.DirEntry[str]]:
        """What is in a folder, sorted, without hidden entries and without links that lead out of
        the root.
        """
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            self.add(folder, f"cannot be looked into: {error.strerror or error}")
            return []
        shown = (entry for entry in entries if not entry.name.startswith("."))
        return [entry for entry in shown if not entry.is_symlink() or self.stays(entry)]

    def stays(self, link: os.PathLike[str]) -> bool:
        """Whether a file or folder lies within the root, where links lead."""
        try:
            if Path(link).resolve(strict=True).is_relative_to(self.real):
                return True
            self.add(
                link, f"is a link out of {self.root}: refused", "put the files themselves there"
            )
        except (OSError, RuntimeError):  # RuntimeError: how Python up to 3.12 tells of a loop
            self.add(link, "is a link that leads nowhere")
        return False

    def add(self, file: str | os.PathLike[str], reason: str, hint: str | None = None) -> None:
        self.bad.append(BadFile(file, reason, hint=hint))


def _is_picture(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in SUFFIXES


def _unequal(train: Classes, test: Classes, trains: Path, *, tests: Path) -> Iterator[BadFile]:
    """The classes that only one of the splits has."""
    for one, other, here, there in ((train, test, trains, tests), (test, train, tests, trains)):
        for name in one:
            if name not in other:
                near = nearest(name, other)
                yield BadFile(
                    here / name,
                    f"is a class that {there} does not have",
                    hint=f"did you mean {visible(near)}?" if near else None,
                )


def _held_out(
    files: Classes, holdout: float, seed: int, *, bad: list[BadFile]
) -> tuple[Classes, Classes]:
    """Training and test files: of each class the same share is held out, at least one picture and
    never all.
    """
    train, test = {}, {}
    for index, (name, pictures) in enumerate(files.items()):
        if len(pictures) == 1:
            bad.append(
                BadFile(
                    pictures[0],
                    f"is the only picture of the class {visible(name)}: none is left to test on",
                    hint="add pictures, or a folder `test`",
                )
            )
        count = min(max(round(len(pictures) * holdout), 1), max(len(pictures) - 1, 0))
        held = set(drawn(seed, index, len(pictures), count=count).tolist())
        test[name] = [picture for i, picture in enumerate(pictures) if i in held]
        train[name] = [picture for i, picture in enumerate(pictures) if i not in held]
    return train, test


def _left_out(read: Sequence[str], beside: Sequence[str], ignored: Sequence[str]) -> Iterator[str]:
    """A sentence for each kind of thing in the folder that is not read."""
    others: list[str] = []
    rest: list[str] = []
    for path in ignored:
        (others if os.path.splitext(path)[1].lower() in OTHER_FORMATS else rest).append(path)
    for what, found in (
        (
            f"folders ignored, only {', '.join(f'`{name}`' for name in read[:-1])} and "
            f"`{read[-1]}` being read",
            beside,
        ),
        ("pictures ignored, being neither JPEG nor PNG", others),
        ("files ignored, being no pictures", rest),
    ):
        if found:
            yield f"{what}: {len(found)} ({visible(found[0])}{', …' if found[1:] else ''})"
