"""CIFAR-10 and CIFAR-100 (100 fine classes) as their authors publish them: pickled arrays.

Krizhevsky, "Learning Multiple Layers of Features from Tiny Images" (2009); layout as on the
datasets' own page.
"""

import hashlib
from collections.abc import Mapping

import numpy as np

from archcompile.data import cifar_files
from archcompile.data.cifar_files import Layout
from archcompile.data.dataset import DataRequest, Dataset, Split, fingerprint, label_of_copy
from archcompile.data.unpickle import loads
from archcompile.errors import DataError

SIDE = 32  # pixels


def load(request: DataRequest, layout: Layout) -> Dataset:
    """Both splits, images (N, 32, 32, 3).

    Raises DataError if not found, damaged or another dataset.
    """
    named = request.place
    place = named if named is not None and named.is_file() else cifar_files.find(layout, named)
    files = cifar_files.read(place, layout)
    meta = _dict(files[layout.meta], f"{place}: {layout.meta}")
    classes = _classes(meta, layout, f"{place}: {layout.meta}")
    batches = {
        name: _batch(files[name], layout, f"{place}: {name}")
        for name in (*layout.train, layout.test)
    }
    expected = meta.get("num_cases_per_batch")  # CIFAR-100 does not say
    for name, (_, labels) in batches.items():
        if expected is not None and len(labels) != expected:
            raise DataError(
                f"{place}: {name}: expected {expected} images like the others, got {len(labels)}"
            )
    train_batches = [batches[name] for name in layout.train]
    images = np.concatenate([images for images, _ in train_batches])
    labels = np.concatenate([labels for _, labels in train_batches])
    train, test = Split(images, labels), Split(*batches[layout.test])
    content = fingerprint(train, test, classes)
    is_official = _is_official(files, layout)
    return Dataset(
        name=layout.source,
        label=label_of_copy(layout.source, is_official=is_official, fingerprint=content),
        train=train,
        test=test,
        classes=classes,
        fingerprint=content,
        place=str(place),
    )


def _dict(data: bytes, where: str) -> Mapping[str, object]:
    """The pickled dict with its keys as text: Python 2 wrote them as bytes."""
    content = loads(data, where)
    if not isinstance(content, dict):
        raise DataError(f"{where}: expected a pickled dict, got {type(content).__name__}")
    return {
        key.decode("latin1") if isinstance(key, bytes) else str(key): value
        for key, value in content.items()
    }


def _classes(meta: Mapping[str, object], layout: Layout, where: str) -> tuple[str, ...]:
    value = meta.get(layout.names)
    names = [n.decode("utf-8", "replace") if isinstance(n, bytes) else str(n) for n in _list(value)]
    if len(names) != layout.classes or len(set(names)) != layout.classes:
        raise DataError(
            f"{where}: expected `{layout.names}`, a list of {layout.classes} different names, "
            f"got {_form(value)}"
        )
    return tuple(names)


def _batch(data: bytes, layout: Layout, where: str) -> tuple[np.ndarray, np.ndarray]:
    """Images (N, 32, 32, 3) and labels of a file.

    The file has a row per image: the red plane, the green one, the blue one.
    """
    content = _dict(data, where)
    pixels, labels = content.get("data"), _list(content.get(layout.labels))
    size = 3 * SIDE * SIDE
    if (
        not isinstance(pixels, np.ndarray)
        or pixels.dtype != np.uint8
        or pixels.shape[1:] != (size,)
    ):
        raise DataError(f"{where}: expected `data`, uint8 (N, {size}), got {_form(pixels)}")
    if not labels or len(labels) != len(pixels) or not all(type(n) is int for n in labels):
        raise DataError(
            f"{where}: expected `{layout.labels}`, {len(pixels)} integers, got "
            f"{_form(content.get(layout.labels))}"
        )
    outside = [n for n in labels if n not in range(layout.classes)]
    if outside:
        raise DataError(
            f"{where}: expected labels from 0 to {layout.classes - 1}, got {outside[0]}"
        )
    images = np.ascontiguousarray(pixels.reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1))
    return images, np.array(labels, np.int64)


def _list(value: object) -> list[object]:
    if isinstance(value, np.ndarray) and value.ndim == 1:
        value = value.tolist()
    return value if isinstance(value, list) else []


def _form(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return "nothing" if value is None else type(value).__name__


def _is_official(files: Mapping[str, bytes], layout: Layout) -> bool:
    """Whether the files are those of the official archive."""
    md5 = {
        name: hashlib.md5(data, usedforsecurity=False).hexdigest() for name, data in files.items()
    }
    return md5 == layout.md5
