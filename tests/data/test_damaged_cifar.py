"""Each way the files of CIFAR-10 can be damaged."""

import gzip
import pickle
import tarfile
from pathlib import Path

import numpy as np
import pytest

from archcompile.data import cifar_files
from archcompile.data.sources import load
from archcompile.errors import DataError
from tests.data.batches import archive, content, small_files, written


def batch(**changes: object) -> bytes:
    data, labels = content(0)
    return pickle.dumps(
        {b"data": data, b"labels": labels} | {k.encode(): v for k, v in changes.items()}
    )


DAMAGED = {
    "missing batch": ("data_batch_3", None, "missing among the files of CIFAR-10: data_batch_3"),
    "missing classes": ("batches.meta", None, "missing among the files of CIFAR-10: batches.meta"),
    "truncated": (
        "data_batch_1",
        small_files()["data_batch_1"][:5000],
        "data_batch_1: not a readable pickle",
    ),
    "no dict": (
        "test_batch",
        pickle.dumps([1]),
        "test_batch: expected a pickled dict, got list",
    ),
    "no labels": (
        "test_batch",
        batch(labels=None),
        "test_batch: expected `labels`, 4 integers, got nothing",
    ),
    "dtype": ("test_batch", batch(data=np.zeros((4, 3072), np.int64)), "got int64 (4, 3072)"),
    "shape": ("test_batch", batch(data=np.zeros((4, 3000), np.uint8)), "got uint8 (4, 3000)"),
    "dimensions": (
        "test_batch",
        batch(data=np.zeros((4, 3, 1024), np.uint8)),
        "got uint8 (4, 3, 1024)",
    ),
    "no data": (
        "test_batch",
        batch(data=[1]),
        "expected `data`, uint8 (N, 3072), got a list of 1",
    ),
    "label range": ("data_batch_2", batch(labels=[0, 1, 10, 2]), "labels from 0 to 9, got 10"),
    "negative label": (
        "data_batch_2",
        batch(labels=[0, 1, -1, 2]),
        "labels from 0 to 9, got -1",
    ),
    "label type": ("data_batch_2", batch(labels=[0, 1, 2.5, 2]), "expected `labels`, 4 integers"),
    "label count": ("data_batch_2", batch(labels=[0, 1]), "4 integers, got a list of 2"),
    "empty": (
        "data_batch_2",
        batch(labels=[], data=np.zeros((0, 3072), np.uint8)),
        "expected `labels`",
    ),
    "count": (
        "data_batch_5",
        pickle.dumps({b"data": content(0, 3)[0], b"labels": [1, 2, 3]}),
        "expected 4 images like the others, got 3",
    ),
    "classes": ("batches.meta", pickle.dumps({b"label_names": [b"a"] * 10}), "10 different names"),
    "no classes": ("batches.meta", pickle.dumps({}), "got nothing"),
}


@pytest.mark.parametrize("name, data, message", DAMAGED.values(), ids=DAMAGED)
def test_damaged(name: str, data: bytes | None, message: str, tmp_path: Path) -> None:
    files = small_files()
    if data is None:
        del files[name]
    else:
        files[name] = data
    root = written(tmp_path / "root", files)
    for place in (root, archive(tmp_path / "archive" / "x", files)):
        with pytest.raises(DataError) as caught:
            load("cifar10", data_dir=place)
        assert message in caught.value.message
        assert str(place) in caught.value.message


def test_too_large_a_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cifar_files, "FILE_LIMIT", 1000)
    root = written(tmp_path / "root", small_files())
    with pytest.raises(DataError, match="data_batch_1: larger than"):
        load("cifar10", data_dir=root)
    with pytest.raises(DataError, match="too large entries"):
        load(str(archive(tmp_path / "a" / "x", small_files())))


def test_archive_bombs_and_ruins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = archive(tmp_path / "good", small_files()).read_bytes()
    monkeypatch.setattr(cifar_files, "ARCHIVE_LIMIT", 100_000)
    many = {f"extra_{i}": b"" for i in range(cifar_files.MEMBER_LIMIT)}
    header = tarfile.TarInfo("cifar-10-batches-py")
    header.pax_headers = {"comment": "x" * 300_000}
    header.type = tarfile.DIRTYPE
    link = tarfile.TarInfo("cifar-10-batches-py/data_batch_1")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"

    def tar(member: tarfile.TarInfo) -> bytes:
        return gzip.compress(member.tobuf(tarfile.PAX_FORMAT) + bytes(1024))

    twice = gzip.decompress(archive(tmp_path / "t", {"test_batch": b"x"}, "w:gz").read_bytes())[
        :1024
    ]
    cases = {
        "unpacks": (
            archive(tmp_path / "u", {"readme": bytes(300_000)} | small_files()).read_bytes(),
            "unpacks to",
        ),
        "pax": (tar(header), "unpacks to more than"),
        "many": (archive(tmp_path / "m", many | small_files()).read_bytes(), "too many"),
        "link": (tar(link), "not a plain file"),
        "twice": (gzip.compress(twice + twice + bytes(1024)), "appears twice"),
        "cut": (good[: len(good) // 2], "truncated"),
        "flipped": (
            good[:-2000] + bytes(1000) + good[-1000:],
            "cut short|missing among|not a readable",
        ),
        "text": (b"hello", "not a readable tar archive"),
        "empty": (b"", "not a readable tar archive"),
    }
    for name, (data, message) in cases.items():
        file = tmp_path / name
        file.write_bytes(data)
        with pytest.raises(DataError, match=message):
            load("cifar10", data_dir=file)
