"""CIFAR-10 and CIFAR-100 in each form they lie about in."""

import gzip
import hashlib
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from archcompile.data import cifar
from archcompile.data.cifar_files import CIFAR10, CIFAR100
from archcompile.data.dataset import DataRequest
from archcompile.data.sources import load
from archcompile.errors import ArchError, DataError
from tests.data.batches import BATCHES, archive, content, python2_batch, small_files, written


def expected_images(number: int) -> np.ndarray:
    """The images of one batch, pixel by pixel: the red plane first, each row by row."""
    rows, _ = content(number)
    images = np.empty((len(rows), 32, 32, 3), np.uint8)
    for row, image in zip(rows, images, strict=True):
        for channel in range(3):
            for y in range(32):
                image[y, :, channel] = row[1024 * channel + 32 * y : 1024 * channel + 32 * (y + 1)]
    return images


def test_images_labels_and_classes(tmp_path: Path) -> None:
    dataset = load("cifar10", data_dir=written(tmp_path / "root", small_files()))
    assert np.array_equal(
        dataset.train.images, np.concatenate([expected_images(i) for i in range(5)])
    )
    assert np.array_equal(dataset.test.images, expected_images(5))
    assert dataset.train.labels.tolist() == [n for i in range(5) for n in content(i)[1]]
    assert dataset.train.labels.dtype == np.int64 and dataset.train.images.flags.c_contiguous
    assert dataset.classes[3] == "cat"
    assert dataset.label == f"cifar10 (unofficial copy, sha256 {dataset.fingerprint[:12]}…)"


def test_every_form_is_the_same_dataset(tmp_path: Path) -> None:
    files = small_files()
    root = written(tmp_path / "root", files)
    first = load("cifar10", data_dir=root)
    python2 = {name: python2_batch(i) for i, name in enumerate(BATCHES)} | {
        "batches.meta": files["batches.meta"]
    }
    deeper = tmp_path / "store"
    deeper.mkdir()
    extracted = deeper / "cifar-10-batches-py-target" / "cifar-10-batches-py"
    extracted.mkdir(parents=True)
    for name, data in files.items():
        (extracted / name).write_bytes(data)
    # found beside what is no archive of ours
    others = [
        tmp_path / "a" / "notes.txt",
        tmp_path / "a" / "a.gz",
    ]
    archive(tmp_path / "a" / "zzz", files)
    others[0].write_text("x")
    others[1].write_bytes(gzip.compress(b"x" * 2000))
    places = [
        root / "cifar-10-batches-py",
        deeper,
        tmp_path / "a",
        tmp_path / "a" / "zzz",
        archive(tmp_path / "b" / "plain.tar", files, "w").parent,
        archive(tmp_path / "c" / "dotted", files, prefix="./cifar-10-batches-py/"),
        archive(tmp_path / "d" / "python2", python2),
        archive(tmp_path / "e" / "protocol2", small_files(protocol=2)),
    ]
    for place in places:
        assert load(str(place)).fingerprint == first.fingerprint
        assert load("cifar10", data_dir=place).fingerprint == first.fingerprint


def test_nothing_is_extracted_and_only_the_batches_folder_counts(tmp_path: Path) -> None:
    files = {"../escaped": b"x", "cifar-10-batches-py/../../cifar-10-batches-py/test_batch": b"x"}
    inside = {f"cifar-10-batches-py/{name}": data for name, data in small_files().items()}
    place = archive(tmp_path / "in" / "x", files | inside, prefix="")
    load(str(place))
    assert [file.name for file in tmp_path.rglob("*")] == ["in", "x"]


def test_official_is_known_by_its_files(tmp_path: Path) -> None:
    files = small_files()
    known = {name: hashlib.md5(data).hexdigest() for name, data in files.items()}
    request = DataRequest(place=written(tmp_path / "root", files))
    assert cifar.load(request, replace(CIFAR10, md5=known)).label == "cifar10 (official)"
    for name in known:
        assert "unofficial" in cifar.load(request, replace(CIFAR10, md5=known | {name: "0"})).label


