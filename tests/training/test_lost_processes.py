"""What a user is told when a step that several processes do together fails."""

from types import SimpleNamespace
from typing import Any

import pytest

from archcompile.engine.jax.failures import is_status, means_lost
from archcompile.training.loop import TrainingLoop


def reason(error: Exception, *, workers: int, is_lost: bool, is_of_framework: bool) -> Any:
    """What a training loop makes of an error of which its trainer says so much."""
    trainer = SimpleNamespace(
        is_lost_process=lambda error: is_lost,
        is_of_framework=lambda error: is_of_framework,
        is_out_of_memory=lambda error: False,
    )
    devices = SimpleNamespace(workers=workers)
    loop: Any = SimpleNamespace(trainer=trainer, devices=devices)
    return TrainingLoop._reason(loop, error)


@pytest.mark.parametrize(
    ("is_lost", "message"),
    [
        (True, "another process of this training has ended, and none can continue without it"),
        (False, "a step that all processes do together has failed: broken by words unknown to us"),
    ],
)
def test_a_step_of_several_processes_fails(is_lost: bool, message: str) -> None:
    error = RuntimeError("broken by words unknown to us\nand more of them")
    explained = reason(error, workers=2, is_lost=is_lost, is_of_framework=True)
    assert (explained.exit_code, explained.message) == (5, message)
    assert "restart all" in explained.hint and "with --resume" in explained.hint


@pytest.mark.parametrize(("workers", "is_of_framework"), [(1, True), (2, False)])
def test_any_other_error_is_one_of_ours(workers: int, is_of_framework: bool) -> None:
    error = RuntimeError("broken")
    assert not reason(error, workers=workers, is_lost=False, is_of_framework=is_of_framework)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ValueError("UNKNOWN: Gloo AllGather failed: Connection closed by peer"), True),
        (ValueError("could not broadcast input: UNKNOWN: peer"), False),
        (RuntimeError("UNKNOWN: Connection closed by peer"), False),
    ],
)
def test_a_lost_connection_is_a_status_in_a_value_error(error: Exception, expected: bool) -> None:
    """JAX raises it where a result is read back, and its own class where a step is started."""
    assert means_lost(error)
    assert is_status(error) == expected
