"""TensorBoard: checked for at the start, and written each epoch."""

import sys
from pathlib import Path

import pytest

from archcompile.errors import MissingError
from tests.training.runs import history, run_tiny


def test_it_is_missed_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with pytest.raises(MissingError) as caught:
        run_tiny(tmp_path / "run", tensorboard=True)
    assert (
        caught.value.exit_code == 3
        and caught.value.hint == "pip install 'archcompile[tensorboard]'"
    )
    assert not (tmp_path / "run").exists()


@pytest.mark.keras
def test_it_is_told_each_epoch_once(tmp_path: Path) -> None:
    """A resumed run continues where it was."""
    from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer

    folder = tmp_path / "run"
    run_tiny(folder, epochs=2, tensorboard=True)
    run_tiny(folder, epochs=3, resume=True)
    events = EventMultiplexer({"run": str(folder / "tensorboard")}).Reload()
    actual = [(event.step, event.value) for event in events.Scalars("run", "val_loss")]
    assert [step for step, _ in actual] == [1, 2, 3]
    assert [value for _, value in actual] == pytest.approx(
        [float(row["val_loss"]) for row in history(folder)]
    )
