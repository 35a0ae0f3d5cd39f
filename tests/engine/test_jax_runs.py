"""Runs under JAX: in processes of their own, where nothing of TensorFlow can be imported."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from archcompile.inference.evaluation import evaluate
from archcompile.run_folder import checkpoint
from archcompile.training.api import train
from tests.training.runs import RECIPE, SPEC, assert_same_end, at_step, interrupt, run_tiny, silent

pytestmark = pytest.mark.keras

# A `main` without TensorFlow, which `killed_at`, if it is a step, kills right after that step.
PROGRAM = """
import os, signal, sys
sys.modules["tensorflow"] = None
from archcompile.cli.main import main
from archcompile.training.loop import TrainingLoop
killed_at, original = int(sys.argv.pop(1)), TrainingLoop._after_step
def after_step(self):
    original(self)
    if self.state.step == killed_at:
        os.kill(os.getpid(), signal.SIGKILL)
TrainingLoop._after_step = after_step
main()
"""


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What one process has compiled, the others need not."""
    settings = {
        "JAX_COMPILATION_CACHE_DIR": str(tmp_path_factory.mktemp("cache")),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        yield


def archc(*arguments: object, killed_at: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PROGRAM, str(killed_at), *map(str, arguments)]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def train_jax(folder: Path, *options: object, killed_at: int = 0) -> str:
    options = (SPEC, "--recipe", RECIPE, *options)
    done = archc("train", *options, "--run-dir", folder, "--engine", "jax", killed_at=killed_at)
    expected = -signal.SIGKILL if killed_at else 0
    assert done.returncode == expected, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("jax") / "whole"
    train_jax(folder, "--epochs", 2)
    return folder


def test_a_killed_run_ends_as_the_one_that_nobody_stopped(whole: Path, tmp_path: Path) -> None:
    """Dropout, shifts, norms and momentum are in; the kill is in the middle of an epoch."""
    folder = tmp_path / "run"
    saved = ("--set", "train.checkpoint.steps=10")
    train_jax(folder, "--epochs", 2, *saved, killed_at=35)
    train_jax(folder, "--epochs", 2, *saved, "--resume")
    assert_same_end(folder, whole)


def test_a_run_is_scored_predicts_and_is_exported(whole: Path, tmp_path: Path) -> None:
    """Without TensorFlow, and under it to the same figures; the run says which engine trained."""
    result = json.loads((whole / "result.json").read_text())
    assert result["engine"] == "jax"
    assert json.loads((whole / "environment.json").read_text())["engine"] == "jax"
    alone = archc("eval", whole, "--json")
    assert alone.returncode == 0, alone.stderr
    accuracy = evaluate(whole, say=silent).scores.accuracy
    assert json.loads(alone.stdout)["test_accuracy"] == accuracy == result["test_accuracy"]
    file = tmp_path / "net.keras"
    exported = archc("export", whole, "--format", "keras", "-o", file)
    assert exported.returncode == 0 and file.exists(), exported.stderr


def test_a_run_goes_on_under_the_other_engine(tmp_path: Path) -> None:
    """Begun under TensorFlow and stopped, finished under JAX, longer again under TensorFlow."""
    folder = tmp_path / "run"
    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        at_step(patch, 30, interrupt)
        run_tiny(folder, epochs=2)
    begun = checkpoint.read(checkpoint.latest_first(folder / "checkpoints")[0])
    done = archc("train", "--resume", "--run-dir", folder, "--engine", "jax")
    assert done.returncode == 0, done.stderr
    assert "engine is tensorflow there and jax here" in done.stderr
    ended = checkpoint.read(checkpoint.latest_first(folder / "checkpoints")[0])
    assert checkpoint.signature(begun.tensors) == checkpoint.signature(ended.tensors)
    message: list[str] = []
    again = train(resume=True, run_dir=folder, epochs=3, engine="tensorflow", say=message.append)
    assert len(again.history) == 3
    assert any("engine is jax there and tensorflow here" in line for line in message)


def test_a_process_has_one_engine(tmp_path: Path) -> None:
    from archcompile.errors import MissingError
    from archcompile.quiet import load_keras

    load_keras()
    with pytest.raises(MissingError, match="Keras runs on tensorflow in this process"):
        run_tiny(tmp_path / "run", engine="jax")
    assert not (tmp_path / "run").exists()
