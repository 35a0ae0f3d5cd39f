"""`archc eval --tta`: several views of each test image, against the saved model run by Keras."""

import json
from pathlib import Path

import numpy as np
import pytest

from archcompile.choices import TestViews
from archcompile.data import sources as data
from archcompile.engine import VIEWS, open_engine
from archcompile.inference.ensemble import evaluate_ensemble
from archcompile.inference.evaluation import evaluate, load_subject
from archcompile.recipe import Data
from archcompile.run_folder import Run, read_run
from tests.command_line import Archc
from tests.conftest import ROOT
from tests.training.runs import run_tiny, silent
from tests.warm import read_output

pytestmark = pytest.mark.keras

CANVAS = ["data.fit=crop", "data.canvas=11"]
# (rows, columns) that a view begins at, and whether it is mirrored
CORNERS = [(-1, -1), (-1, 1), (1, -1), (1, 1)]
FOLDERS = ("plain", "canvas")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs: of images that have the network's size, and of larger ones."""
    folder = tmp_path_factory.mktemp("runs")
    run_tiny(folder / "plain", epochs=1)
    run_tiny(folder / "canvas", epochs=1, sets=CANVAS)
    return folder


def reference_views(name: str, tta: TestViews, mean: np.ndarray) -> list[np.ndarray]:
    """Every view of the test digits, prepared: written down a second time."""
    wants = Data(fit="crop", canvas=11) if name == "canvas" else Data()
    images = data.load("digits", wants=wants, shape=(8, 8, 1), classes=10).test.images
    images = np.asarray(images, np.float32)
    places = [(0, 0), *(CORNERS if "crops" in tta else [])]
    result = []
    for mirrored in (False, True) if "flip" in tta else (False,):
        for down, right in places:
            if name == "canvas":  # three are left over: one in front of the middle
                top, left = ((0, 1, 3)[place + 1] for place in (down, right))
                view = images[:, top : top + 8, left : left + 8] / 255 - mean
            else:
                padded = np.pad(images / 255 - mean, [(0, 0), (1, 1), (1, 1), (0, 0)], mode="edge")
                view = padded[:, 1 + down : 9 + down, 1 + right : 9 + right]
            result.append(view[:, :, ::-1] if mirrored else view)
    return result


@pytest.mark.parametrize("tta", VIEWS)
@pytest.mark.parametrize("name", FOLDERS)
def test_the_mean_is_that_of_the_saved_model(place: Path, name: str, tta: TestViews) -> None:
    import keras

    model = keras.saving.load_model(place / name / "model.keras")
    mean = Run(place / name).read_statistics().mean
    assert mean is not None
    views = reference_views(name, tta, mean)
    assert len(views) == len(VIEWS[tta])
    expected = np.mean([model.predict(view, verbose=0) for view in views], axis=0)
    labels = data.load("digits").test.labels
    evaluation = evaluate(place / name, tta=tta, say=silent)
    without = evaluate(place / name, say=silent)
    assert evaluation.scores == without.scores and without.averaged is None
    assert evaluation.averaged is not None
    scores = evaluation.averaged.scores
    assert scores.accuracy == (expected.argmax(axis=1) == labels).mean()
    cross_entropy = -np.log(expected[np.arange(len(labels)), labels]).mean()
    assert scores.cross_entropy == pytest.approx(cross_entropy, rel=1e-5)
    penalty = without.scores.loss - without.scores.cross_entropy
    assert scores.loss - scores.cross_entropy == pytest.approx(penalty)
    assert scores != evaluation.scores


def write_views(path: str, *folders: str) -> None:
    """In a process of its own: what every view comes to under JAX."""
    with Path(path).open("wb") as out:
        arrays = {folder.replace("/", "|"): predict_views(folder, "jax") for folder in folders}
        np.savez(out, **arrays)  # type: ignore[arg-type]


def predict_views(folder: str, engine: str) -> np.ndarray:
    """The probabilities (V, N, classes) of the test images in each view."""
    subject = load_subject(folder, "last", None, data_dir=None, say=silent)
    opened, saved = open_engine(engine), read_run(Path(folder), "last", silent)  # type: ignore[arg-type]
    evaluator = opened.make_evaluator(
        saved.graph, saved.model(), saved.recipe, statistics=saved.statistics
    )
    views = VIEWS["flip-crops"]
    return np.stack([np.concatenate(list(evaluator.predict(subject.test, v))) for v in views])


def test_both_engines_see_the_same_views(place: Path, tmp_path: Path) -> None:
    folders = [str(place / name) for name in FOLDERS]
    read_output(write_views, str(tmp_path / "views.npz"), *folders, cwd=ROOT, engine="jax")
    with np.load(tmp_path / "views.npz") as arrays:
        for folder in folders:
            expected = predict_views(folder, "tensorflow")
            np.testing.assert_allclose(arrays[folder.replace("/", "|")], expected, atol=1e-5)
            assert len({view.tobytes() for view in expected}) == 10


def test_the_command_says_both(place: Path, archc: Archc) -> None:
    words = archc("eval", place / "plain", "--tta", "flip").out
    assert "mean probabilities of 2 views of each image (flip)" in words
    record = json.loads(archc("eval", place / "plain", "--tta", "flip", "--json").out)
    plain = json.loads(archc("eval", place / "plain", "--json").out)
    tta = record.pop("tta")
    assert record == plain and "tta" not in plain
    assert (tta["views"], tta["count"], tta["mean_of"]) == ("flip", 2, "probabilities")
    assert tta["test_accuracy"] == pytest.approx(np.trace(tta["confusion"]) / 297)


def test_an_ensemble_averages_all_views(place: Path, tmp_path: Path) -> None:
    second = run_tiny(tmp_path / "second", epochs=1, seed=1).path
    _, together = evaluate_ensemble([place / "plain", second], tta="flip", say=silent)
    folders = [str(place / "plain"), str(second)]
    each = [predict_views(folder, "tensorflow")[[0, 5]] for folder in folders]
    expected = np.concatenate(each).mean(axis=0)
    labels = data.load("digits").test.labels
    assert together.record()["tta"] == "flip"
    assert together.scores.accuracy == (expected.argmax(axis=1) == labels).mean()
