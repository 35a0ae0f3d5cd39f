"""Runs of an earlier form are read and resumed. The folders in `kept/` are as archcompile 0.1.0
wrote them: those of format 2 at commit 21dc7a7, those of format 3 on 2026-11-30.

`complete` is a training of nine steps without its images and page, `interrupted` the same one
stopped by SIGTERM after step 5. They are never made anew: when the form of a run changes, folders
of the new form are put beside them.

Results are compared closely, not to the bit: another processor, or another version of TensorFlow,
sums in another order.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from archcompile.inference.evaluation import evaluate
from archcompile.inference.prediction import predict
from archcompile.run_folder import checkpoint
from archcompile.training.api import train
from tests.training.runs import history, silent

pytestmark = pytest.mark.keras

FORMATS = (2, 3)
ALL_KEPT = Path(__file__).parent / "kept"
KEPT = ALL_KEPT / f"format_{FORMATS[-1]}"
CLOSE = 1e-5  # nine small steps; rounding reaches some 1e-7


def copy(name: str, to: Path, kept: Path = KEPT) -> Path:
    return Path(shutil.copytree(kept / name, to / name))


@pytest.fixture(params=FORMATS, ids="format {}".format)
def kept(request: pytest.FixtureRequest) -> Path:
    return ALL_KEPT / f"format_{request.param}"


def last(run: Path) -> checkpoint.Checkpoint:
    return checkpoint.read(checkpoint.latest_first(run / "checkpoints")[0])


def assert_ends_alike(run: Path, kept: Path = KEPT) -> None:
    """Weights, optimizer, counters and history are those of the run that nobody stopped."""
    expected, got = last(kept / "complete"), last(run)
    assert got.state.draws == expected.state.draws
    assert expected.tensors.keys() == got.tensors.keys()
    for name, array in expected.tensors.items():
        np.testing.assert_allclose(got.tensors[name], array, rtol=CLOSE, atol=CLOSE, err_msg=name)
    assert (got.state.epoch, got.state.step, got.state.best_epoch) == (
        3,
        9,
        expected.state.best_epoch,
    )
    rows = zip(history(run), history(kept / "complete"), strict=True)
    for row, twin in rows:
        assert {k: float(v) for k, v in row.items()} == pytest.approx(
            {k: float(v) for k, v in twin.items()}, abs=CLOSE
        )


def test_an_interrupted_run_goes_on(kept: Path, tmp_path: Path) -> None:
    """With the random numbers that it began with: those of format 2 are TensorFlow's."""
    run = copy("interrupted", tmp_path, kept)
    message: list[str] = []
    actual = train(resume=True, run_dir=run, say=message.append)
    assert actual.result is not None and actual.result["finished"]
    assert any("resuming after epoch 1, step 5" in line for line in message)
    assert_ends_alike(run, kept)


def test_a_complete_run_is_scored_predicts_and_trains_on(kept: Path, tmp_path: Path) -> None:
    run = copy("complete", tmp_path, kept)
    result = json.loads((run / "result.json").read_text())
    scores = evaluate(run, say=silent).scores
    assert scores.loss == pytest.approx(result["test_loss"], abs=CLOSE)
    assert scores.accuracy == pytest.approx(result["test_accuracy"], abs=0.01)
    assert evaluate(run, which="best", say=silent).checkpoint.epoch == result["best"]["epoch"]
    (answer,) = predict(run, [image(tmp_path / "7.png")], say=silent).images
    assert sum(likely.probability for likely in answer.classes) <= 1 + CLOSE
    more = train(resume=True, run_dir=run, epochs=4, say=silent)
    assert [row.epoch for row in more.history] == [1, 2, 3, 4]
    assert history(run)[:3] == history(kept / "complete")


def image(file: Path) -> Path:
    from PIL import Image

    Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8)).save(file)
    return file
