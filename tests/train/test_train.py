"""Whole runs of a tiny network: what they leave, how they stop, and that a killed one ends as if nothing had been."""

import csv
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import archcompile
from archcompile.errors import ArchError, DataError, Interrupted, TrainingStopped, UsageError
from archcompile.train import checkpoint, execute, fit, recipe
from archcompile.train.api import train
from archcompile.train.evaluate import evaluate
from archcompile.train.run import Run

pytestmark = pytest.mark.keras

HERE = Path(__file__).parent
SPEC, RECIPE = str(HERE / "tiny.yaml"), str(HERE / "tiny_recipe.yaml")
TIMING = ("seconds", "images_per_second")


def silent(text: str) -> None:
    """Takes the messages of a run."""


def run_tiny(folder: Path, **options: Any) -> Run:
    return train(SPEC, **{"recipe": RECIPE, "run_dir": folder, "say": silent, **options})


def history(folder: Path) -> list[dict[str, str]]:
    with (folder / "history.csv").open(newline="") as file:
        return [{key: value for key, value in line.items() if key not in TIMING} for line in csv.DictReader(file)]


def tensors(folder: Path) -> dict[str, bytes]:
    path = max(checkpoint.found(folder / "checkpoints").items())[1]
    return {name: array.tobytes() for name, array in checkpoint.read(path).tensors.items()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nobody disturbed."""
    return run_tiny(tmp_path_factory.mktemp("whole") / "run").path


def test_what_a_run_leaves(whole: Path) -> None:
    assert {path.name for path in whole.iterdir()} == {
        "spec.yaml", "resolved.yaml", "recipe.yaml", "environment.json", "preprocessing.safetensors", "classes.json",
        "checkpoints", "history.csv", "result.json", "model.keras", "curves.svg", "curves.png", ".lock"}  # fmt: skip
    assert (whole / "spec.yaml").read_text() == Path(SPEC).read_text()
    graph = archcompile.compile(str(whole / "resolved.yaml"))
    assert graph.hash == archcompile.compile(SPEC).hash
    result = json.loads((whole / "result.json").read_text())
    rows = history(whole)
    assert [float(row["learning_rate"]) for row in rows] == pytest.approx([0.1, 0.1, 0.01, 0.01])
    assert [row["epoch"] for row in rows] == ["1", "2", "3", "4"]
    assert result["test_accuracy"] == float(rows[-1]["val_accuracy"])
    assert result["best"]["test_accuracy"] == max(float(row["val_accuracy"]) for row in rows)
    assert {key: result[key] for key in ("hash", "epochs", "steps", "dataset", "params", "seed")} == {
        "hash": graph.hash, "epochs": 4, "steps": 4 * 24, "dataset": "digits", "params": 36 + 16 + 50, "seed": 0}  # fmt: skip
    assert float(rows[-1]["loss"]) < float(rows[0]["loss"])
    environment = json.loads((whole / "environment.json").read_text())
    assert environment["versions"]["keras"] and environment["seed"] == 0 and environment["threads"]["cpus"] >= 1
    assert recipe.load(whole / "recipe.yaml") == recipe.load(Path(RECIPE))
    assert len(json.loads((whole / "classes.json").read_text())) == 10


def test_eval_prints_the_same_from_disk(whole: Path) -> None:
    result = json.loads((whole / "result.json").read_text())
    for which, accuracy in (("last", result["test_accuracy"]), ("best", result["best"]["test_accuracy"])):
        found = evaluate(whole, which=which)
        assert (found["test_accuracy"], found["images"]) == (accuracy, 297)
    assert evaluate(whole)["test_loss"] == pytest.approx(result["test_loss"], rel=1e-6)


def replaced(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda data: data.replace(old, new)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("recipe.yaml", replaced(b"scale: 255.0", b"scale: 25.0")),
        ("resolved.yaml", replaced(b"rate: 0.1", b"rate: 0.2")),
        ("classes.json", replaced(b'"3"', b'"8"')),
        ("preprocessing.safetensors", lambda data: data[:-1] + bytes([data[-1] ^ 1])),
        ("environment.json", lambda data: b""),
        ("environment.json", lambda data: b"{}"),
        ("environment.json", replaced(b'"seed": 0', b'"seed": 1')),
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

    from archcompile import data

    digits = data.load("digits")
    mean = Run(whole).read_mean()
    assert mean is not None
    model = keras.saving.load_model(whole / "model.keras")
    found = model.predict(digits.test.images.astype(np.float32) / 255 - mean, verbose=0).argmax(axis=1)
    assert (found == digits.test.labels).mean() == evaluate(whole)["test_accuracy"]


KILLED = """
import os, signal
from archcompile.quiet import load_keras
load_keras()
from archcompile.train import api, loop

original = loop.Trainer.epoch
def epoch(self, number, rate):
    for done in original(self, number, rate):
        if (number, done) == {at}:
            os.kill(os.getpid(), signal.SIGKILL)
        yield done
loop.Trainer.epoch = epoch
api.train({spec!r}, recipe={recipe!r}, run_dir={folder!r}, resume={resume})
"""


def test_killed_and_resumed_is_bit_equal(whole: Path, tmp_path: Path) -> None:
    """kill -9 amid the second epoch and again amid the fourth, in processes of their own; then to the end."""
    folder = tmp_path / "run"
    for at, resume in (((1, 5), False), ((3, 17), True)):
        code = KILLED.format(at=at, spec=SPEC, recipe=RECIPE, folder=str(folder), resume=resume)
        process = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
        assert process.returncode == -signal.SIGKILL, process.stderr
        assert len(history(folder)) == at[0]
    said: list[str] = []
    run_tiny(folder, resume=True, say=said.append)
    assert any(line.startswith("resuming after epoch 3") for line in said)
    assert history(folder) == history(whole)
    assert tensors(folder) == tensors(whole)
    assert len(json.loads((folder / "environment.json").read_text())["resumed"]) == 2


def test_a_finished_run_can_be_trained_on(whole: Path, tmp_path: Path) -> None:
    first = run_tiny(tmp_path / "run", epochs=2)
    assert [row.epoch for row in first.history] == [1, 2]
    more = run_tiny(tmp_path / "run", epochs=4, resume=True)
    assert history(tmp_path / "run") == history(whole)
    assert more.result is not None and more.result["epochs"] == 4
    with pytest.raises(UsageError, match="has 4 epochs already"):
        run_tiny(tmp_path / "run", epochs=3, resume=True)


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
        ({"resume": True}, 2, "holds no run"),
    ],
)
def test_mistakes_are_told_before_anything_is_written(
    tmp_path: Path, options: dict[str, Any], code: int, message: str
) -> None:
    with pytest.raises(ArchError) as caught:
        run_tiny(tmp_path / "run", **options)
    assert caught.value.exit_code == code
    assert message in str(caught.value)
    assert not (tmp_path / "run").exists()


def test_a_loss_that_is_not_finite_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(TrainingStopped) as caught:
        run_tiny(tmp_path / "run", sets=["train.optimizer.learning_rate=1e30"])
    assert caught.value.exit_code == 5 and "not finite in epoch 1, step" in caught.value.message
    assert not (tmp_path / "run" / "result.json").exists()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_after_the_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, code: int
) -> None:
    """The signal comes while the second epoch begins; the checkpoint of the first stays."""
    original = fit._epoch

    def signalled(*args: Any) -> Any:
        if args[4] == 1:
            signal.raise_signal(number)
        return original(*args)

    monkeypatch.setattr(fit, "_epoch", signalled)
    before = signal.getsignal(number)
    with pytest.raises(Interrupted) as caught:
        run_tiny(tmp_path / "run")
    assert caught.value.exit_code == code and "epoch 1 is kept" in caught.value.message
    assert signal.getsignal(number) is before
    assert list(checkpoint.found(tmp_path / "run" / "checkpoints")) == [1]


def test_interrupted_before_the_first_epoch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while the model is built, then within the first epoch."""

    def interrupted(*args: Any) -> None:
        raise KeyboardInterrupt

    said: list[str] = []
    with monkeypatch.context() as patch:
        patch.setattr(execute, "seeded_model", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run_tiny(tmp_path / "run", say=said.append)
    assert said[-1] == "nothing was written yet"
    original = fit._epoch
    monkeypatch.setattr(fit, "_epoch", lambda *args: (signal.raise_signal(signal.SIGINT), original(*args)))
    with pytest.raises(Interrupted, match="no checkpoint was written yet"):
        run_tiny(tmp_path / "run")


def test_a_damaged_checkpoint_is_named_and_the_one_before_it_used(whole: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    run_tiny(folder, epochs=3)
    weights = folder / "checkpoints/epoch-0003/weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    said: list[str] = []
    run_tiny(folder, resume=True, epochs=4, say=said.append)
    assert any("epoch-0003 is damaged" in line for line in said)
    assert history(folder) == history(whole)


def test_the_package_can_be_called(tmp_path: Path) -> None:
    import archcompile.train as package

    assert package(SPEC, recipe=RECIPE, run_dir=tmp_path / "run", epochs=1, say=silent).history[0].epoch == 1
    assert archcompile.train is package
