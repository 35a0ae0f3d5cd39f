"""Trainings on images with several labels each, and what does not fit them."""

import json
from pathlib import Path

import numpy as np
import pytest

from archcompile.errors import SpecError
from archcompile.inference.metrics import measure_all
from archcompile.run_folder.folder import Run
from archcompile.training.api import train
from tests.command_line import Archc
from tests.data.labelled import LABELS, write_labelled
from tests.training.runs import RECIPE, SPEC, assert_same_end, history, run_tiny, silent

pytestmark = pytest.mark.keras

NET = """archc: 1
input: [8, 8, 3]
stem:
  - conv: {filters: 8, kernel: 3}
  - relu
head:
  - global_avg_pool
  - HEAD
"""
SIGMOIDS = "dense: {units: 3, activation: sigmoid}"
SOFTMAX = "dense: {units: 3, activation: softmax}"
SETS = [
    "train.batch_size=8",
    "train.metrics=[macro_f1, auc]",
    "train.loss.class_weights=balanced",
    "train.label_smoothing=0.1",
]


def net(folder: Path, head: str = SIGMOIDS) -> str:
    file = folder / "net.yaml"
    file.write_text(NET.replace("HEAD", head))
    return str(file)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("several")
    data = write_labelled(folder / "set", 80)
    return run_tiny(folder / "run", spec=net(folder), data=str(data), sets=SETS)


def test_the_result(run: Run, archc: Archc) -> None:
    result = json.loads((run.path / "result.json").read_text())
    record = json.loads(archc("eval", run.path, "--json").out)
    assert list(result["test_metrics"]) == ["exact_match", "macro_f1", "auc"]
    for key in ("test_accuracy", "test_cross_entropy", "test_metrics"):
        assert record[key] == pytest.approx(result[key], rel=1e-5)
    assert result["test_accuracy"] == pytest.approx(result["test_metrics"]["exact_match"])
    last = history(run.path)[-1]
    for name in ("macro_f1", "auc"):
        assert float(last[f"val_{name}"]) == pytest.approx(result["test_metrics"][name], rel=1e-4)
    of_red = record["per_label"]["red"]
    assert set(record["per_label"]) == set(LABELS) and of_red["images"] > 0
    assert "confusion" not in record and record["head_output"] == "sigmoids"


def test_the_figures_are_those_of_the_probabilities(run: Run) -> None:
    from archcompile.inference.evaluation import load_subject, score

    subject = load_subject(run.path, "last", None, data_dir=None, say=lambda text: None)
    evaluation, shares = score(subject)
    labels, scores = subject.test.labels, evaluation.scores
    assert scores.metrics == measure_all(labels, shares)
    assert scores.accuracy == ((shares >= 0.5) == labels).all(axis=1).mean()
    lost = -np.log(np.where(labels == 1, shares, 1 - shares)).mean()
    assert scores.cross_entropy == pytest.approx(lost, rel=1e-5)


def test_the_words(run: Run, archc: Archc) -> None:
    lines = archc("eval", run.path).out.splitlines()
    assert lines[1].startswith("exact match ") and "macro F1" in lines[1]
    assert lines[3].split() == ["label", "precision", "recall", "F1", "images"]
    assert {line.split()[0] for line in lines[4:]} == set(LABELS)
    page = (run.path / "report.html").read_text()
    assert "exact match" in page and "<th>precision</th>" in page.replace(' scope="col"', "")
    assert archc("predict", run.path, Path(run.data()[1]) / "pictures").out  # type: ignore[index]


def test_two_of_them_together(run: Run, tmp_path: Path, archc: Archc) -> None:
    again = run_tiny(
        tmp_path / "run", spec=net(tmp_path), data=str(run.data()[1]), sets=SETS, seed=1
    )
    record = json.loads(archc("eval", run.path, again.path, "--ensemble", "--json").out)
    together = record["ensemble"]["test_metrics"]
    assert set(together) == {"exact_match", "macro_f1", "auc"}
    table = archc("compare", run.path, again.path).out
    assert "macro F1" in table and "mean ± std of 2" in table.partition("macro F1")[2]
    groups = json.loads(archc("compare", run.path, again.path, "--json").out)["groups"]
    values = [each["test_metrics"]["auc"] for each in record["runs"]]
    assert groups[0]["test_metrics"]["auc"]["mean"] == pytest.approx(np.mean(values), rel=1e-4)


def test_resumed(run: Run, tmp_path: Path) -> None:
    """After the second epoch, as if nothing had been."""
    run_tiny(tmp_path / "run", spec=net(tmp_path), data=str(run.data()[1]), sets=SETS, epochs=2)
    train(run_dir=tmp_path / "run", resume=True, epochs=4, say=silent)
    assert_same_end(tmp_path / "run", run.path)


def test_streamed(run: Run, tmp_path: Path) -> None:
    sets = [*SETS, "data.stream=true", "data.fit=resize"]
    streamed = run_tiny(tmp_path / "run", spec=net(tmp_path), data=str(run.data()[1]), sets=sets)
    assert history(streamed.path) == history(run.path)


WRONG = {
    "softmax": (SOFTMAX, [], "net.yaml:8:5", "outputs one class of several"),
    "a kind": (SOFTMAX, ["train.loss.kind=binary"], "train.loss.kind", "loss of a sigmoid"),
    "categorical": (SIGMOIDS, ["train.loss.kind=categorical"], "", "loss of a softmax"),
    "a weight": (SIGMOIDS, ["train.loss.class_weights={rd: 2}"], "", "has no class `rd`"),
    "top 2": (SIGMOIDS, ["train.metrics=[top_2]"], "", "which `top_2` does not measure"),
    "calibration": (SIGMOIDS, ["train.metrics=[calibration_error]"], "", "does not measure"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit(name: str, run: Run, tmp_path: Path) -> None:
    head, sets, place, message = WRONG[name]
    with pytest.raises(SpecError) as caught:
        run_tiny(tmp_path / "run", spec=net(tmp_path, head), data=str(run.data()[1]), sets=sets)
    (error,) = caught.value.diagnostics
    assert message in error.message and place in str(error.location)


def test_sigmoids_for_one_class_of_several(tmp_path: Path) -> None:
    """Binary cross-entropy over one-hot labels, if the recipe says so (Wightman et al. 2021)."""
    file = tmp_path / "net.yaml"
    file.write_text(Path(SPEC).read_text().replace("softmax", "sigmoid"))
    with pytest.raises(SpecError, match="10 independent sigmoids"):
        run_tiny(tmp_path / "run", spec=str(file), recipe=RECIPE)
    sets = ["train.loss.kind=binary", "train.metrics=[top_5]"]
    done = run_tiny(tmp_path / "run", spec=str(file), recipe=RECIPE, sets=sets, epochs=1)
    assert done.result and "top_5" in done.result["test_metrics"]
    assert float(history(done.path)[0]["val_cross_entropy"]) < 1.0
    with pytest.raises(SpecError, match="`top_10` is always 1"):
        run_tiny(tmp_path / "b", spec=str(file), sets=[sets[0], "train.metrics=[top_10]"])
