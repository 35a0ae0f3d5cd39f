"""IDX files in each spelling and place, against NumPy; and the real Fashion-MNIST where Debian's
package is installed.
"""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from archcompile.data import idx as reader
from archcompile.data.dataset import DataRequest
from archcompile.data.sources import load, resolve
from archcompile.errors import DataError, UsageError
from tests.data.arrays import idx, idx_files, random_images, write


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("dot", [False, True])
def test_images_and_labels(tmp_path: Path, packed: bool, dot: bool) -> None:
    folder = write(tmp_path / "things", idx_files((5, 7), classes=3), packed, dot=dot)
    dataset = load(str(folder))
    for split, count, seed in ((dataset.train, 30, 1), (dataset.test, 12, 2)):
        images, labels = random_images(count, (5, 7), 3, seed=seed)
        assert (
            np.array_equal(split.images, images[..., np.newaxis])
            and split.labels.tolist() == labels.tolist()
        )
        assert split.labels.dtype == np.int64
    assert (dataset.name, dataset.label, dataset.classes) == ("idx", "idx things", ("0", "1", "2"))
    assert dataset.fingerprint == load("idx", data_dir=folder).fingerprint


def test_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ARCHC_DATA", str(tmp_path / "named"))
    for name in ("XDG_CACHE_HOME", "KERAS_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(reader, "DEBIAN", tmp_path / "usr")
    with pytest.raises(DataError, match="Fashion-MNIST was not found") as caught:
        load("fashion_mnist")
    assert (
        caught.value.message.splitlines()[-1] == f"  {tmp_path}/usr  (Debian's packages, not there)"
    )
    assert "dataset-fashion-mnist" in str(caught.value.hint)
    for folder in (
        "usr/fashion-mnist",
        ".keras/datasets/fashion-mnist",
        "data/FashionMNIST/raw",
        "named",
    ):
        write(tmp_path / folder, idx_files())
        dataset = load("fashion_mnist")
        assert (tmp_path / dataset.place).samefile(tmp_path / folder)
    assert dataset.label == f"fashion_mnist (unofficial copy, sha256 {dataset.fingerprint[:12]}…)"
    assert dataset.classes[9] == "Ankle boot" and load("mnist").classes == tuple("0123456789")
    write(tmp_path / "named" / "MNIST" / "raw", idx_files(train=40))
    assert len(load("mnist").train) == 30  # the folder itself goes before those in it
    assert len(load("mnist", data_dir=tmp_path / "named" / "MNIST" / "raw").train) == 40
    again = load(dataset.name, data_dir=Path(dataset.place))
    assert (again.fingerprint, again.label) == (dataset.fingerprint, dataset.label)


def digests_of(files: dict[str, bytes]) -> dict[str, str]:
    return {
        name.partition("-idx")[0]: hashlib.sha256(data).hexdigest() for name, data in files.items()
    }


def test_what_is_known_is_recognised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the test labels which of the two it is, by all files whether it is official."""
    files = idx_files()
    fashion = replace(reader.FASHION_MNIST, sha256=digests_of(files))
    monkeypatch.setattr(reader, "KNOWN", (reader.MNIST, fashion))
    folder = write(tmp_path / "x", files, packed=True)
    assert resolve(str(folder)) == ("fashion_mnist", folder)
    request = DataRequest(place=folder)
    assert reader.load(request, fashion).label == "fashion_mnist (official)"
    with pytest.raises(
        DataError, match="x: the files there are those of Fashion-MNIST, not of MNIST"
    ) as caught:
        reader.load(request, reader.MNIST)
    assert "--data fashion_mnist" in str(caught.value.hint)
    write(folder, {"train-labels-idx1-ubyte": idx(np.arange(30, dtype=np.uint8) % 10)}, packed=True)
    assert "unofficial" in reader.load(request, fashion).label


def test_neither_of_the_two_is_made_of_other_images(tmp_path: Path) -> None:
    folder = write(tmp_path / "x", idx_files((20, 20)))
    with pytest.raises(
        DataError, match="images of 28x28 and labels up to 9, as in MNIST, got 20x20 and 9"
    ):
        load("mnist", data_dir=folder)
    assert load(str(folder)).shape == (20, 20, 1)
    folder = write(tmp_path / "y", idx_files(classes=11))
    with pytest.raises(DataError, match="got 28x28 and 10"):
        load("mnist", data_dir=folder)
    assert load(str(folder)).classes[-1] == "10"


def test_idx_needs_a_place() -> None:
    with pytest.raises(UsageError, match="need the path of their folder"):
        load("idx")


def test_the_real_fashion_mnist() -> None:
    if not (reader.DEBIAN / "fashion-mnist").is_dir():
        pytest.skip("Debian's package dataset-fashion-mnist is not installed")
    dataset = load("fashion_mnist", data_dir=reader.DEBIAN)
    assert (
        dataset.label == "fashion_mnist (official)"
        and load(dataset.place).fingerprint == dataset.fingerprint
    )
    assert dataset.train.images.shape == (60_000, 28, 28, 1) and len(dataset.test) == 10_000
    assert np.bincount(dataset.train.labels).tolist() == [6000] * 10
    assert np.bincount(dataset.test.labels).tolist() == [1000] * 10
    assert dataset.train.labels[:10].tolist() == [9, 0, 0, 3, 0, 2, 7, 2, 5, 5]
    assert round(float(dataset.train.images.mean()) / 255, 4) == 0.2860  # as the literature has it
