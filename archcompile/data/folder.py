"""A folder of images (see `folder_layout.LAYOUT`), held in memory or streamed.

Without a test set, a part of `train/` is held out. Classes are the folders' names, sorted.
"""

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from archcompile.data.dataset import DataRequest, Dataset, Digest, Split
from archcompile.data.fit import fit_image, held_size
from archcompile.data.folder_layout import Classes, Tree, paths, read_tree
from archcompile.data.image import BadFile, decode, header
from archcompile.data.image_store import ImageFiles, is_streamed
from archcompile.errors import DataError, UsageError

SAMPLE = 1000  # headers of a stream that are looked at for an EXIF orientation


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What the headers of images say.

    `sizes` has the first image of each (H, W); the rest are numbers of images.
    """

    sizes: dict[tuple[int, int], str]
    grey: int
    colour: int
    turned: int = 0  # with an EXIF orientation, which is not applied

    @property
    def channels(self) -> int:
        return 3 if self.colour else 1

    @property
    def size(self) -> tuple[int, int] | None:
        """(H, W), None where images differ in it."""
        return next(iter(self.sizes)) if len(self.sizes) == 1 else None

    def shape(self, count: int) -> tuple[int, ...]:
        """The shape of `count` of the images, as `Digest.begin` takes it."""
        return (count, *self.size, self.channels) if self.size else (count, self.channels)


@dataclass(frozen=True)
class Form:
    """What every image becomes; `fit` is how those of another size get there (None: none)."""

    size: tuple[int, int]
    channels: int
    fit: str | None

    @property
    def shape(self) -> tuple[int, int, int]:
        return *self.size, self.channels

    def decode(self, path: str) -> np.ndarray:
        """An image, uint8 (H, W, C). Raises BadFile."""
        return self.fit_image(path, decode(path, self.channels))

    def fit_image(self, path: str, image: np.ndarray) -> np.ndarray:
        if self.fit is None and image.shape[:2] != self.size:
            height, width = image.shape[:2]
            raise BadFile(
                path,
                f"is now {height}x{width}, no longer {self.size[0]}x{self.size[1]} (height x "
                "width)",
            )
        try:
            return fit_image(image, self.size, self.fit or "")
        except DataError as error:
            raise BadFile(path, f"does not fit: {error.message}", hint=error.hint) from error


def load(request: DataRequest) -> Dataset:
    """All splits, uint8 (N, H, W, C): C is 1 if all images are grey, else 3.

    With `wants.fit` and `shape`, images of other sizes are fitted as they are read. To hold images
    in memory, this decodes every one. To stream them, it reads only names, sizes in bytes and as
    many headers as the form takes: all of them without a `fit`, else those up to the first image in
    colour. Whether an image can be decoded then turns out when it is. Raises DataError naming the
    file.
    """
    root, wants = request.place, request.wants
    if root is None:
        raise UsageError(
            "a folder of images needs its path",
            hint="--data PATH, or --data folder --data-dir PATH",
        )
    tree = read_tree(root, wants.holdout, request.seed, skips_validation=request.skips_validation)
    if tree.bad:
        raise tree.bad[0]
    form, survey, streams = form_of(tree.paths, request)
    if streams or survey is None:
        splits = [_stream_split(part, form) for part in tree.parts]
        content = listing(tree)
        notes = [*tree.notes, "images are read from their files as they are needed"]
    else:
        digest = Digest(tree.classes)
        splits = [_in_memory(part, form, survey, digest=digest) for part in tree.parts]
        content, notes = digest.hex(), [*tree.notes]
        if survey.grey and survey.colour:
            notes.append(f"grey images read as RGB, like the others: {survey.grey}")
    notes += orientation(survey or sample_headers(tree.paths))
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
    """What the user should know of images that other programs show turned."""
    if not survey.turned:
        return []
    return [
        f"EXIF orientation not applied: {survey.turned} of {survey.grey + survey.colour} "
        "images are read as stored, and other programs show them turned or mirrored"
    ]


def sample_headers(images: Sequence[str]) -> Survey:
    """Headers of a sample of streamed images, evenly spread: all would delay the start."""
    every = ceil(len(images) / SAMPLE)
    return survey_images(images[::every], {})


def listing(tree: Tree) -> str:
    """The fingerprint of files that are not read: `listing:` and a sha256 (hex).

    It is over class names, and for each image of all splits the path below the root, the size in
    bytes and the label.
    """
    digest = hashlib.sha256()
    for name in tree.classes:
        digest.update(repr(name).encode())
    for part in tree.parts:
        for label, images in enumerate(part.values()):
            for path in images:
                below_root = os.fsencode(os.path.relpath(path, tree.root))
                digest.update(below_root + f"\0{size_of(path)}\0{label}\0".encode())
    return f"listing:{digest.hexdigest()}"


def size_of(path: str) -> int:
    """In bytes. Raises BadFile."""
    try:
        return os.stat(path).st_size
    except OSError as error:
        raise BadFile(path, f"cannot be read: {error.strerror or error}") from error


def survey_images(images: Iterable[str], bad: dict[str, BadFile] | None = None) -> Survey:
    """Reads all headers. A bad file raises BadFile, or goes to `bad`, by its name."""
    sizes: dict[tuple[int, int], str] = {}
    counts, turned = {True: 0, False: 0}, 0
    for path in images:
        try:
            image = header(path)
        except BadFile as error:
            if bad is None:
                raise
            bad[path] = error
            continue
        sizes.setdefault(image.size, path)
        counts[image.is_grey] += 1
        turned += image.is_turned
    return Survey(sizes=sizes, grey=counts[True], colour=counts[False], turned=turned)


def form_of(images: Sequence[str], request: DataRequest) -> tuple[Form, Survey | None, bool]:
    """The form of all images, their headers (None: not all were read), and whether to stream."""
    wants = request.wants
    target = None
    if request.shape is not None and wants.fit is not None:
        target = held_size(request.shape, wants)
    if target is not None and wants.stream is not False:
        is_grey = all(header(path).is_grey for path in images)
        form = Form(target, 1 if is_grey else 3, wants.fit)
        if is_streamed(len(images), form.shape, wants.stream):
            return form, None, True
    survey = survey_images(images)
    if target is not None:
        keeps_size = wants.fit != "crop" and survey.size == target
        return Form(target, survey.channels, None if keeps_size else wants.fit), survey, False
    if survey.size is None:
        raise _sizes_differ(survey)
    form = Form(survey.size, survey.channels, None)
    return form, survey, is_streamed(len(images), form.shape, wants.stream)


def _sizes_differ(survey: Survey) -> DataError:
    sizes = [(path, f"{height}x{width}") for (height, width), path in survey.sizes.items()]
    (first, first_size), (second, second_size) = sizes[:2]
    return DataError(
        f"the images differ in size: {first} is {first_size}, {second} is {second_size} "
        "(height x width)",
        hint="--set data.fit=resize, or =crop to keep the aspect ratio, or =pad for a black border",
    )


def labels(part: Classes) -> np.ndarray:
    counts = [len(images) for images in part.values()]
    return np.repeat(np.arange(len(part), dtype=np.int64), counts)


def _stream_split(part: Classes, form: Form) -> Split:
    return Split(ImageFiles(tuple(paths(part)), form.shape, form.decode), labels(part))


def _in_memory(part: Classes, form: Form, survey: Survey, *, digest: Digest) -> Split:
    of_part = labels(part)
    images = hold_images(paths(part), form, survey, digest=digest, labels=of_part)
    return Split(images, of_part)


def hold_images(
    files: Sequence[str], form: Form, survey: Survey, *, digest: Digest, labels: np.ndarray
) -> np.ndarray:
    """All images of a split; the digest gets them as they are before fitting."""
    try:
        images = np.empty((len(files), *form.shape), np.uint8)
    except MemoryError as error:
        raise DataError(
            f"{len(files)} images of {form.shape} do not fit into memory",
            hint="--set data.stream=true",
        ) from error
    digest.begin(survey.shape(len(files)))
    for place, path in zip(images, files, strict=True):
        image = decode(path, survey.channels)
        digest.add(image)
        place[:] = form.fit_image(path, image)
    digest.end(labels)
    return images
