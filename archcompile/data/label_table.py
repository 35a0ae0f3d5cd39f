"""The table of a folder of images that may each have several labels: `labels.csv`.

Its head is `path`, perhaps `split`, and a name for each label; a row is an image: its path below
the folder, one of SPLITS, and 1 for each label that it has, 0 for each that it has not. What is
wrong is collected with its line and column instead of raised, so that `data check` can list all of
it.
"""

import csv
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from archcompile.data.holdout import shuffle
from archcompile.data.image import SUFFIXES, BadFile
from archcompile.errors import did_you_mean, visible

TABLE = "labels.csv"
LAYOUT = f"{TABLE} with the columns path,LABEL,LABEL,…, and the images that it names"
SPLITS = ("train", "test", "validation")
VALUES = {"0": 0, "1": 1}
Place = tuple[int, int]  # a line and a column, counted from 1


class BadCell(BadFile):
    """A cell of the table that cannot be used."""

    def __init__(self, file: Path, place: Place, reason: str, *, hint: str | None = None):
        line, column = place
        super().__init__(f"{file}:{line}:{column}", reason, hint=hint)
        self.message = f"{visible(self.file)}: {reason}"


@dataclass(frozen=True)
class LabelledImages:
    """The images of a split, in the order of the table; `labels` are int64 (N, classes)."""

    paths: Sequence[str]
    labels: np.ndarray


@dataclass(frozen=True, kw_only=True)
class LabelTable:
    """The images of all splits; `validation` is None where the table has none."""

    root: Path
    classes: tuple[str, ...]
    train: LabelledImages
    test: LabelledImages
    validation: LabelledImages | None
    notes: tuple[str, ...]
    bad: tuple[BadFile, ...]

    @property
    def parts(self) -> tuple[LabelledImages, ...]:
        """The splits, in the order of the fingerprint."""
        parts = (self.train, self.test)
        return parts if self.validation is None else (*parts, self.validation)

    @property
    def paths(self) -> list[str]:
        """The images of all splits."""
        return [path for part in self.parts for path in part.paths]


@dataclass(frozen=True)
class _Row:
    path: str
    split: str
    labels: tuple[int, ...]


def read_label_table(root: Path, holdout: float, seed: int) -> LabelTable:
    """The table of a folder; a fraction of the images is held out where it names no test images.

    Raises DataError where there is no table, or its head cannot be used.
    """
    file = root / TABLE
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise BadFile(file, "is not UTF-8 text") from error
    except OSError as error:
        raise BadFile(
            file,
            f"cannot be read: {error.strerror or error}",
            hint=f"the layout expected is {LAYOUT}",
        ) from error
    reader = _Reader(root, file)
    head = reader.read_head(lines[0] if lines else "")
    rows = [row for number, line in enumerate(lines[1:], 2) if (row := reader.read(number, line))]
    by_split: dict[str, list[_Row]] = {name: [] for name in SPLITS}
    for row in rows:
        by_split[row.split].append(row)
    notes = []
    if not by_split["test"]:
        train, test = _hold_out(by_split["train"], holdout, seed)
        by_split |= {"train": train, "test": test}
        notes.append(
            f"no test images in {TABLE}: {len(test)} of {len(train) + len(test)} images are held "
            f"out for testing (seed {seed})"
        )
    for name in ("train", "test"):
        if not by_split[name] and not reader.bad:
            reader.bad.append(BadFile(file, f"names no image of the split `{name}`"))
    parts = {name: _images(part, len(head)) for name, part in by_split.items()}
    return LabelTable(
        root=root,
        classes=head,
        train=parts["train"],
        test=parts["test"],
        validation=parts["validation"] if by_split["validation"] else None,
        notes=tuple(notes),
        bad=tuple(reader.bad),
    )


