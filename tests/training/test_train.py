"""Whole runs of a tiny network: what they leave, how they stop, and that a killed one ends as if
nothing had been.
"""

import json
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import archcompile
from archcompile.errors import ArchError, DataError, Interrupted, TrainingStopped, UsageError
from archcompile.inference.evaluation import evaluate
from archcompile.recipe import loading as recipe
from archcompile.run_files import FILES
from archcompile.run_folder import checkpoint
from archcompile.run_folder.folder import Run
from archcompile.training import session as execute
from archcompile.training.api import train
from archcompile.training.loop import TrainingLoop
from tests.training.runs import (
    RECIPE,
    SPEC,
    TinyRun,
    assert_same_end,
    at_step,
    history,
    run_tiny,
    silent,
    train_until,
)
from tests.warm import PIPE, WarmProcess

pytestmark = pytest.mark.keras

EARLY_STOP = "train.early_stop={monitor: loss, patience: 1, min_delta: 100.0}"  # after two epochs


@pytest.fixture
def whole(tiny_run: TinyRun) -> Path:
    """A run that nobody disturbed."""
    return tiny_run(epochs=4)


def test_what_a_run_leaves(whole: Path) -> None:
    assert {path.name for path in whole.iterdir()} == {*FILES, ".lock"}
    assert (whole / "spec.yaml").read_text() == Path(SPEC).read_text()
    graph = archcompile.compile(str(whole / "resolved.yaml"))
    assert graph.hash == archcompile.compile(SPEC).hash
    result = json.loads((whole / "result.json").read_text())
    rows = history(whole)
    assert [float(row["learning_rate"]) for row in rows] == pytest.approx([0.1, 0.1, 0.01, 0.01])
    assert [row["epoch"] for row in rows] == ["1", "2", "3", "4"]
    assert result["test_accuracy"] == float(rows[-1]["val_accuracy"])
    assert result["best"]["test_accuracy"] == max(float(row["val_accuracy"]) for row in rows)
    assert {
        key: result[key] for key in ("hash", "epochs", "steps", "dataset", "params", "seed")
    } == {
        "hash": graph.hash,
        "epochs": 4,
        "steps": 4 * 24,
        "dataset": "digits",
        "params": 36 + 16 + 50,
        "seed": 0,
    }
    assert float(rows[-1]["loss"]) < float(rows[0]["loss"])
    environment = json.loads((whole / "environment.json").read_text())
    assert (
        environment["versions"]["keras"]
        and environment["seed"] == 0
        and environment["threads"]["cpus"] >= 1
    )
    assert recipe.load(whole / "recipe.yaml") == recipe.load(Path(RECIPE))
    assert len(json.loads((whole / "classes.json").read_text())) == 10


def test_eval_prints_the_same_from_disk(whole: Path) -> None:
    result = json.loads((whole / "result.json").read_text())
    for which, accuracy in (
        ("last", result["test_accuracy"]),
        ("best", result["best"]["test_accuracy"]),
    ):
        scores = evaluate(whole, which=which).scores
        assert (scores.accuracy, scores.confusion.images) == (accuracy, 297)
    assert evaluate(whole).scores.loss == pytest.approx(result["test_loss"], rel=1e-6)


def replacing(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda data: data.replace(old, new)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("recipe.yaml", replacing(b"scale: 255.0", b"scale: 25.0")),
        ("resolved.yaml", replacing(b"rate: 0.1", b"rate: 0.2")),
        ("classes.json", replacing(b'"3"', b'"8"')),
        ("preprocessing.safetensors", lambda data: data[:-1] + bytes([data[-1] ^ 1])),
        ("environment.json", lambda data: b""),
        ("environment.json", lambda data: b"{}"),
        ("environment.json", replacing(b'"seed": 0', b'"seed": 1')),
    ],
)
def test_eval_refuses_files_that_were_changed(
    whole: Path, tmp_path: Path, name: str, change: Callable[[bytes], bytes]
) -> None:
    run = shutil.copytree(whole, tmp_path / "run")
    before = (run / name).read_bytes()
    assert change(before) != before
    (run / name).write_bytes(change(before))
    with pytest.raises(DataError, match=rf"/run/{name} is damaged"):
        evaluate(run, say=silent)


def test_the_saved_model_is_plain_keras_and_the_same(whole: Path) -> None:
    import keras
    import numpy as np

    from archcompile.data import sources as data

    digits = data.load("digits")
    mean = Run(whole).read_statistics().mean
    assert mean is not None
    model = keras.saving.load_model(whole / "model.keras")
    actual = model.predict(digits.test.images.astype(np.float32) / 255 - mean, verbose=0).argmax(
        axis=1
    )
    assert (actual == digits.test.labels).mean() == evaluate(whole).scores.accuracy


