"""Images read from their files while training: the same weights as from memory, and a bad file
named.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from archcompile.errors import DataError
from archcompile.inference.evaluation import evaluate
from archcompile.recipe.sections import Data
from tests.training.runs import assert_same_end, at_step, history, interrupt, run_tiny

pytestmark = pytest.mark.keras

CROPS = [
    "input=[8, 8, 3]",
    "classes=2",
    "train.batch_size=7",
    "data.fit=crop",
    "data.canvas=10",
    "train.augment.crop=random",
    "train.augment.shift=0",
    "train.augment.flip=horizontal",
    "data.validation=4",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two classes of 20 images in colour, of several sizes, and 6 to test on."""
    from PIL import Image

    random, root = np.random.default_rng(0), tmp_path / "pictures"
    for split, count in (("train", 20), ("test", 6)):
        for name in ("cat", "dog"):
            (root / split / name).mkdir(parents=True)
            for i in range(count):
                pixels = random.integers(0, 256, (12 + i % 3, 11 + i % 5, 3), np.uint8)
                Image.fromarray(pixels).save(root / split / name / f"{i:02d}.png")
    return root


def run(folder: Path, place: Path, stream: bool, **options: Any) -> Path:
    sets = [*CROPS, f"data.stream={str(stream).lower()}"]
    return run_tiny(
        place, data=str(folder), sets=[*sets, *options.pop("sets", ())], epochs=3, **options
    ).path


def test_streamed_is_as_from_memory(folder: Path, tmp_path: Path) -> None:
    """Cut at random from a canvas, mirrored, images held out, a last batch that is smaller."""
    memory, streamed = (
        run(folder, tmp_path / "memory", False),
        run(folder, tmp_path / "streamed", True),
    )
    assert_same_end(memory, streamed)


def test_a_streamed_run_goes_on_within_an_epoch(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sets = ["train.checkpoint.steps=4"]
    whole = run(folder, tmp_path / "whole", True, sets=sets)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        at_step(patch, 10, interrupt)
        run(folder, tmp_path / "run", True, sets=sets)
    run_tiny(tmp_path / "run", spec=None, recipe=None, resume=True)
    assert_same_end(tmp_path / "run", whole)


@pytest.mark.parametrize("stream", [True, pytest.param(False, marks=pytest.mark.thorough)])
def test_a_validation_set_of_its_own_chooses_and_stays(
    folder: Path, tmp_path: Path, stream: bool
) -> None:
    """`val/` beside `test/` is used; a run that began without it continues without it, and the
    first one never loses it.
    """
    place, before = tmp_path / "run", run(folder, tmp_path / "before", stream)
    shutil.copytree(folder / "test", folder / "val")
    message: list[str] = []
    run(folder, place, stream, say=message.append)
    assert (
        "`data.validation: 4` is ignored: the folder has a validation set, and all 40 images of "
        "`train` are used for training"
    ) in message
    recorded = json.loads((place / "environment.json").read_text())["dataset"]
    assert (
        recorded["train"],
        recorded["validation"],
        recorded["validation_from"],
        recorded["test"],
    ) == (40, 12, "val", 12)
    result = json.loads((place / "result.json").read_text())
    assert float(history(place)[-1]["val_accuracy"]) == pytest.approx(result["test_accuracy"]), (
        "both sets have the same images"
    )
    assert (
        result["best"]["chosen_on"]
        == "12 images of `val`"
        == evaluate(place, which="best").checkpoint.chosen_on
    )
    for path, kept in ((place, 12), (before, 4)):
        run_tiny(path, spec=None, recipe=None, resume=True, epochs=4)
        assert json.loads((path / "environment.json").read_text())["dataset"]["validation"] == kept
    assert evaluate(before, which="best").checkpoint.chosen_on == "4 training images kept for it"


def test_a_file_that_breaks_later_is_named(folder: Path, tmp_path: Path) -> None:
    bad = folder / "train" / "dog" / "13.png"
    bad.write_bytes(bad.read_bytes()[:60])
    with pytest.raises(DataError, match=r"train/dog/13.png"):
        run(folder, tmp_path / "run", True, sets=["train.preprocessing.mean=none"])


def test_images_in_memory_are_not_copied() -> None:
    """The tensor on the processor is the array itself, wherever NumPy had put that."""
    from archcompile.data.dataset import ALIGNED
    from archcompile.data.sources import load
    from archcompile.engine.tensorflow.devices import Devices
    from archcompile.engine.tensorflow.feed import feed

    for count in range(3):  # of images held out, which moves what is left
        split = load(
            "synthetic", shape=(5, 7, 3), classes=3, wants=Data(validation=100 + count)
        ).train.align()
        assert split.images.ctypes.data % ALIGNED == 0
        held, labels = feed(split, Devices.single()).constants
        split.images[1] = 1 + count
        assert (held[1].numpy() == 1 + count).all() and np.array_equal(labels, split.labels)
        assert np.array_equal(held, split.images)
