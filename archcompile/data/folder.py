"""A folder of images: `train/CLASS/*.jpg|jpeg|png` and `test/CLASS/…`; without `test/`, a part is held out of `train/`.

Classes are the folders' names, sorted. Pictures are read as stored: an EXIF orientation is not applied.
"""

import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from archcompile.data.dataset import Dataset, Request, Split, fingerprint
from archcompile.data.fit import FITS, check_way, fit_picture
from archcompile.errors import DataError, UsageError, nearest, visible

if TYPE_CHECKING:
    from PIL.Image import Image

SUFFIXES = (".jpg", ".jpeg", ".png")
OTHER_FORMATS = (".avif", ".bmp", ".gif", ".heic", ".jfif", ".jp2", ".pgm", ".ppm", ".tga", ".tif", ".tiff", ".webp")
READ = ("train", "test")  # the folders at the top
LAYOUT = "train/CLASS/*.jpg|jpeg|png, and test/CLASS/… or no test folder"
GREY = ("1", "L", "LA")  # Pillow's modes of one channel and at most 8 bits
COLOUR = ("RGB", "RGBA", "P", "PA", "CMYK", "YCbCr")

Files = Mapping[str, Sequence[Path]]  # the pictures of each class


@dataclass(frozen=True)
class _Form:
    """What all pictures become: (H, W), channels, and how those of another size get there (None: there are none)."""

    size: tuple[int, int]
    channels: int
    fit: str | None


def load(request: Request) -> Dataset:
    """Both splits, uint8 (N, H, W, C): C is 1 if all pictures are grey, else 3. Raises DataError naming the file.

    With `request.fit` and `request.shape`, pictures of other sizes are fitted as they are read.
    """
    root = request.place
    if root is None:
        raise UsageError("a folder of images needs its path", hint="--data PATH, or --data folder --data-dir PATH")
    check_way("data.fit", request.fit, FITS)
    if not (root / "train").is_dir():
        raise DataError(f"{root} has no folder `train`", hint=f"the layout expected is {LAYOUT}")
    ignored: list[Path] = []
    train = _classes(root, root / "train", ignored)
    notes = []
    if (root / "test").is_dir():
        test = _classes(root, root / "test", ignored)
        _same_classes(train, test, root)
    else:
        train, test = _held_out(train, request)
        counts = [sum(map(len, files.values())) for files in (train, test)]
        notes.append(f"no folder `test`: {counts[1]} of {sum(counts)} pictures are held out to test on "
                     f"(holdout {request.holdout}, seed {request.seed})")  # fmt: skip
    notes += _left_out(root, ignored)
    form, mixed = _form([*_flat(train), *_flat(test)], request)
    if mixed:
        notes.append(f"grey pictures read as RGB, like the others: {mixed}")
    splits, classes = (_read(train, form), _read(test, form)), tuple(train)
    content, label = fingerprint(*splits, classes), f"folder {root.resolve().name}"
    return Dataset("folder", label, *splits, classes, content, str(root), form.fit, tuple(notes))


def _left_out(root: Path, ignored: Sequence[Path]) -> Iterator[str]:
    """A sentence for each kind of thing in the folder that is not read."""
    beside = sorted(entry for entry in root.glob("[!.]*") if entry.is_dir() and entry.name not in READ)
    others = [file for file in ignored if file.suffix.lower() in OTHER_FORMATS]
    for what, found in (
        ("folders ignored, only `train` and `test` being read", beside),
        ("pictures ignored, being neither JPEG nor PNG", others),
        ("files ignored, being no pictures", [file for file in ignored if file not in others]),
    ):
        if found:
            yield f"{what}: {len(found)} ({visible(str(found[0]))}{', …' if found[1:] else ''})"


# Which files


def _classes(root: Path, split: Path, ignored: list[Path]) -> Files:
    """The pictures of each class of one split, sorted. What is no picture goes to `ignored`."""
    found = {}
    for entry in _entries(root, split):
        if entry.is_dir():
            if not entry.name.isprintable():
                raise DataError(
                    f"the name of the class folder {visible(str(entry))} has characters that cannot be shown"
                )
            found[entry.name] = _pictures(root, entry, ignored)
        elif entry.suffix.lower() in SUFFIXES:
            raise DataError(f"{entry} lies outside any class", hint=f"the layout expected is {LAYOUT}")
        else:
            ignored.append(entry)
    if not found:
        raise DataError(f"{split} holds no class folders", hint=f"the layout expected is {LAYOUT}")
    return found


def _pictures(root: Path, folder: Path, ignored: list[Path]) -> list[Path]:
    pictures = []
    for entry in _entries(root, folder):
        if entry.is_dir():
            raise DataError(f"{entry} is a folder inside a class", hint=f"the layout expected is {LAYOUT}")
        if entry.suffix.lower() not in SUFFIXES:
            ignored.append(entry)
        elif not entry.is_file():
            raise DataError(f"{entry} is not a plain file")
        else:
            pictures.append(entry)
    if not pictures:
        raise DataError(f"the class {folder} has no picture (.jpg, .jpeg or .png)")
    return pictures