@pytest.mark.parametrize(
    ("every", "resumed_at"),
    [pytest.param(None, [24, 72], marks=pytest.mark.thorough), (5, [25, 85])],
)
def test_killed_and_resumed_is_bit_equal(
    whole: Path, tmp_path: Path, every: int | None, resumed_at: list[int]
) -> None:
    """kill -9 amid the second epoch and again amid the fourth, in processes of their own; then to
    the end.
    """
    folder, sets = tmp_path / "run", [f"train.checkpoint.steps={every}"] if every else []
    for step in (29, 89):
        process = WarmProcess(train_until, step, str(folder), sets, stderr=PIPE)
        message = process.communicate()[1]
        assert process.returncode == -signal.SIGKILL, message
    assert f", step {resumed_at[0]}, from" in message
    said_at_last: list[str] = []
    run_tiny(folder, resume=True, sets=sets, say=said_at_last.append)
    assert any(f", step {resumed_at[1]}, from" in line for line in said_at_last)
    assert_same_end(folder, whole)
    assert len(json.loads((folder / "environment.json").read_text())["resumed"]) == 2


PICTURES = (
    "train.augment={resized_crop: {}, jitter: {brightness: 0.4}, policy: {kind: trivial_augment}, "
    "erase: {fill: colour}, mix: {mixup: 0.2, cutmix: 1.0}, views: 2}"
)


def test_pictures_of_a_killed_run_are_those_of_the_whole_one(tmp_path: Path) -> None:
    """All that changes them at random, killed amid the second epoch."""
    whole, killed, sets = tmp_path / "whole", tmp_path / "killed", [PICTURES, "train.epochs=2"]
    run_tiny(whole, epochs=2, sets=sets)
    sets.append("train.checkpoint.steps=5")
    process = WarmProcess(train_until, 29, str(killed), sets, stderr=PIPE)
    message = process.communicate()[1]
    assert process.returncode == -signal.SIGKILL, message
    run_tiny(killed, epochs=2, resume=True, sets=sets)
    assert_same_end(killed, whole)


def test_a_finished_run_can_be_trained_on(whole: Path, tmp_path: Path) -> None:
    first = run_tiny(tmp_path / "run", epochs=2)
    assert [row.epoch for row in first.history] == [1, 2]
    more = run_tiny(tmp_path / "run", epochs=4, resume=True)
    assert history(tmp_path / "run") == history(whole)
    assert more.result is not None and more.result["epochs"] == 4
    too_short = r"has 96 steps already, more than the requested 72\n  help: .* the whole run"
    with pytest.raises(UsageError, match=too_short):
        run_tiny(tmp_path / "run", epochs=3, resume=True)


def test_a_run_that_ends_early_is_finished(tmp_path: Path) -> None:
    """Resuming it trains no step more; without the rule it goes on, as one that never had it."""
    lines: list[str] = []
    first = run_tiny(tmp_path / "run", epochs=5, sets=[EARLY_STOP], say=lines.append)
    assert [row.epoch for row in first.history] == [1, 2]
    assert first.result is not None and first.result["finished"]
    words = "loss has not improved for 1 epoch: the run ended early, after 48 of 120 steps"
    assert any(words in line for line in lines), lines
    again = run_tiny(tmp_path / "run", epochs=5, sets=[EARLY_STOP], resume=True)
    assert len(again.history) == 2
    longer = run_tiny(tmp_path / "run", epochs=3, resume=True)
    assert len(longer.history) == 3


def test_averaged_weights_are_a_checkpoint_of_their_own(whole: Path, tmp_path: Path) -> None:
    rule = "train.average={kind: uniform, start: 0.5}"
    run = run_tiny(tmp_path / "run", sets=[rule])
    assert run.result is not None
    averaged = evaluate(run.path, which="averaged", say=silent)
    figures = run.result["averaged"]
    assert averaged.scores.accuracy == figures["test_accuracy"] != run.result["test_accuracy"]
    assert averaged.scores.loss == pytest.approx(figures["test_loss"])
    assert history(run.path) == history(whole), "the run itself goes on as without"
    with pytest.raises(DataError, match="has no averaged weights"):
        evaluate(whole, which="averaged", say=silent)
    lines: list[str] = []
    sets = ["train.average={kind: uniform}", EARLY_STOP]
    run_tiny(tmp_path / "short", sets=sets, say=lines.append)
    assert any("before the average of its weights began" in line for line in lines)


