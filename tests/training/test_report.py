"""report.html: written at the end of a run, made again from disk, and never in the way of what is
known already.
"""

import base64
import io
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from archcompile.data import sources as data
from archcompile.errors import DataError
from archcompile.inference.evaluation import evaluate, load_subject, score
from archcompile.report.groups import compare_runs
from archcompile.report.reading import read
from archcompile.report.summary import summary
from archcompile.training import limit
from archcompile.training.run_report import report
from tests.command_line import Archc
from tests.report.test_page import checked_page, words
from tests.training.runs import run_tiny, silent

pytestmark = pytest.mark.keras


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Trained where they are: a report names the folder of its run."""
    place = tmp_path_factory.mktemp("runs")
    return [run_tiny(place / f"r{seed}", epochs=2, seed=seed).path for seed in (0, 1)]


def test_what_a_run_leaves_can_be_read_as_plain_files(runs: list[Path]) -> None:
    """The classes of `report.records` fit what training writes."""
    actual, result = read(runs[0]), json.loads((runs[0] / "result.json").read_text())
    first = summary(actual)
    assert (first.state, first.epochs, first.of, first.params) == (
        "finished",
        2,
        2,
        result["params"],
    )
    assert (first.test_accuracy, first.hash, first.name) == (
        result["test_accuracy"],
        result["hash"],
        "tiny",
    )
    assert actual.progress is not None and actual.progress.epoch == 2
    (runs[0] / "result.json").rename(runs[0] / "kept")
    try:
        unfinished = summary(read(runs[0]))
    finally:
        (runs[0] / "kept").rename(runs[0] / "result.json")
    assert (unfinished.state, unfinished.epochs, unfinished.of, unfinished.name) == (
        "unfinished",
        2,
        2,
        "tiny",
    )
    assert unfinished.test_accuracy == result["test_accuracy"]


def counts(row: ElementTree.Element) -> list[int]:
    """The numbers in a row of the confusion matrix, in which a dot stands for none."""
    return [int((cell.text or "").replace("\xb7", "0")) for cell in row.findall("td")]


def test_the_report_of_a_run_is_the_one_made_again_from_disk(runs: list[Path]) -> None:
    written = (runs[0] / "report.html").read_text()
    assert report(compare_runs([read(runs[0])])) == written
    root, actual = checked_page(written), evaluate(runs[0]).record()
    for figure in ("test_accuracy", "test_loss", "test_cross_entropy"):
        assert f"{actual[figure]:.4f}" in words(root)
    rows = root.findall(".//table[@class='matrix']/tbody/tr")
    assert list(map(counts, rows)) == actual["confusion"]


def test_the_mistakes_are_the_images_themselves(runs: list[Path]) -> None:
    test = data.load("digits").test
    _, probabilities = score(load_subject(runs[0], "last", None, data_dir=None, say=silent))
    of_truth = probabilities[np.arange(297), test.labels]
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != test.labels)
    figures = checked_page((runs[0] / "report.html").read_text()).findall(".//figure")
    assert len(figures) == 24
    numbers = [int(re.findall(r"image (\d+)", words(figure))[0]) for figure in figures]
    assert numbers == sorted(wrong, key=lambda i: of_truth[i])[:24]
    for number, figure in zip(numbers, figures, strict=True):
        image = figure.find("img")
        assert image is not None
        pixels = Image.open(io.BytesIO(base64.b64decode(image.get("src", "").split(",")[1])))
        assert np.array_equal(np.asarray(pixels), test.images[number, :, :, 0])


def test_a_report_that_cannot_be_written_stops_before_the_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "run"
    (folder / "report.html").mkdir(parents=True)
    # as if it had come while the run trained
    monkeypatch.setattr("archcompile.run_folder.folder.check_free", lambda place: None)
    with pytest.raises(DataError, match=r"report\.html cannot be written"):
        run_tiny(folder, epochs=2)
    assert not (folder / "result.json").exists() and (folder / "model.keras").exists()
    (folder / "report.html").rmdir()
    assert run_tiny(folder, epochs=2, resume=True).result is not None
    assert (folder / "report.html").is_file()


def test_a_run_that_ended_within_its_first_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        limit.Limit, "step_seconds", lambda self, now: 0.01 if self.steps >= 3 else None
    )
    monkeypatch.setattr(limit.Limit, "is_over", lambda self, *rest: True)
    run = run_tiny(tmp_path / "run", epochs=2, time_limit="10m")
    assert run.result is not None and (run.result["epochs"], run.result["best"]) == (0, None)
    text = words(checked_page((run.path / "report.html").read_text()))
    assert "No epoch was finished." in text and "stopped early" in text and "0 of 2" in text
    (first,) = compare_runs([read(run.path)]).lines
    assert (first.state, first.epochs, first.of, first.test_accuracy) == (
        "stopped early",
        0,
        2,
        run.result["test_accuracy"],
    )


def test_the_command(runs: list[Path], archc: Archc, tmp_path: Path) -> None:
    done = archc("compare", *runs, "-o", "both.html")
    assert done.code == 0 and "wrote both.html" in done.err and "mean ± std of 2" in done.out
    root = checked_page((tmp_path / "both.html").read_text())
    assert [h.text for h in root.iter("h2")] == ["tiny · seed 0", "tiny · seed 1"]
    assert archc("compare", runs[0], "-o", "one.html").code == 0
    assert (tmp_path / "one.html").read_text() == (runs[0] / "report.html").read_text()
    assert archc("compare", runs[0], "-o", "nowhere/one.html").code == 2
