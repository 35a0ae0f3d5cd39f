"""`.npz` files as NumPy writes them."""

from pathlib import Path

import numpy as np
import pytest

from archcompile.data.dataset import Split, fingerprint
from archcompile.data.sources import load
from archcompile.errors import UsageError
from tests.data.arrays import npz_arrays

FORMS = {
    "as it is": lambda a: a,
    "grey": lambda a: {k: v[..., 0] if k[0] == "x" else v for k, v in a.items()},
    "columns of labels": lambda a: {
        k: v[:, np.newaxis] if k[0] == "y" else v for k, v in a.items()
    },
    "other integers": lambda a: {k: v.astype(">i8") if k[0] == "y" else v for k, v in a.items()},
    "Fortran order": lambda a: {k: np.asfortranarray(v) for k, v in a.items()},
    "something else beside": lambda a: (
        a | {"about": np.array("text"), "objects": np.array([{}], object)}
    ),
}


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_images_and_labels(form, save, tmp_path: Path) -> None:
    arrays = npz_arrays()
    save(tmp_path / "some.npz", **form(arrays))
    dataset = load(str(tmp_path / "some.npz"))
    channels = slice(0, 1) if form is FORMS["grey"] else slice(None)
    for split, part in ((dataset.train, "train"), (dataset.test, "test")):
        assert (
            np.array_equal(split.images, arrays[f"x_{part}"][..., channels])
            and split.images.flags.c_contiguous
        )
        assert (
            split.labels.tolist() == arrays[f"y_{part}"].tolist() and split.labels.dtype == np.int64
        )
    assert (dataset.name, dataset.label, dataset.classes) == ("npz", "npz some.npz", tuple("0123"))
    splits = (
        Split(arrays[f"x_{part}"][..., channels], arrays[f"y_{part}"]) for part in ("train", "test")
    )
    assert dataset.fingerprint == fingerprint(*splits, dataset.classes)


def test_known_by_its_content_too(tmp_path: Path) -> None:
    np.savez(tmp_path / "some.npz", **npz_arrays())
    (tmp_path / "some.npz").rename(tmp_path / "data")
    assert load(str(tmp_path / "data")).name == "npz"
    assert load("npz", data_dir=tmp_path / "data").place == str(tmp_path / "data")
    with pytest.raises(UsageError, match="needs its path"):
        load("npz")


def test_few_test_images_of_many_classes(tmp_path: Path) -> None:
    images = np.zeros((30, 2, 2), np.uint8)
    np.savez(
        tmp_path / "x.npz",
        x_train=images,
        y_train=np.arange(30),
        x_test=images[:2],
        y_test=np.array([29, 3]),
    )
    assert load(str(tmp_path / "x.npz")).test.labels.tolist() == [29, 3]