class _Reader:
    """Reads a table line by line; collects what is wrong with its rows."""

    def __init__(self, root: Path, file: Path) -> None:
        self.root, self.file, self.real = root, file, root.resolve()
        self.bad: list[BadFile] = []
        self.width, self.first = 0, 1  # cells of a row, and the place of the first label
        self.lines: dict[str, int] = {}  # where each path stands

    def read_head(self, line: str) -> tuple[str, ...]:
        """The labels. Raises BadCell at the first name that cannot be one."""
        cells = self._cells(1, line)
        if not cells or cells[0][1] != "path":
            given = visible(cells[0][1]) if cells else ""
            raise self._error((1, 1), f"expected the column `path` first, got `{given}`", LAYOUT)
        self.first = 2 if [text for _, text in cells[1:2]] == ["split"] else 1
        self.width, names = len(cells), cells[self.first :]
        seen: set[str] = set()
        for column, name in names:
            if not name or not name.isprintable() or name != name.strip():
                raise self._error((1, column), f"`{visible(name)}` is no name of a label")
            if name in seen:
                raise self._error((1, column), f"the label `{name}` has a column already")
            seen.add(name)
        if len(names) < 2:
            raise self._error(
                (1, 1),
                f"expected at least two labels, got {len(names)}",
                "one label, there or not, is two classes: folders train/CLASS/… hold them",
            )
        return tuple(name for _, name in names)

    def read(self, number: int, line: str) -> _Row | None:
        """A row; None for an empty line, and for one that is wrong."""
        if not line.strip():
            return None
        before, cells = len(self.bad), self._cells(number, line)
        if len(cells) != self.width:
            self._add((number, 1), f"expected {self.width} cells as in the head, got {len(cells)}")
            return None
        path = self._path(number, cells[0][1])
        split = self._split(number, *cells[1]) if self.first == 2 else "train"
        labels = []
        for column, text in cells[self.first :]:
            if text.strip() not in VALUES:
                self._add((number, column), f"expected 0 or 1, got `{visible(text)}`")
            labels.append(VALUES.get(text.strip(), 0))
        if len(self.bad) > before or path is None or split is None:
            return None
        return _Row(path, split, tuple(labels))

    def _path(self, number: int, text: str) -> str | None:
        """The file of an image, None where it cannot be used."""
        if text in self.lines:
            self._add((number, 1), f"{visible(text)} is in line {self.lines[text]} already")
            return None
        self.lines[text] = number
        path = self.root / text
        if os.path.splitext(text)[1].lower() not in SUFFIXES:
            self._add((number, 1), f"`{visible(text)}` is no image ({', '.join(SUFFIXES)})")
        elif os.path.isabs(text) or not path.resolve().is_relative_to(self.real):
            self._add((number, 1), f"{visible(text)} leads out of {self.root}: refused")
        elif not path.is_file():
            self._add((number, 1), f"there is no file {visible(text)} in {self.root}")
        else:
            return str(path)
        return None

    def _split(self, number: int, column: int, text: str) -> str | None:
        if text in SPLITS:
            return text
        hint = did_you_mean(text, SPLITS, "the splits are")
        self._add((number, column), f"there is no split `{visible(text)}`", hint)
        return None

    def _cells(self, number: int, line: str) -> list[tuple[int, str]]:
        """The cells of a line, each with its column. Raises BadCell where it has none."""
        if not line:
            return []
        try:
            texts = next(csv.reader([line], strict=True), [])
        except csv.Error as error:
            raise self._error((number, 1), f"is no line of a table: {error}") from None
        return list(zip(_starts(line), texts, strict=True))

    def _add(self, place: Place, reason: str, hint: str | None = None) -> None:
        self.bad.append(self._error(place, reason, hint))

    def _error(self, place: Place, reason: str, hint: str | None = None) -> BadCell:
        return BadCell(self.file, place, reason, hint=hint)


def _starts(line: str) -> Iterator[int]:
    """The columns, from 1, at which the cells of a line begin; commas in quotes end none."""
    yield 1
    start, is_quoted = 1, False
    for column, letter in enumerate(line, 1):
        if letter == '"' and line[start - 1] == '"':
            is_quoted = not is_quoted
        if letter == "," and not is_quoted:
            start = column + 1
            yield start


def _hold_out(rows: Sequence[_Row], holdout: float, seed: int) -> tuple[list[_Row], list[_Row]]:
    """Training and test images: at least one of each where there are two."""
    count = min(max(round(len(rows) * holdout), 1), max(len(rows) - 1, 0))
    held = set(shuffle(seed, 0, len(rows))[:count].tolist())
    return (
        [row for i, row in enumerate(rows) if i not in held],
        [row for i, row in enumerate(rows) if i in held],
    )


def _images(rows: Sequence[_Row], classes: int) -> LabelledImages:
    labels = np.array([row.labels for row in rows], np.int64).reshape(len(rows), classes)
    return LabelledImages([row.path for row in rows], labels)