def test_resume_keeps_what_was_set_when_the_run_began(tmp_path: Path) -> None:
    run_tiny(tmp_path / "run", epochs=1, sets=["train.batch_size=500"])
    assert run_tiny(tmp_path / "run", resume=True, recipe=None, epochs=2).history[1].epoch == 2
    with pytest.raises(DataError, match=r"recipe.batch_size is 500 there and 64 here"):
        run_tiny(tmp_path / "run", resume=True)
    with pytest.raises(DataError, match=r"spec is .* there and .* here"):
        run_tiny(tmp_path / "run", resume=True, recipe=None, sets=["defaults={bn: {epsilon: 0.1}}"])


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        ({"recipe": None}, 2, "names no recipe"),
        ({"recipe": "artcle"}, 2, "no recipe called 'artcle'"),
        ({"sets": ["train.bach_size=3"]}, 1, "bach_size"),
        ({"sets": ["data.fit=pad", "clases=3"]}, 1, "clases"),
        ({"sets": ["classes=7"]}, 4, "10 classes"),
        ({"sets": ["input=[9, 9, 1]"]}, 4, "8x8x1"),
        ({"sets": ["train.data.source=null"]}, 2, "names no data"),
        ({"data": "digts"}, 2, "digts"),
        ({"seed": -1}, 2, "seed"),
        ({"epochs": 0}, 1, "at least 1"),
        ({"resume": True}, 2, "is not a run folder"),
    ],
)
def test_mistakes_are_told_before_anything_is_written(
    tmp_path: Path, options: dict[str, Any], code: int, message: str
) -> None:
    with pytest.raises(ArchError) as caught:
        run_tiny(tmp_path / "run", **options)
    assert caught.value.exit_code == code
    assert message in caught.value.message
    assert not (tmp_path / "run").exists()


def test_a_loss_that_is_not_finite_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(TrainingStopped) as caught:
        run_tiny(tmp_path / "run", sets=["train.optimizer.learning_rate=1e30"])
    assert caught.value.exit_code == 5 and "not finite in epoch 1, step" in caught.value.message
    assert not (tmp_path / "run" / "result.json").exists()


@pytest.mark.parametrize(
    ("number", "code"),
    [pytest.param(signal.SIGINT, 130, marks=pytest.mark.thorough), (signal.SIGTERM, 143)],
)
def test_a_signal_stops_after_the_step_and_saves(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, code: int
) -> None:
    folder = tmp_path / "run"
    before = signal.getsignal(number)
    with monkeypatch.context() as patch, pytest.raises(Interrupted) as caught:
        at_step(patch, 31, lambda: signal.raise_signal(number))
        run_tiny(folder)
    assert caught.value.exit_code == code and "after step 31 of 96" in caught.value.message
    assert caught.value.hint == f"archc train --resume --run-dir {folder} continues"
    assert signal.getsignal(number) is before
    assert max(checkpoint.by_place(folder / "checkpoints")) == (1, 31)
    run = train(resume=True, run_dir=folder, say=silent)  # as the hint says
    assert run.result is not None and run.result["finished"]
    assert_same_end(folder, whole)


def test_a_signal_during_an_evaluation(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The epoch's steps are saved, and its evaluation is made up for."""
    original, folder = TrainingLoop._evaluate, tmp_path / "run"

    def evaluate_later(self: TrainingLoop) -> dict[str, float]:
        if self.state.epoch == 1:
            signal.raise_signal(signal.SIGTERM)
        return original(self)

    with monkeypatch.context() as patch, pytest.raises(Interrupted, match="after step 48 of 96"):
        patch.setattr(TrainingLoop, "_evaluate", evaluate_later)
        run_tiny(folder)
    assert max(checkpoint.by_place(folder / "checkpoints")) == (1, 48)
    run_tiny(folder, resume=True)
    assert_same_end(folder, whole)


def test_interrupted_while_the_model_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*args: Any) -> None:
        raise KeyboardInterrupt

    message: list[str] = []
    monkeypatch.setattr(execute, "trainer_of", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run_tiny(tmp_path / "run", say=message.append)
    assert message[-1] == "nothing has been written yet"


def test_a_damaged_checkpoint_is_named_and_the_one_before_it_used(
    whole: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    run_tiny(folder, epochs=3)
    weights = checkpoint.latest_first(folder / "checkpoints")[0] / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    message: list[str] = []
    run_tiny(folder, resume=True, epochs=4, say=message.append)
    assert any("epoch-0003-step-00000072 is damaged" in line for line in message)
    assert history(folder) == history(whole)


def test_training_from_python(tmp_path: Path) -> None:
    run = archcompile.train(SPEC, recipe=RECIPE, run_dir=tmp_path / "run", epochs=1, say=silent)
    assert run.history[0].epoch == 1
