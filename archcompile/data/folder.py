"""A folder of images (see `tree.LAYOUT`), held in memory or streamed; without a test set, a part of
`train/` is held out.

Classes are the folders' names, sorted.
"""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

import numpy as np

from archcompile.data.dataset import Dataset, Digest, Request, Split
from archcompile.data.fit import fit_picture, held_size
from archcompile.data.image_store import ImageFiles
from archcompile.data.picture import BadFile, decode, header
from archcompile.data.tree import Classes, Tree, listed
from archcompile.errors import DataError, UsageError

SAMPLE = 1000  # headers of a stream that are looked at for an EXIF orientation
MEMORY = (
    4 << 30
    # bytes of pictures beyond which they are streamed: half of the memory of a machine that has
    # little
)


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What the headers of pictures say: the first picture of each (H, W), and how many are grey and
    in colour.
    """

    sizes: dict[tuple[int, int], str]
    grey: int
    colour: int
    turned: int = 0  # have an EXIF orientation, which is not applied

    @property
    def channels(self) -> int:
        return 3 if self.colour else 1

    @property
    def size(self) -> tuple[int, int] | None:
        """(H, W), None where pictures differ in it."""
        return next(iter(self.sizes)) if len(self.sizes) == 1 else None

    def shape(self, count: int) -> tuple[int, ...]:
        """Of so many of the pictures, as `Digest.begin` takes it."""
        return (count, *self.size, self.channels) if self.size else (count, self.channels)


@dataclass(frozen=True)
class Form:
    """What every picture becomes: (H, W), channels, and how those of another size get there (None:
    there are none).
    """

    size: tuple[int, int]
    channels: int
    fit: str | None

    @property
    def shape(self) -> tuple[int, int, int]:
        return *self.size, self.channels

    def decode(self, path: str) -> np.ndarray:
        """One picture, uint8 (H, W, C). Raises BadFile."""
        return self.fitted(path, decode(path, self.channels))

    def fitted(self, path: str, picture: np.ndarray) -> np.ndarray:
        if self.fit is None and picture.shape[:2] != self.size:
            height, width = picture.shape[:2]
            raise BadFile(
                path,
                f"is {height}x{width}, not {self.size[0]}x{self.size[1]} (height x width) any more",
            )
        try:
            return fit_picture(picture, self.size, self.fit or "")
        except DataError as error:
            raise BadFile(path, f"does not fit: {error.message}", hint=error.hint) from error


def load(request: Request) -> Dataset:
    """Both splits, uint8 (N, H, W, C): C is 1 if all pictures are grey, else 3. Raises DataError
    naming the file.

    With `wants.fit` and `shape`, pictures of other sizes are fitted as they are read. In memory,
    every picture is decoded here. Streamed ones are not: then only names, sizes in bytes and as
    many headers as the form takes are read here (all of them without a `fit`, else up to the first
    picture in colour), and whether a picture can be read at all is known when it is.
    """
    root, wants = request.place, request.wants
    if root is None:
        raise UsageError(
            "a folder of images needs its path",
            hint="--data PATH, or --data folder --data-dir PATH",
        )
    tree = listed(root, wants.holdout, request.seed, skips_validation=request.skips_validation)
    if tree.bad:
        raise tree.bad[0]
    form, survey, streams = _form(tree, request)
    if streams or survey is None:
        splits = [_streamed(part, form) for part in tree.parts]
        content, notes = (
            listing(tree),
            [*tree.notes, "pictures are read from their files as they are needed"],
        )
    else:
        digest = Digest(tree.classes)
        splits = [_held(part, form, survey, digest=digest) for part in tree.parts]
        content, notes = digest.hex(), [*tree.notes]
        if survey.grey and survey.colour:
            notes.append(f"grey pictures read as RGB, like the others: {survey.grey}")
    notes += orientation(survey or _sampled(tree))
    train, test, *validation = splits
    return Dataset(
        name="folder",
        label=f"folder {root.resolve().name}",
        train=train,
        test=test,
        classes=tree.classes,
        fingerprint=content,
        place=str(root),
        fit=form.fit,
        notes=tuple(notes),
        validation=validation[0] if validation else None,
        validation_from=tree.validation_from,
    )


def orientation(survey: Survey) -> list[str]:
    """What is to be said of pictures that other programs show turned."""
    if not survey.turned:
        return []
    return [
        f"EXIF orientation not applied: {survey.turned} of {survey.grey + survey.colour} "
        "pictures are read as stored, and "
        "other programs show them turned or mirrored"
    ]


def _sampled(tree: Tree) -> Survey:
    """Headers of pictures that are streamed, evenly among all: of so many that no beginning waits
    for them.
    """
    pictures = [picture for part in tree.parts for picture in paths(part)]
    return surveyed(pictures[:: -(-len(pictures) // SAMPLE)], {})


def listing(tree: Tree) -> str:
    """The fingerprint of files that are not read: `listing:` and a sha256 (hex).

    It is over class names, and of each picture of all splits the path below the root, size in bytes
    and label.
    """
    digest = hashlib.sha256()
    for name in tree.classes:
        digest.update(repr(name).encode())
    for part in tree.parts:
        for label, pictures in enumerate(part.values()):
            for path in pictures:
                try:
                    size = os.stat(path).st_size
                except OSError as error:
                    raise BadFile(
                        path, f"cannot be looked at: {error.strerror or error}"
                    ) from error
                digest.update(
                    os.fsencode(os.path.relpath(path, tree.root)) + f"\0{size}\0{label}\0".encode()
                )
    return f"listing:{digest.hexdigest()}"


def paths(part: Classes) -> list[str]:
    return [picture for pictures in part.values() for picture in pictures]


def surveyed(pictures: Iterable[str], bad: dict[str, BadFile] | None = None) -> Survey:
    """Reads all headers. A file without a good one raises BadFile, or goes to `bad`, by its
    name.
    """
    sizes: dict[tuple[int, int], str] = {}
    counts, turned = {True: 0, False: 0}, 0
    for path in pictures:
        try:
            found = header(path)
        except BadFile as error:
            if bad is None:
                raise
            bad[path] = error
            continue
        sizes.setdefault(found.size, path)
        counts[found.is_grey] += 1
        turned += found.is_turned
    return Survey(sizes=sizes, grey=counts[True], colour=counts[False], turned=turned)


def _form(tree: Tree, request: Request) -> tuple[Form, Survey | None, bool]:
    """The form of all pictures, what their headers say (None: not all were read), and whether they
    are to be streamed.
    """
    pictures, wants = [picture for part in tree.parts for picture in paths(part)], request.wants
    target = (
        held_size(request.shape, wants)
        if request.shape is not None and wants.fit is not None
        else None
    )
    if target is not None and wants.stream is not False:
        form = Form(target, 1 if all(header(path).is_grey for path in pictures) else 3, wants.fit)
        if _streams(len(pictures), form, wants.stream):
            return form, None, True
    survey = surveyed(pictures)
    if target is not None:
        same = wants.fit != "crop" and survey.size == target
        return Form(target, survey.channels, None if same else wants.fit), survey, False
    if survey.size is None:
        (one, first), (other, second) = list(survey.sizes.items())[:2]
        raise DataError(
            f"the pictures differ in size: {first} is {one[0]}x{one[1]}, {second} is "
            f"{other[0]}x{other[1]} "
            "(height x width)",
            hint="--set data.fit=resize, or =crop to keep the aspect ratio, or =pad for a "
            "black border",
        )
    form = Form(survey.size, survey.channels, None)
    return form, survey, _streams(len(pictures), form, wants.stream)


def _streams(count: int, form: Form, wanted: bool | None) -> bool:
    return count * prod(form.shape) > MEMORY if wanted is None else wanted


def labels(part: Classes) -> np.ndarray:
    return np.repeat(
        np.arange(len(part), dtype=np.int64), [len(pictures) for pictures in part.values()]
    )


def _streamed(part: Classes, form: Form) -> Split:
    return Split(ImageFiles(tuple(paths(part)), form.shape, form.decode), labels(part))


def _held(part: Classes, form: Form, survey: Survey, *, digest: Digest) -> Split:
    """All pictures of a split; the digest is fed with them as they are before fitting."""
    pictures = paths(part)
    try:
        images = np.empty((len(pictures), *form.shape), np.uint8)
    except MemoryError as error:
        raise DataError(
            f"{len(pictures)} pictures of {form.shape} do not fit into memory",
            hint="--set data.stream=true",
        ) from error
    digest.begin(survey.shape(len(pictures)))
    for place, path in zip(images, pictures, strict=True):
        picture = decode(path, survey.channels)
        digest.add(picture)
        place[:] = form.fitted(path, picture)
    digest.end(labels(part))
    return Split(images, labels(part))
