"""Runs under JAX, each in a process of its own, which nothing brings to import TensorFlow."""

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

import archcompile
from archcompile.errors import UsageError
from archcompile.inference.evaluation import evaluate
from archcompile.quiet import start_keras
from archcompile.run_folder import checkpoint
from archcompile.training.api import train
from tests.command_line import CALLS, Done, in_python
from tests.conftest import ROOT
from tests.engine.jax_processes import archc, run_until_killed
from tests.training.runs import RECIPE, SPEC, TinyRun, assert_same_end, run_tiny, silent
from tests.warm import WarmProcess

pytestmark = pytest.mark.keras

WITHOUT = (
    "import sys; sys.modules['tensorflow'] = None; from archcompile.cli.main import main; main()"
)


def run(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """A program in a process that finds nothing imported."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def without_loading_tensorflow(*commands: Sequence[str]) -> list[Done]:
    """Runs commands one after the other in a process that is left without TensorFlow."""
    checked = f"{CALLS}\nassert 'tensorflow' not in sys.modules"
    lines = in_python(checked, json.dumps(commands), cwd=ROOT).splitlines()
    done = [Done(*json.loads(line)) for line in lines]
    assert not any(each.code for each in done), done
    return done


def image(folder: Path) -> Path:
    """A picture file like those that the tiny network is trained on."""
    from PIL import Image

    file = folder / "image.png"
    Image.new("L", (8, 8), 128).save(file)
    return file


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
    """Where TensorFlow is not installed, where it is, and under it, to the same figures."""
    result = json.loads((whole / "result.json").read_text())
    assert result["engine"] == "jax"
    assert json.loads((whole / "environment.json").read_text())["engine"] == "jax"
    start_keras("tensorflow")
    accuracy = evaluate(whole, say=silent).scores.accuracy
    evaluation = ["eval", str(whole), "--json"]
    without = run(WITHOUT, *evaluation)
    assert without.returncode == 0, without.stderr
    file = tmp_path / "net.keras"
    done = without_loading_tensorflow(
        evaluation,
        ["predict", str(whole), str(image(tmp_path))],
        ["export", str(whole), "--format", "keras", "-o", str(file)],
    )
    for scored in (without.stdout, done[0].out):
        assert json.loads(scored)["test_accuracy"] == accuracy == result["test_accuracy"]
    assert file.exists()


def test_a_run_goes_on_under_the_other_engine(tmp_path: Path, tiny_run: TinyRun) -> None:
    """Killed under TensorFlow, finished under JAX, compared, exported, longer under TensorFlow."""
    folder = tmp_path / "run"
    words = ("train", SPEC, "--recipe", RECIPE, "--epochs", "2", "--run-dir", str(folder))
    saved = ("--set", "train.checkpoint.steps=10")
    process = WarmProcess(run_until_killed, 35, *words, *saved)
    assert process.wait() == -signal.SIGKILL
    begun = checkpoint.read(checkpoint.latest_first(folder / "checkpoints")[0])
    done = archc("train", "--resume", "--run-dir", folder, "--engine", "jax")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("warning") == 1
    assert "trained with tensorflow so far, and with jax from here on" in done.stderr
    ended = checkpoint.read(checkpoint.latest_first(folder / "checkpoints")[0])
    assert checkpoint.signature(begun.tensors) == checkpoint.signature(ended.tensors)
    with pytest.raises(UsageError, match="is finished, and was trained with jax"):
        train(resume=True, run_dir=folder, engine="tensorflow", say=silent)
    assert json.loads((folder / "result.json").read_text())["engine"] == "jax"
    compared = str(archcompile.compare(folder, tiny_run(epochs=2)))
    assert "engine: jax in" in compared
    exported = archcompile.export(folder, "onnx", output=tmp_path / "net.onnx", say=silent)
    assert exported and (tmp_path / "net.onnx").exists()
    message: list[str] = []
    again = train(resume=True, run_dir=folder, epochs=3, engine="tensorflow", say=message.append)
    assert len(again.history) == 3
    assert any("trained with jax so far, and with tensorflow" in line for line in message)


def test_a_process_has_one_engine(tmp_path: Path) -> None:
    from archcompile.errors import MissingError
    from archcompile.quiet import load_keras

    load_keras()
    with pytest.raises(MissingError, match="Keras runs on tensorflow in this process"):
        run_tiny(tmp_path / "run", engine="jax")
    assert not (tmp_path / "run").exists()


def test_kernels_belong_to_tensorflow(tmp_path: Path) -> None:
    done = archc(
        *("train", SPEC, "--recipe", RECIPE, "--run-dir", tmp_path / "run"),
        *("--engine", "jax", "--kernels", "fused"),
    )
    assert (
        done.returncode == 2 and "--kernels fused chooses among those of TensorFlow" in done.stderr
    )
    assert not (tmp_path / "run").exists()