def _entries(root: Path, folder: Path) -> list[Path]:
    """What is in a folder, sorted, without hidden entries. A link may not lead out of `root`."""
    try:
        entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
        for entry in (folder, *entries):
            if entry.is_symlink() and not entry.resolve(strict=True).is_relative_to(root.resolve()):
                raise DataError(f"{entry} is a link out of {root}: refused", hint="put the files themselves there")
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links
        raise DataError(f"cannot look into {folder}: {error}") from error
    return entries


def _same_classes(train: Files, test: Files, root: Path) -> None:
    for name in train:
        if name not in test:
            raise DataError(f"the class {visible(name)} is in {root / 'train'} but not in {root / 'test'}")
    for name in test:
        if name not in train:
            near = nearest(name, train)
            raise DataError(f"the class {visible(name)} is in {root / 'test'} but not in {root / 'train'}",
                            hint=f"did you mean {visible(near)}?" if near else None)  # fmt: skip


def _held_out(files: Files, request: Request) -> tuple[Files, Files]:
    """Training and test files: of each class the same share is held out, chosen by the seed and the class's place."""
    if not 0 < request.holdout < 1:
        raise UsageError(f"data.holdout: expected a share between 0 and 1, received {request.holdout}")
    train, test = {}, {}
    for index, (name, pictures) in enumerate(files.items()):
        if len(pictures) < 2:
            raise DataError(f"the class {visible(name)} has one picture, {pictures[0]}: none is left to test on",
                            hint="add pictures, or a folder `test`")  # fmt: skip
        count = min(max(round(len(pictures) * request.holdout), 1), len(pictures) - 1)
        order = np.random.Generator(np.random.Philox(key=[request.seed, index])).permutation(len(pictures))
        held = set(order[:count].tolist())
        test[name] = [picture for i, picture in enumerate(pictures) if i in held]
        train[name] = [picture for i, picture in enumerate(pictures) if i not in held]
    return train, test


def _flat(files: Files) -> list[Path]:
    return [picture for pictures in files.values() for picture in pictures]


# What is in them


def _form(pictures: Sequence[Path], request: Request) -> tuple[_Form, int]:
    """The form all pictures take, from their headers alone, and how many grey ones become RGB."""
    sizes: dict[tuple[int, int], Path] = {}  # the first picture of each size
    modes: Counter[bool] = Counter()
    for path in pictures:
        with _opened(path) as image:
            if image.mode not in GREY + COLOUR:
                raise DataError(f"{path} has more than 8 bits a channel (Pillow's mode {image.mode}): convert it to 8")
            sizes.setdefault((image.height, image.width), path)
            modes[image.mode in GREY] += 1
    channels = 3 if modes[False] else 1
    mixed = modes[True] if channels == 3 else 0
    target = request.shape[:2] if request.shape is not None else None
    if request.fit is not None and target is not None:
        return _Form(target, channels, None if set(sizes) == {target} else request.fit), mixed
    if len(sizes) > 1:
        (one, first), (other, second) = list(sizes.items())[:2]
        raise DataError(f"the pictures differ in size: {first} is {one[0]}x{one[1]}, {second} is {other[0]}x{other[1]} "
                        "(height x width)", hint="--set data.fit=resize, or --set data.fit=pad")  # fmt: skip
    return _Form(next(iter(sizes)), channels, None), mixed


def _read(files: Files, form: _Form) -> Split:
    paths = _flat(files)
    shape = (len(paths), *form.size, form.channels)
    try:
        images = np.empty(shape, np.uint8)
    except MemoryError as error:
        raise DataError(f"{len(paths)} pictures of {shape[1:]} do not fit into memory") from error
    for place, path in zip(images, paths, strict=True):
        place[:] = _pixels(path, form)
    return Split(images, np.repeat(np.arange(len(files), dtype=np.int64), [len(part) for part in files.values()]))


def _pixels(path: Path, form: _Form) -> np.ndarray:
    """One picture, uint8 (H, W, C)."""
    with _opened(path) as image:
        if image.has_transparency_data and np.asarray(image.convert("RGBA"))[:, :, 3].min() < 255:
            raise DataError(f"{path} is transparent in places", hint="save it without an alpha channel")
        pixels = np.asarray(image.convert("L" if form.channels == 1 else "RGB"))
    picture = pixels.reshape(*pixels.shape[:2], form.channels)
    try:
        return fit_picture(picture, form.size, form.fit) if form.fit else picture
    except DataError as error:
        raise DataError(f"{path}: {error.message}", hint=error.hint) from error


@contextmanager
def _opened(path: Path) -> Iterator["Image"]:
    """A picture's header; pixels are decoded on use. Whatever Pillow finds wrong becomes a DataError with the name."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=("JPEG", "PNG")) as image:
                yield image
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise DataError(f"{path} claims to be larger than {Image.MAX_IMAGE_PIXELS:,} pixels: refused") from error
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, OverflowError) as error:
        # a damaged file reaches any of these inside Pillow's decoders
        raise DataError(f"{path} is not a readable picture: {error}") from error
