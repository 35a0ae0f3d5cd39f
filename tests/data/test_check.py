"""`archc data check`: what it counts and measures, against NumPy; that its fingerprints are those
of runs; every bad file.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from archcompile.data.dataset_checks import check
from archcompile.data.sources import load
from archcompile.errors import UsageError
from archcompile.recipe.sections import Data
from tests.command_line import Archc
from tests.data.arrays import idx_files, npz_arrays, write
from tests.data.batches import small_files, written
from tests.data.trees import CLASSES, write_mixed


def folder(root: Path) -> list[str]:
    return [str(write_mixed(root))]


def uniform(root: Path) -> list[str]:
    return [str(write_mixed(root, size=(9, 7)))]


def grey(root: Path) -> list[str]:
    return [str(write_mixed(root, grey=True))]


def without_test(root: Path) -> list[str]:
    return [str(write_mixed(root, test=0))]


def batches(root: Path) -> list[str]:
    return ["cifar10", "--data-dir", str(written(root, small_files()))]


def idx(root: Path) -> list[str]:
    return [str(write(root, idx_files()))]


def npz(root: Path) -> list[str]:
    np.savez(f"{root}.npz", **npz_arrays())
    return [f"{root}.npz"]


def load_dataset(arguments: list[str], **further: Any) -> Any:
    """The same dataset by `load`."""
    return load(arguments[0], data_dir=Path(arguments[2]) if arguments[1:] else None, **further)


def record(archc: Archc, *arguments: Any) -> dict[str, Any]:
    done = archc("data", "check", "--json", *arguments)
    assert done.err == ""
    return dict(json.loads(done.out), code=done.code)


@pytest.mark.parametrize("make", [folder, uniform, grey, without_test, batches, idx, npz])
def test_the_fingerprint_is_that_of_a_run(make: Any, archc: Archc, tmp_path: Path) -> None:
    arguments = make(tmp_path / "x")
    actual = record(archc, *arguments)
    for fit in ("resize", "crop"):
        settings = {"fit": fit, "channels": "repeat", "validation": 3}
        run = load_dataset(arguments, shape=(44, 44, 3), wants=Data.model_validate(settings))
        assert (actual["code"], actual["fingerprint"]) == (0, run.fingerprint)
        assert (actual["source"], actual["label"], actual["place"]) == (
            run.name,
            run.label,
            run.place,
        )
        assert [entry["name"] for entry in actual["classes"]] == list(run.classes)
    if run.name == "folder":
        streamed = load_dataset(
            arguments, shape=(44, 44, 3), wants=Data(fit="crop", channels="repeat", stream=True)
        )
        assert actual["listing"] == streamed.fingerprint
    else:
        assert actual["listing"] is None


def test_held_out_as_in_a_run(archc: Archc, tmp_path: Path) -> None:
    arguments = without_test(tmp_path / "x")
    actual = record(archc, *arguments, "--holdout", "0.4", "--seed", "7")
    run = load_dataset(arguments, shape=(44, 44, 3), wants=Data(fit="pad", holdout=0.4), seed=7)
    assert actual["fingerprint"] == run.fingerprint != record(archc, *arguments)["fingerprint"]
    assert (actual["train"], actual["test"]) == (len(run.train), len(run.test)) == (12, 6)


@pytest.mark.parametrize("make", [uniform, batches, idx, npz])
def test_numbers_of_images_of_one_size(make: Any, archc: Archc, tmp_path: Path) -> None:
    arguments = make(tmp_path / "x")
    actual, held = record(archc, *arguments), load_dataset(arguments)
    pixels = held.train.images.astype(np.float64).reshape(-1, held.shape[2]) / 255
    assert actual["mean"] == pytest.approx(pixels.mean(0), abs=1e-12)
    assert actual["std"] == pytest.approx(pixels.std(0), abs=1e-12)
    assert (actual["heights"], actual["widths"]) == ([held.shape[0]] * 2, [held.shape[1]] * 2)
    assert (actual["train"], actual["test"], actual["bad"]) == (len(held.train), len(held.test), [])
    for part, split in (("train", held.train), ("test", held.test)):
        assert [entry[part] for entry in actual["classes"]] == np.bincount(
            split.labels, minlength=len(held.classes)
        ).tolist()


def test_numbers_of_images_that_differ(tmp_path: Path) -> None:
    actual = check(*folder(tmp_path / "x"))

    def read_images(split: str) -> list[np.ndarray]:
        files = sorted((tmp_path / "x" / split).rglob("*.*"))
        return [np.asarray(Image.open(file).convert("RGB")) for file in files]

    images = {split: read_images(split) for split in ("train", "test")}
    pixels = np.concatenate([image.reshape(-1, 3) for image in images["train"]]) / 255
    assert actual.mean == pytest.approx(pixels.mean(0)) and actual.std == pytest.approx(
        pixels.std(0)
    )
    shapes = np.array([image.shape for part in images.values() for image in part])
    assert (actual.heights, actual.widths) == (
        (shapes[:, 0].min(), shapes[:, 0].max()),
        (shapes[:, 1].min(), shapes[:, 1].max()),
    )
    assert actual.classes == tuple((kind, 6, 2) for kind in CLASSES)


def spoilt(root: Path) -> dict[str, str]:
    """A folder in which many things are wrong: each file and a part of the reason."""
    write_mixed(root)
    (root / "train/cat/00.jpg").write_bytes(b"")
    os.truncate(root / "train/dog/04.jpg", (root / "train/dog/04.jpg").stat().st_size - 300)
    (root / "test/dog/01.png").write_text("text")
    Image.new("I;16", (9, 9), 5000).save(root / "train/eel/01.png")
    (root / "train/dog/more").mkdir()
    (root / "train/gnu").mkdir()
    return {
        "train/cat/00.jpg": "is empty",
        "train/dog/04.jpg": "truncated",
        "test/dog/01.png": "neither JPEG nor PNG",
        "train/eel/01.png": "16 bits",
        "train/dog/more": "is a folder inside a class",
        "train/gnu": "has no image",
    }


def test_every_bad_file_is_listed(archc: Archc, tmp_path: Path) -> None:
    root = tmp_path / "x"
    wrong = spoilt(root)
    actual = record(archc, root)
    by_file = {entry["file"]: entry["reason"] for entry in actual["bad"]}
    assert set(by_file) == {str(root / name) for name in wrong}
    assert all(reason in by_file[str(root / name)] for name, reason in wrong.items())
    assert actual["code"] == 4 and actual["fingerprint"] is actual["listing"] is None
    counts = {entry["name"]: (entry["train"], entry["test"]) for entry in actual["classes"]}
    assert counts == {"cat": (5, 2), "dog": (5, 1), "eel": (5, 2), "gnu": (0, 0)}
    assert (actual["train"], actual["test"]) == (15, 5)
    done = archc("data", "check", root)
    assert (
        done.code == 4
        and done.out.startswith(f"bad files: {len(wrong)}\n")
        and "fingerprint" not in done.out
    )
    assert all(str(root / name) in done.out for name in wrong)


def test_nothing_but_bad_files(archc: Archc, tmp_path: Path) -> None:
    root = write_mixed(tmp_path / "x")
    for file in root.rglob("*.*"):
        file.write_bytes(b"")
    actual = record(archc, root)
    assert (actual["code"], len(actual["bad"]), actual["mean"], actual["heights"]) == (
        4,
        24,
        [],
        None,
    )
    assert archc("data", "check", root).out.startswith("bad files: 24\n")


def test_what_is_printed(archc: Archc, tmp_path: Path) -> None:
    for split in ("train", "test"):
        for name, value in (("cat", 0), ("dog", 255)):
            (tmp_path / "pets" / split / name).mkdir(parents=True)
            Image.new("RGB", (8, 6), (value, 51, 0)).save(
                tmp_path / "pets" / split / name / "1.png"
            )
    (tmp_path / "pets/train/notes.txt").write_text("x")
    done = archc("data", "check", "pets")
    run = load(str(tmp_path / "pets"), wants=Data(stream=True))
    assert done.out.splitlines() == [
        "data         folder pets, from pets",
        "note         other files ignored: 1 (pets/train/notes.txt)",
        "images       2 to train on, 2 to test on",
        "size         height 6, width 8",
        "channels     3",
        "mean         0.5000  0.2000  0.0000  (of the training pixels, 0 to 1)",
        "std          0.5000  0.0000  0.0000",
        f"fingerprint  {load('pets').fingerprint}",
        f"if streamed  {run.fingerprint}",
        "",
        "class  train  test",
        "cat        1     1",
        "dog        1     1",
    ]


def test_many_classes_are_summed_up(archc: Archc, tmp_path: Path) -> None:
    images, labels = np.zeros((64, 2, 2), np.uint8), np.concatenate([np.arange(30), np.full(34, 4)])
    np.savez(
        tmp_path / "x.npz", x_train=images, y_train=labels, x_test=images[:30], y_test=np.arange(30)
    )
    assert archc("data", "check", "x.npz").out.splitlines()[-1] == (
        "30 classes: the smallest is 0 with 1 training and 1 test images, "
        "the largest is 4 with 35 training and 1 test images"
    )


def test_progress_counts_every_image(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    check(*folder(tmp_path / "x"), watch=lambda done, total: seen.append((done, total)))
    assert seen == [(done, 24) for done in range(1, 25)]
    seen.clear()
    check(*idx(tmp_path / "y"), watch=lambda done, total: seen.append((done, total)))
    assert seen == [(30, 30)]


def test_what_cannot_be_checked(archc: Archc, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to check"):
        check("synthetic")
    for arguments, code in (
        (["synthetic"], 2),
        (["folder"], 2),
        (["digits", "--holdout", "1"], 2),
        (["./nowhere"], 4),
    ):
        done = archc("data", "check", "--json", *arguments)
        assert done.code == code and len(json.loads(done.out)["errors"]) == 1


def test_as_a_process(tmp_path: Path) -> None:
    """The installed command: no traceback, the codes, stdout and stderr apart."""
    root = write_mixed(tmp_path / "good")
    spoilt(tmp_path / "bad")
    (tmp_path / "cut.npz").write_bytes(b"PK\x03\x04")
    command = [str(Path(sys.executable).with_name("archc")), "data", "check"]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    for place, code, out, err in (
        (root, 0, "fingerprint", ""),
        (tmp_path / "bad", 4, "bad files: 6", ""),
        (tmp_path / "cut.npz", 4, "", "cut.npz: not a readable .npz file"),
    ):
        done = subprocess.run(
            [*command, str(place)],
            capture_output=True,
            text=True,
            check=False,
            env=env,
            cwd=tmp_path,
        )
        assert (done.returncode, out in done.stdout, err in done.stderr) == (code, True, True), done
        assert bool(done.stderr) == bool(err) and "Traceback" not in done.stderr
