"""CIFAR-10 as its authors publish it: five training batches and one test batch of pickled arrays.

Krizhevsky, "Learning Multiple Layers of Features from Tiny Images" (2009); layout as on the dataset's own page.
"""

import hashlib
from collections.abc import Mapping

import numpy as np

from archcompile.data import cifar_files
from archcompile.data.cifar_files import META, TEST, TRAIN
from archcompile.data.dataset import Dataset, Request, Split, fingerprint
from archcompile.data.unpickle import loads
from archcompile.errors import DataError

OFFICIAL_MD5 = {  # of the files in the official archive, as torchvision's reader of it has them
    "data_batch_1": "c99cafc152244af753f735de768cd75f",
    "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
    "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
    "data_batch_4": "634d18415352ddfa80567beed471001a",
    "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
    "test_batch": "40351d587109b95175f43aff81a1287e",
}
OFFICIAL_CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
SIDE = 32  # pixels


def load(request: Request) -> Dataset:
    """Both splits, images (N, 32, 32, 3). Raises DataError if not found, damaged or not CIFAR-10."""
    named = request.place
    place = named if named is not None and named.is_file() else cifar_files.find(named)
    files = cifar_files.read(place)
    meta = _dict(files[META], f"{place}: {META}")
    classes = _classes(meta, f"{place}: {META}")
    batches = {name: _batch(files[name], f"{place}: {name}") for name in (*TRAIN, TEST)}
    expected = meta.get("num_cases_per_batch", len(batches[TRAIN[0]].labels))
    for name, batch in batches.items():
        if len(batch.labels) != expected:
            raise DataError(f"{place}: {name} holds {len(batch.labels)} pictures, expected {expected} like the others")
    train = Split(np.concatenate([batches[name].images for name in TRAIN]),
                  np.concatenate([batches[name].labels for name in TRAIN]))  # fmt: skip
    test = batches[TEST]
    content = fingerprint(train, test, classes)
    label = "official" if _official(files, classes) else f"unofficial copy, sha256 {content[:12]}…"
    return Dataset("cifar10", f"cifar10 ({label})", train, test, classes, content, str(place))


def _dict(data: bytes, where: str) -> Mapping[str, object]:
    """The pickled dict with its keys as text: Python 2 wrote them as bytes."""
    found = loads(data, where)
    if not isinstance(found, dict):
        raise DataError(f"{where}: expected a pickled dict, received {type(found).__name__}")
    return {key.decode("latin1") if isinstance(key, bytes) else str(key): value for key, value in found.items()}


def _classes(meta: Mapping[str, object], where: str) -> tuple[str, ...]:
    found = meta.get("label_names")
    names = [n.decode("utf-8", "replace") if isinstance(n, bytes) else str(n) for n in _list(found)]
    if len(names) != 10 or len(set(names)) != 10:
        raise DataError(f"{where}: expected `label_names`, a list of 10 different names, received {_form(found)}")
    return tuple(names)


def _batch(data: bytes, where: str) -> Split:
    """One batch, images (N, 32, 32, 3). The file holds a row a picture: the red plane, the green, the blue."""
    found = _dict(data, where)
    pixels, labels = found.get("data"), _list(found.get("labels"))
    if not isinstance(pixels, np.ndarray) or pixels.dtype != np.uint8 or pixels.shape[1:] != (3 * SIDE * SIDE,):
        raise DataError(f"{where}: expected `data`, uint8 (N, {3 * SIDE * SIDE}), received {_form(pixels)}")
    if not labels or len(labels) != len(pixels) or not all(type(n) is int for n in labels):
        raise DataError(f"{where}: expected `labels`, {len(pixels)} integers, received {_form(found.get('labels'))}")
    outside = [n for n in labels if n not in range(10)]
    if outside:
        raise DataError(f"{where}: expected labels from 0 to 9, received {outside[0]}")
    images = np.ascontiguousarray(pixels.reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1))
    return Split(images, np.array(labels, np.int64))


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


def _official(files: Mapping[str, bytes], classes: tuple[str, ...]) -> bool:
    found = {name: hashlib.md5(files[name], usedforsecurity=False).hexdigest() for name in OFFICIAL_MD5}
    return found == OFFICIAL_MD5 and classes == OFFICIAL_CLASSES
