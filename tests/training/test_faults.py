"""What fails inside the framework costs no epoch that was done: it is saved before it is
evaluated.
"""

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from archcompile.cli.app import main
from archcompile.engine.tensorflow.platform import count_threads
from archcompile.run_folder import checkpoint
from archcompile.training.loop import TrainingLoop
from tests.training.runs import RECIPE, SPEC, TinyRun, assert_same_end, run_tiny

pytestmark = pytest.mark.keras


class FrameworkError(RuntimeError):
    """Stands for whatever TensorFlow raises."""


@pytest.fixture
def whole(tiny_run: TinyRun) -> Path:
    return tiny_run(epochs=2)


def fail(*args: Any, **values: Any) -> Any:
    raise FrameworkError("Fusion is not implemented")


@pytest.mark.parametrize(("failing", "saved"), [(1, (0, 24)), (2, (1, 48))])
def test_in_an_evaluation(
    whole: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    failing: int,
    saved: tuple[int, int],
) -> None:
    folder, original = tmp_path / "run", TrainingLoop._evaluate
    with monkeypatch.context() as patch, pytest.raises(FrameworkError) as caught:
        patch.setattr(
            TrainingLoop,
            "_evaluate",
            lambda self: (fail if self.state.epoch + 1 == failing else original)(self),
        )
        run_tiny(folder, epochs=2)
    assert max(checkpoint.by_place(folder / "checkpoints")) == saved
    assert caught.value.__notes__ == [
        f"Saved epochs and steps: {saved[0]} and {saved[1]}. Once the cause is fixed, archc train "
        "--resume "
        f"--run-dir {folder} continues from there."
    ]
    message: list[str] = []
    run_tiny(folder, epochs=2, resume=True, say=message.append)
    assert any(f"resuming after epoch {saved[0]}, step {saved[1]}" in line for line in message)
    assert_same_end(folder, whole)


def test_in_a_step(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It may have changed some weights and not others: what was saved before counts."""
    from archcompile.engine.tensorflow.trainer import Trainer

    folder, original = tmp_path / "run", Trainer.step
    command = [
        "archc",
        "train",
        SPEC,
        "--recipe",
        RECIPE,
        "--epochs",
        "2",
        "--run-dir",
        str(folder),
    ]
    with monkeypatch.context() as patch, pytest.raises(SystemExit) as caught:
        patch.setattr(
            Trainer,
            "step",
            lambda self, *inputs, **factors: (fail if inputs[2] == 30 else original)(
                self, *inputs, **factors
            ),
        )
        patch.setattr(sys, "argv", command)
        main()
    message = capsys.readouterr().err
    assert caught.value.code == 70 and "Traceback" not in message
    assert (
        "Fusion is not implemented" in message
        and (
            "Saved epochs and steps: 1 and 24. Once the cause is fixed, archc train --resume "
            f"--run-dir {folder}"
        )
        in message
    )
    run_tiny(folder, epochs=2, resume=True)
    assert_same_end(folder, whole)


def test_before_anything_was_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from archcompile.engine.tensorflow.trainer import Trainer

    with monkeypatch.context() as patch, pytest.raises(FrameworkError) as caught:
        patch.setattr(Trainer, "step", fail)
        run_tiny(tmp_path / "run", epochs=1)
    assert caught.value.__notes__ == ["Nothing has been saved yet."]


def test_threads_of_the_environment_are_recorded(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By number alone, and a resumed run says where they differ."""
    before = count_threads()
    for variable in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "TF_ENABLE_ONEDNN_OPTS"):
        monkeypatch.delenv(variable, raising=False)
    assert count_threads() == {**before, "intra_op": 0, "inter_op": 0}
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "1")
    monkeypatch.setenv("TF_NUM_INTEROP_THREADS", "many")
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    assert count_threads() == {**before, "intra_op": 1, "inter_op": 0, "onednn": 0}
    message: list[str] = []
    run_tiny(
        Path(shutil.copytree(whole, tmp_path / "run")), epochs=3, resume=True, say=message.append
    )
    assert any("threads.intra_op is 0 there and 1 here" in line for line in message)
