"""A run that is killed, or whose disk fills up, at any moment: what was saved is whole, and
resuming ends as if nothing had been.
"""

import errno
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archcompile import atomic as files
from archcompile.errors import DataError
from archcompile.run_folder import checkpoint
from tests.training.runs import RECIPE, SPEC, assert_same_end, average_of, run_tiny
from tests.warm import PIPE, start_archc

pytestmark = pytest.mark.keras

AVERAGE = "train.average={kind: exponential, decay: 0.9}"
LOSS = "train.loss={focal: {gamma: 1}, class_weights: balanced}"
METRICS = "train.metrics=[top_3, macro_f1, auc, calibration_error]"
SETS = ["train.checkpoint.steps=9", "train.batch_size=100", AVERAGE, LOSS, METRICS]
OFTEN = "train.checkpoint.steps=2"


def full_at(patch: pytest.MonkeyPatch, number: int) -> Callable[[], int]:
    """The disk is full from the write of that number on; returns a count of the writes."""
    seen = 0

    def wrap(original: Callable[..., Any]) -> Callable[..., Any]:
        def fail(*args: Any, **kwargs: Any) -> Any:
            nonlocal seen
            seen += 1
            if seen >= number:
                raise OSError(errno.ENOSPC, "No space left on device")
            return original(*args, **kwargs)

        return fail

    for owner, name in ((files, "write"), (os, "replace"), (os, "rename")):
        patch.setattr(owner, name, wrap(getattr(owner, name)))
    return lambda: seen


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A run that nobody disturbed, and how often it wrote."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    with pytest.MonkeyPatch.context() as patch:
        count = full_at(patch, 10**6)
        run_tiny(folder, epochs=2, sets=SETS)
        return folder, count()


def check_full(whole: tuple[Path, int], folder: Path, number: int) -> None:
    """The run ends with exit code 4, what it had saved is intact, and with room again it comes to
    the same end.
    """
    with pytest.MonkeyPatch.context() as patch:
        full_at(patch, number)
        with pytest.raises(DataError) as caught:
            run_tiny(folder, epochs=2, sets=SETS)
    assert caught.value.exit_code == 4 and "No space left on device" in caught.value.message
    for path in checkpoint.latest_first(folder / "checkpoints"):
        checkpoint.read(path)
    assert not (folder / "result.json").exists()
    run_tiny(folder, epochs=2, sets=SETS, resume=(folder / "MANIFEST.json").exists())
    assert_same_end(folder, whole[0])


@pytest.mark.parametrize("part", (0, 5, 9))
def test_a_disk_that_fills_up_loses_nothing(
    whole: tuple[Path, int], tmp_path: Path, part: int
) -> None:
    check_full(whole, tmp_path / "run", 1 + part * (whole[1] - 1) // 9)


@pytest.mark.thorough
def test_a_disk_that_fills_up_at_any_write(whole: tuple[Path, int], tmp_path: Path) -> None:
    assert whole[1] > 40
    for number in range(1, whole[1] + 1):
        check_full(whole, tmp_path / str(number), number)


def kill_amid(folder: Path, epochs: int, seconds: float, *, resume: bool) -> bool:
    """A training of its own process, killed so long after two of its epochs were done; whether it
    was still running.
    """
    command = ["train", SPEC, "--recipe", RECIPE, "--run-dir", folder, "--epochs", epochs]
    for setting in (OFTEN, AVERAGE, LOSS, METRICS):
        command += ["--set", setting]
    command += ["--resume"] if resume else []
    process = start_archc(*command, stderr=PIPE)
    assert process.stderr is not None
    done = 0
    while done < 2 and (line := process.stderr.readline()):
        done += line.startswith("epoch")
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.stderr.read()
    return process.wait() == -signal.SIGKILL


@pytest.mark.parametrize("kills", [1, pytest.param(6, marks=pytest.mark.thorough)])
def test_killed_at_random_moments(tmp_path: Path, kills: int) -> None:
    """A checkpoint is written every second step, so most moments are amid one."""
    chance, folder, epochs = random.Random(kills), tmp_path / "run", 4 * kills + 2
    killed_amid = 0
    for number in range(kills):
        killed_amid += kill_amid(folder, epochs, chance.uniform(0.0, 0.3), resume=number > 0)
    assert killed_amid > kills // 2
    run_tiny(folder, epochs=epochs, sets=[OFTEN, AVERAGE, LOSS, METRICS], resume=True)
    run_tiny(tmp_path / "whole", epochs=epochs, sets=[AVERAGE, LOSS, METRICS])
    assert average_of(folder)
    assert_same_end(folder, tmp_path / "whole")
