"""Real images: a few hundred of CIFAR-10's own, from the JPEG copy that may lie beside the
repository.
"""

import io
import pickle
import tarfile
from pathlib import Path

import numpy as np
import pytest

from archcompile.data.sources import load
from tests.data.batches import BATCHES, CLASSES, written

COPY = Path(__file__).parents[2] / "../shared/data/cifar10-jpeg.tar.xz"
Image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")


@pytest.fixture(scope="module")
def images() -> list[tuple[str, bytes]]:
    """The first 300 images in the archive, with their class."""
    if not COPY.exists():
        pytest.skip(f"the JPEG copy of CIFAR-10 is not at {COPY}")
    result: list[tuple[str, bytes]] = []
    with tarfile.open(COPY) as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content is not None:
                result.append((member.name.split("/")[1], content.read()))
            if len(result) == 300:
                return result
    return result


def test_folder_and_batches_of_the_same_images_agree(
    images: list[tuple[str, bytes]], tmp_path: Path
) -> None:
    rows, labels = [], []
    for i, (_, data) in enumerate(images):
        split = "test" if i >= 250 else "train"
        # each class in both splits: the first images of the archive may be of one class
        for kind in CLASSES:
            (tmp_path / "images" / split / kind).mkdir(parents=True, exist_ok=True)
        kind = CLASSES[i % 10]
        (tmp_path / "images" / split / kind / f"{i:04d}.jpg").write_bytes(data)
        rows.append(
            np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).transpose(2, 0, 1).reshape(-1)
        )
        labels.append(i % 10)
    files = {}
    for name, first in zip(BATCHES, range(0, 300, 50), strict=True):
        part = slice(first, first + 50)
        files[name] = pickle.dumps({b"data": np.stack(rows[part]), b"labels": labels[part]}, 4)
    meta = {b"num_cases_per_batch": 50, b"label_names": [name.encode() for name in CLASSES]}
    batches = load(str(written(tmp_path / "b", files | {"batches.meta": pickle.dumps(meta, 4)})))
    folder = load(str(tmp_path / "images"))
    assert folder.classes == batches.classes and batches.label.startswith(
        "cifar10 (unofficial copy, sha256 "
    )
    for first, second in ((folder.train, batches.train), (folder.test, batches.test)):
        order = np.argsort(second.labels, kind="stable")  # a folder comes class by class
        assert np.array_equal(first.images, second.images[order])
        assert np.array_equal(first.labels, second.labels[order])
    assert folder.shape == (32, 32, 3) and 90 < folder.train.images.mean() < 150
