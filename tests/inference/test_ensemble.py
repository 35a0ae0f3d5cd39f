"""`archc eval RUN RUN … --ensemble`, against the saved models run by Keras and scored by
scikit-learn.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from archcompile.errors import DataError, UsageError
from archcompile.inference import ensemble as module
from archcompile.inference.ensemble import evaluate_ensemble
from archcompile.inference.evaluation import evaluate
from tests.command_line import Archc
from tests.training.runs import SPEC, run_tiny, silent

pytestmark = pytest.mark.keras

LOGITS = """
archc: 1
about: another network than tiny.yaml, which ends in logits
allow: [no-softmax]
input: [8, 8, 1]
stem: [conv: {filters: 3, kernel: 3, l2: 1e-2}, relu]
head: [flatten, dense: {units: 10}]
"""
NOTHING = "train.preprocessing.mean=none"


def train_spec(spec: Path | str, folder: Path, **options: Any) -> Path:
    return run_tiny(folder, **{"spec": spec, "epochs": 1, **options}).path


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two runs of a net with other seeds and other preprocessing, and one of a net that ends in
    logits.
    """
    place = tmp_path_factory.mktemp("runs")
    (place / "logits.yaml").write_text(LOGITS)
    return [
        train_spec(SPEC, place / "first"),
        train_spec(SPEC, place / "second", seed=1, sets=[NOTHING], epochs=3),
        train_spec(place / "logits.yaml", place / "logits", epochs=2),
    ]


@pytest.fixture(scope="module")
def predictions(runs: list[Path]) -> tuple[list[np.ndarray], np.ndarray]:
    """What the saved models predict for the digits, each (N, 10), and the labels (N,)."""
    import keras
    from safetensors.numpy import load_file
    from scipy.special import softmax

    from archcompile.data import sources as data

    test = data.load("digits").test
    result = []
    for run in runs:
        images = test.images.astype(np.float32) / 255 - load_file(
            run / "preprocessing.safetensors"
        ).get("mean", 0)
        outputs = keras.saving.load_model(run / "model.keras").predict(images, verbose=0)
        result.append(softmax(outputs, axis=1) if run.name == "logits" else outputs)
    return result, test.labels


