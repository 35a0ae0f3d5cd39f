"""What a run takes pictures for."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from archcompile.data import BadFile, Shape, Split, fit_picture, foreign, held_size
from archcompile.errors import DataError, UsageError, visible
from archcompile.inference.evaluation import scores
from archcompile.recipe import Data
from archcompile.run_folder import saved as runs

NAMED = 3  # pictures that a sentence names

Say = Callable[[str], None]
Record = dict[str, Any]


def to_stderr(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class BadPictures(DataError):
    """Every picture that cannot be used."""

    def __init__(self, errors: Sequence[DataError], of: int):
        self.errors = errors
        told = [error.message for error in errors]
        super().__init__(
            told[0]
            if len(told) == 1
            else "\n".join([f"{len(told)} of {of} pictures cannot be used:", *told]),
            hint=errors[0].hint,
        )

    def records(self) -> list[dict[str, str | int | None]]:
        return [record for error in self.errors for record in error.records()]


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """A picture as the run's data are held, uint8 (H, W, C), and what was done to it. `size` is its
    own (height, width).
    """

    path: Path
    size: tuple[int, int]
    pixels: np.ndarray
    changes: tuple[str, ...]


def predict(
    path: str | Path,
    images: Sequence[str | Path],
    *,
    top: int = 5,
    which: str = "last",
    say: Say = to_stderr,
) -> Record:
    """The `top` most probable classes of each picture, as a record; a folder stands for the
    pictures in it.

    Pictures go through the run's own fitting and preprocessing. All are read before the network is
    built; what was changed beyond what the recipe says is told. Raises UsageError, DataError
    (`BadPictures` naming all that cannot be used).
    """
    saved = runs.read(path, which, say)
    height, width, channels = saved.graph.input_shape
    if channels not in (1, 3):
        raise UsageError(
            f"the network takes pictures of {channels} channels, and files hold grey ones or RGB"
        )
    found = read(images, (height, width, channels), saved.recipe.data)
    for sentence in told(found):
        say(sentence)
    if saved.chosen_on:
        say(f"epoch {saved.checkpoint.state.epoch}, chosen on the {saved.chosen_on}")
    pixels = np.stack([one.pixels for one in found])
    # no labels: the figures mean nothing
    _, probabilities = scores(saved, Split(pixels, np.zeros(len(found), np.int64)))
    answers = [
        _answer(one, row, saved.classes, top=top)
        for one, row in zip(found, probabilities, strict=True)
    ]
    return {
        "run": str(saved.run.path),
        "name": saved.graph.name,
        "hash": saved.graph.hash,
        "checkpoint": which,
        "epoch": saved.checkpoint.state.epoch,
        "step": saved.checkpoint.state.step,
        "chosen_on": saved.chosen_on,
        "images": answers,
    }


def read(images: Iterable[str | Path], shape: Shape, wants: Data) -> list[Fitted]:
    """All pictures, fitted to a network's input (H, W, C), with `fit: crop` to its canvas. Raises
    UsageError, BadPictures.
    """
    paths = [file for given in images for file in foreign.files(Path(given))]
    found, bad = [], []
    for path in paths:
        try:
            found.append(_fitted(path, shape, wants))
        except DataError as error:
            bad.append(error)
    if bad:
        raise BadPictures(bad, len(paths))
    return found


def _fitted(path: Path, shape: Shape, wants: Data) -> Fitted:
    picture = foreign.read(path, shape[2])
    height, width, _ = picture.pixels.shape
    changes = picture.changes
    if wants.channels == "repeat":
        changes = tuple(change for change in changes if change != foreign.REPEATED)
    if wants.fit is None and (height, width) != shape[:2]:
        changes = (
            *changes,
            f"resized to {shape[0]}x{shape[1]}, since the recipe has no `data.fit`",
        )
    try:
        pixels = fit_picture(picture.pixels, held_size(shape, wants), wants.fit or "resize")
    except DataError as error:
        raise BadFile(
            path, f"does not fit: {error.message}", hint="the run's recipe has `data.fit: pad`"
        ) from error
    return Fitted(path=path, size=(height, width), pixels=pixels, changes=changes)


def told(found: Sequence[Fitted]) -> list[str]:
    """A sentence for each kind of change, with the pictures it befell."""
    kinds: dict[str, list[Path]] = {}
    for one in found:
        for change in one.changes:
            kinds.setdefault(change, []).append(one.path)
    return [f"{change}: {_named(paths)}" for change, paths in kinds.items()]


def _named(paths: Sequence[Path]) -> str:
    rest = len(paths) - NAMED
    return ", ".join(visible(str(path)) for path in paths[:NAMED]) + (
        f" and {rest} more" if rest > 0 else ""
    )


def _answer(
    one: Fitted, probabilities: np.ndarray, classes: Sequence[str], *, top: int
) -> Mapping[str, Any]:
    best = np.argsort(-probabilities, kind="stable")[:top]
    return {
        "image": str(one.path),
        "height": one.size[0],
        "width": one.size[1],
        "changes": list(one.changes),
        "predictions": [
            {"class": classes[i], "probability": float(probabilities[i])} for i in best
        ],
    }
