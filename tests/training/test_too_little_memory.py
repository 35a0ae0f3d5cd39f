"""What a user is told when a device has too little memory."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import archcompile
from archcompile.engine import memory_of
from archcompile.errors import MissingError
from archcompile.recipe import find, load
from archcompile.training.too_little_memory import images_that_fit, memory_error
from tests.training.runs import run_tiny

GIB = 2**30


def devices(memory: int | None, count: int = 1) -> Any:
    return SimpleNamespace(names=("GPU:0",) * count, replicas=count, memory=memory)


@pytest.mark.parametrize(
    ("memory", "count", "fitting"),
    [(2 * GIB, 1, 64), (2 * GIB, 2, 64), (None, 1, 64), (100 * 2**20, 1, 32), (2**20, 1, 0)],
)
def test_the_images_that_fit(memory: int | None, count: int, fitting: int) -> None:
    """At most half of what did not fit, whatever the estimate says."""
    graph, recipe = archcompile.compile("resnet_v1_20"), load(find("he2015"))
    assert recipe.batch_size == 128
    batch = images_that_fit(graph, recipe, devices(memory, count))
    assert batch == fitting
    if memory and batch:
        assert memory_of(graph, recipe, batch // count).total < 0.9 * memory
        next_batch = memory_of(graph, recipe, 2 * batch // count).total
        assert batch == 64 or next_batch > 0.9 * memory


def test_the_message_has_what_is_needed_and_what_there_is() -> None:
    graph, recipe = archcompile.compile("resnet_v1_20"), load(find("he2015"))
    error = memory_error(graph, recipe, devices(100 * 2**20, 2), outlook="Nothing has been saved.")
    assert error.exit_code == 3
    assert "for a batch of 128 over 2 devices, got 100.0 MiB. Nothing has been saved." in str(error)
    assert error.hint == (
        "64 images at once would fit: --set train.accumulate=2 takes the same steps in parts; or "
        "--set train.batch_size=64, and a learning rate to suit"
    )
    too_small = memory_error(graph, recipe, devices(2**20), outlook="")
    assert too_small.hint is not None and "its weights alone need more" in too_small.hint


@pytest.mark.keras
def test_a_training_that_runs_out_of_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the first epoch, whose checkpoint stays."""
    import tensorflow as tf

    from archcompile.engine.tensorflow.trainer import Trainer

    original = Trainer.step

    def step(self: Any, batch: Any, numbers: Any, number: int, **factors: float) -> None:
        if number == 40:
            raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")
        original(self, batch, numbers, number, **factors)

    monkeypatch.setattr(Trainer, "step", step)
    with pytest.raises(MissingError, match="expected about .* got less. Saved epochs and steps: 1"):
        run_tiny(tmp_path / "run", epochs=3)
    assert list((tmp_path / "run" / "checkpoints").glob("epoch-0001-*"))