def test_the_ensemble_is_the_mean_of_the_predictions(
    runs: list[Path],
    predictions: tuple[list[np.ndarray], np.ndarray],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    each, labels = predictions
    averaged: list[np.ndarray] = []
    monkeypatch.setattr(
        module, "_score_ensemble", lambda subjects, mean, tta: averaged.append(mean)
    )
    evaluate_ensemble(runs, say=silent)
    assert averaged[0].shape == (len(labels), 10)
    np.testing.assert_allclose(averaged[0], np.mean(each, axis=0), atol=2e-6)
    for another in each[1:]:
        assert np.abs(each[0] - another).max() > 0.01, "runs that predict alike would be no test"


def test_accuracy_and_cross_entropy_of_each_and_of_the_ensemble(
    runs: list[Path], predictions: tuple[list[np.ndarray], np.ndarray]
) -> None:
    from sklearn.metrics import accuracy_score, log_loss

    each, labels = predictions
    evaluations, together = evaluate_ensemble(runs, say=silent)
    scores = [evaluation.scores for evaluation in evaluations]
    for figures, probabilities in zip(
        [*scores, together.scores], [*each, np.mean(each, axis=0)], strict=True
    ):
        normal = probabilities / probabilities.sum(axis=1, keepdims=True)
        assert figures.accuracy == accuracy_score(labels, normal.argmax(axis=1))
        assert figures.cross_entropy == pytest.approx(log_loss(labels, normal), rel=1e-5)
    assert together.scores.loss == together.scores.cross_entropy
    assert together.runs == tuple(str(run) for run in runs)
    assert together.scores.confusion.images == 297
    assert evaluations == [evaluate(run, say=silent) for run in runs]
    assert len({together.scores.accuracy, *(figures.accuracy for figures in scores)}) > 1


def test_the_command(runs: list[Path], archc: Archc) -> None:
    first = json.loads(archc("eval", runs[0], "--json").out)
    assert first == evaluate(runs[0], say=silent).record()
    actual = json.loads(archc("eval", *runs[:2], "--ensemble", "--json").out)
    assert list(actual) == ["runs", "ensemble"] and actual["runs"][0] == first
    apart = json.loads(archc("eval", *runs[:2], "--json").out)
    assert apart == {"runs": actual["runs"], "ensemble": None}
    lines = archc("eval", *runs[:2], "--ensemble", "--checkpoint", "best").out.splitlines()
    assert [line.split("  ")[0] for line in lines[:4]] == [
        "run",
        str(runs[0]),
        str(runs[1]),
        "ensemble of 2",
    ]
    assert all("[digits]" in line and "(chosen on the test set)" in line for line in lines[1:4])
    assert (
        lines[4:6] == ["", "the ensemble:"]
        and lines[6].startswith("top-5 accuracy 0.")
        and lines[8].split() == ["class", "accuracy"]
        and len([line for line in lines if " of " in line]) >= 11
    )
    wrong = archc("eval", runs[0], "--ensemble")
    assert wrong.code == 2 and "at least two runs" in wrong.err


def test_each_class_is_told(
    runs: list[Path],
    predictions: tuple[list[np.ndarray], np.ndarray],
    archc: Archc,
) -> None:
    from sklearn.metrics import confusion_matrix

    (probabilities, *_), labels = predictions
    counts = confusion_matrix(labels, probabilities.argmax(axis=1))
    first, metrics, blank, head, *rest = archc("eval", runs[0]).out.splitlines()
    assert first.startswith("test loss ") and metrics.startswith("top-5 accuracy ")
    assert blank == "" and head.split() == ["class", "accuracy"]
    reported = {line.split()[0]: line.split()[1:] for line in rest[:10]}
    assert reported == {
        str(i): [f"{row[i] / row.sum():.4f}", str(row[i]), "of", str(row.sum())]
        for i, row in enumerate(counts)
    }
    accuracies = [float(line.split()[1]) for line in rest[:10]]
    assert accuracies == sorted(accuracies)
    assert rest[10:12] == ["", "largest confusions"]
    np.fill_diagonal(counts, 0)
    largest = np.unravel_index(counts.argmax(), counts.shape)
    assert (
        rest[12]
        == f"{largest[0]} taken for {largest[1]}: {counts.max()} of {(labels == largest[0]).sum()}"
    )
    assert len(rest) == 12 + min(10, np.count_nonzero(counts))


def test_one_run_twice_is_refused(runs: list[Path]) -> None:
    with pytest.raises(UsageError, match="given twice"):
        evaluate_ensemble(
            [runs[0], runs[1], runs[0].parent / "second" / ".." / "first"], say=silent
        )


def images(folder: Path, classes: tuple[str, ...], seed: int = 0) -> Path:
    """A folder of small images; the same seed makes the same, whatever the classes are called."""
    from PIL import Image

    random = np.random.default_rng(seed)
    for split in ("train", "test"):
        for name in classes:
            (folder / split / name).mkdir(parents=True)
            for i in range(4):
                pixels = random.integers(0, 256, (8, 8), np.uint8)
                Image.fromarray(pixels, "L").save(folder / split / name / f"{i}.png")
    return folder


def test_eval_finds_the_data_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Data and run are named by relative paths; then eval and --resume run elsewhere, on a run that
    was moved.
    """
    images(tmp_path / "small", ("cat", "dog"))
    monkeypatch.chdir(tmp_path)
    for name, options in {
        "a": {"data": "small"},
        "b": {"data": "folder", "data_dir": "small"},
    }.items():
        train_spec(SPEC, Path(name), sets=["classes=2"], **options)
    target = tmp_path / "elsewhere"
    target.mkdir()
    monkeypatch.chdir(target)
    moved = (tmp_path / "a").rename(target / "moved")
    assert (
        evaluate(moved, say=silent).scores.accuracy
        == evaluate(tmp_path / "b", say=silent).scores.accuracy
    )
    train_spec(SPEC, tmp_path / "b", recipe=None, sets=["classes=2"], resume=True, epochs=2)
    (tmp_path / "small").rename(tmp_path / "gone")
    with pytest.raises(DataError, match=r"^the run's data .*/small is not there\n") as caught:
        evaluate(moved, say=silent)
    assert caught.value.hint == "give its present folder with --data-dir"
    assert evaluate(moved, data_dir=tmp_path / "gone", say=silent).scores.confusion.images == 8


def test_runs_that_cannot_be_averaged(tmp_path: Path, runs: list[Path]) -> None:
    def run(name: str, data: Path, classes: int = 2) -> Path:
        return train_spec(SPEC, tmp_path / name, data=str(data), sets=[f"classes={classes}"])

    first = run("cats", images(tmp_path / "a", ("cat", "dog")))
    birds = run("birds", images(tmp_path / "b", ("bird", "dog")))
    others = run("others", images(tmp_path / "c", ("cat", "dog"), seed=1))
    more = run("more", images(tmp_path / "d", ("cat", "cow", "dog")), classes=3)
    for second, what in (
        (birds, "class 0 is `cat` in the one and `bird` in the other"),
        (others, "8 of their 8 test images differ"),
        (more, "they have 2 and 3 classes; their test images are 8 of 8x8x1 and 12 of 8x8x1"),
    ):
        with pytest.raises(DataError) as caught:
            evaluate_ensemble([first, second], say=silent)
        assert caught.value.message == f"{first} and {second} cannot be averaged: {what}"
    (birds / "classes.json").write_text("3")
    with pytest.raises(DataError, match="classes.json is damaged"):
        evaluate_ensemble([first, birds], say=silent)