def cifar100_files(count: int = 200) -> dict[str, bytes]:
    """CIFAR-100's three files, with each class in `train`."""
    files = {}
    for name, number in (("train", count), ("test", 20)):
        rows = np.random.default_rng(len(name)).integers(0, 256, (number, 3072), np.uint8)
        fine = [(37 * i) % 100 for i in range(number)]
        held = {
            b"data": rows,
            b"fine_labels": fine,
            b"coarse_labels": [n // 5 for n in fine],
            b"batch_label": b"x",
        }
        files[name] = pickle.dumps(held, 2)
    names = [f"kind {n}".encode() for n in range(100)]
    return files | {
        "meta": pickle.dumps({b"fine_label_names": names, b"coarse_label_names": names[:20]}, 2)
    }


def test_cifar100(tmp_path: Path) -> None:
    files = cifar100_files()
    packed = archive(tmp_path / "a" / "any name", files, prefix="cifar-100-python/")
    folder = tmp_path / "b" / "cifar-100-python"
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    actual = [
        load(str(packed)),
        load("cifar100", data_dir=tmp_path / "b"),
        load(str(folder)),
        load(str(packed.parent)),
    ]
    assert len({dataset.fingerprint for dataset in actual}) == 1
    dataset = actual[0]
    assert (dataset.name, len(dataset.train), len(dataset.test), dataset.shape) == (
        "cifar100",
        200,
        20,
        (32, 32, 3),
    )
    assert dataset.train.labels.tolist() == [(37 * i) % 100 for i in range(200)]
    assert dataset.classes == tuple(f"kind {n}" for n in range(100))
    row = pickle.loads(files["test"])[b"data"][3]
    assert dataset.test.images[3, 5, 7].tolist() == [
        row[plane * 1024 + 5 * 32 + 7] for plane in range(3)
    ]
    assert dataset.label.startswith("cifar100 (unofficial copy, sha256 ")
    known = {name: hashlib.md5(data).hexdigest() for name, data in files.items()}
    assert (
        cifar.load(DataRequest(place=packed), replace(CIFAR100, md5=known)).label
        == "cifar100 (official)"
    )


def test_one_is_not_taken_for_the_other(tmp_path: Path) -> None:
    archive(tmp_path / "ten", small_files())
    archive(tmp_path / "hundred", cifar100_files(), prefix="cifar-100-python/")
    assert load("cifar10", data_dir=tmp_path).name == "cifar10"
    assert load("cifar100", data_dir=tmp_path).name == "cifar100"
    with pytest.raises(DataError, match="holds several kinds of data: cifar10, cifar100"):
        load(str(tmp_path))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "test").write_text("a script")  # one name of CIFAR-100's proves nothing
    with pytest.raises(DataError, match="is not data that archc knows"):
        load(str(tmp_path / "other"))


def test_places_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("ARCHC_DATA", str(tmp_path / "named"))
    monkeypatch.delenv("KERAS_HOME", raising=False)
    with pytest.raises(DataError) as caught:
        load("cifar10")
    lines = [line.strip() for line in caught.value.message.splitlines()[1:]]
    assert lines == [
        "--data-dir  (not set)",
        f"{tmp_path / 'named'}  ($ARCHC_DATA, not there)",
        "data  (./data, not there)",
        f"{tmp_path / 'cache' / 'archcompile'}  (the user cache, not there)",
        f"{home / '.keras' / 'datasets'}  (the Keras cache, not there)",
    ]
    assert "archc data fetch cifar10" in str(caught.value.hint)
    assert caught.value.exit_code == 4
    keras = archive(home / ".keras/datasets/cifar-10-batches-py-target_archive", small_files())
    cached = archive(tmp_path / "cache/archcompile/cifar-10-python.tar.gz", small_files())
    folder = archive(Path("data/x"), small_files())
    named = archive(tmp_path / "named" / "y", small_files())
    for place in (named, folder, cached, keras):
        assert load("cifar10").place == str(place)
        place.unlink()
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "k"))
    another = archive(tmp_path / "k/datasets/cifar-10-batches-py.tar.gz", small_files())
    assert load("cifar10").place == str(another)


def test_a_named_place_is_the_only_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = written(tmp_path / "root", small_files())
    monkeypatch.setenv("ARCHC_DATA", str(root))
    empty = tmp_path / "empty"
    empty.mkdir()
    for place, message in ((empty, "was not found"), (tmp_path / "nowhere", "there is no")):
        with pytest.raises(ArchError, match=message) as caught:
            load("cifar10", data_dir=place)
        assert caught.value.exit_code == 4
        assert str(root / "cifar") not in caught.value.message
    with pytest.raises(
        ArchError, match=r"/empty  \(`data_dir`\)\nand nowhere else, because of `data_dir`"
    ):
        load("cifar10", data_dir=empty)


def test_damaged_data_is_not_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    archive(tmp_path / "data" / "x", small_files())
    files = small_files()
    del files["data_batch_1"]
    monkeypatch.setenv("ARCHC_DATA", str(written(tmp_path / "root", files)))
    with pytest.raises(DataError, match="data_batch_1"):
        load("cifar10")
