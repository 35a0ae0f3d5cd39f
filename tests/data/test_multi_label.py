"""Images with several labels: the table, its mistakes with their places, and what is loaded."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from archcompile.data import check, sources
from archcompile.errors import DataError
from archcompile.recipe import Data
from tests.command_line import Archc
from tests.data.labelled import LABELS, write_labelled


def test_what_is_loaded(tmp_path: Path) -> None:
    root = write_labelled(tmp_path / "set")
    data = sources.load(str(root))
    assert (data.name, data.classes, data.has_several_labels) == ("multi_label", LABELS, True)
    assert (len(data.train), len(data.test), data.validation) == (18, 6, None)
    lines = [line.split(",") for line in (root / "labels.csv").read_text().splitlines()[1:]]
    for split, name in ((data.train, "train"), (data.test, "test")):
        expected = [list(map(int, row[2:])) for row in lines if row[1] == name]
        assert split.labels.tolist() == expected and split.labels.dtype == np.int64
    assert data.train.counts(3).tolist() == data.train.labels.sum(axis=0).tolist()
    assert sources.load(str(root)).fingerprint == data.fingerprint


def test_labels_are_part_of_both_fingerprints(tmp_path: Path) -> None:
    root = write_labelled(tmp_path / "set")
    file = root / "labels.csv"
    before = [sources.load(str(root), wants=Data(stream=on)).fingerprint for on in (False, True)]
    text = file.read_text()
    line = text.splitlines()[1]
    flipped = line[:-1] + ("0" if line.endswith("1") else "1")
    file.write_text(text.replace(line, flipped))
    after = [sources.load(str(root), wants=Data(stream=on)).fingerprint for on in (False, True)]
    assert before[0] != after[0] and before[1] != after[1]


def test_what_is_held_out(tmp_path: Path) -> None:
    root = write_labelled(tmp_path / "set", splits=False)
    data, other_seed = (sources.load(str(root), seed=seed) for seed in (0, 1))
    assert (len(data.train), len(data.test)) == (19, 5)
    assert any("no test images in labels.csv: 5 of 24" in note for note in data.notes)
    assert data.fingerprint != other_seed.fingerprint
    chosen = sources.load(str(root), wants=Data(validation=4))
    assert chosen.validation and (len(chosen.train), len(chosen.validation)) == (15, 4)
    folded = sources.load(str(root), wants=Data(folds=3, fold=1))
    assert folded.validation and len(folded.validation) == 6
    assert folded.validation.labels.shape == (6, 3)


def test_a_validation_set_of_its_own(tmp_path: Path) -> None:
    root = write_labelled(tmp_path / "set")
    file = root / "labels.csv"
    file.write_text(file.read_text().replace("001.png,train", "001.png,validation"))
    data = sources.load(str(root))
    assert data.validation and data.validation_from == "validation"
    assert (len(data.train), len(data.validation)) == (17, 1)
    contents = check(str(root))
    assert (contents.train, contents.validation, contents.test) == (17, 1, 6)
    assert contents.fingerprint == data.fingerprint


MISTAKES: dict[str, tuple[Callable[[str], str], str]] = {
    "value": (lambda t: t.replace(t.splitlines()[1], t.splitlines()[1][:-1] + "yes"),
              ":2:28: expected 0 or 1, got `yes`"),
    "path twice": (lambda t: t + t.splitlines()[1], ":26:1: pictures/000.png is in line 2 already"),
    "missing file": (lambda t: t.replace("003", "999"), ":5:1: there is no file pictures/999.png"),
    "no image": (lambda t: t.replace("003.png", "003.txt"), ":5:1: `pictures/003.txt` is no image"),
    "outside": (lambda t: t.replace("pictures/003", "../x"), ":5:1: ../x.png leads out of"),
    "split": (lambda t: t.replace("test", "tset", 1), ":5:18: there is no split `tset`"),
    "short row": (lambda t: t.replace("pictures/003.png,test,", "pictures/003.png,"),
                  ":5:1: expected 5 cells as in the head, got 4"),
    "quote": (lambda t: t.replace("pictures/003.png", '"pictures/003.png"x'), ":5:1: is no line"),
    "a quote within": (lambda t: t.replace("003.png", '0"3.png'), ":5:1: there is no file"),
    "quoted": (lambda t: t.replace("pictures/003.png", '"a,""b.png"'), ":5:1: there is no file a,"),
    "no path": (lambda t: t.replace("path,", "file,", 1), ":1:1: expected the column `path` first"),
    "label twice": (lambda t: t.replace("corner", "red", 1), ":1:16: the label `red` has a column"),
    "no label": (lambda t: t.replace("corner", "", 1), ":1:16: `` is no name of a label"),
    "one label": (lambda t: "path,split,red\n", ":1:1: expected at least two labels, got 1"),
    "empty": (lambda t: "", ":1:1: expected the column `path` first, got ``"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_have_places(name: str, tmp_path: Path) -> None:
    root = write_labelled(tmp_path / "set")
    change, message = MISTAKES[name]
    file = root / "labels.csv"
    file.write_text(change(file.read_text()))
    with pytest.raises(DataError) as caught:
        sources.load(str(root))
    assert message in caught.value.message and "labels.csv:" in caught.value.message


def test_check_lists_all(tmp_path: Path, archc: Archc) -> None:
    root = write_labelled(tmp_path / "set")
    good = archc("data", "check", root)
    assert "18 to train on, 6 to test on" in good.out and "red" in good.out
    file = root / "labels.csv"
    lines = file.read_text().splitlines()
    lines[3], lines[6] = lines[3][:-1] + "7", lines[6].replace("005.png", "x.png")
    file.write_text("\n".join(lines))
    (root / "pictures" / "009.png").write_bytes(b"no image")
    done = archc("data", "check", root)
    assert done.code == 4 and "bad files: 3" in done.out
    for place in ("labels.csv:4:28: expected 0 or 1", "labels.csv:7:1: there is no", "009.png"):
        assert place in done.out
