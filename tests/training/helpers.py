"""States and tensors to save, without a model."""

import numpy as np

from archcompile.recipe.rates import Pace
from archcompile.run_folder.identity import Identity
from archcompile.run_folder.state import EpochRow, State

IDENTITY = Identity({"spec": "a" * 64, "recipe": {"batch_size": 32}, "data": "b" * 64, "seed": 0})
MACHINE = {"versions": {"numpy": "2"}, "threads": {"cpus": 2}}


def row(epoch: int, accuracy: float = 0.5) -> EpochRow:
    return EpochRow(
        epoch=epoch,
        learning_rate=1e-3,
        loss=1.0 / epoch,
        cross_entropy=0.9 / epoch,
        l2=0.1 / epoch,
        accuracy=0.5,
        val_loss=1.1,
        val_cross_entropy=1.0,
        val_accuracy=accuracy,
        seconds=2.0,
        images_per_second=100.0,
    )


def state_after(epochs: int) -> State:
    """Epochs of 7 steps; the second is the best."""
    state = State(pace=Pace(epoch=7, total=70))
    for epoch in range(1, epochs + 1):
        for _ in range(7):
            state = state.add_steps(1, 0.25)
        state = state.after(
            row(epoch, 0.9 if epoch == 2 else 0.1 * epoch / epochs), "val_accuracy", 1.25
        )
    return state


def tensors_after(epochs: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(epochs)
    return {
        "model/conv/kernel": random.standard_normal((3, 3, 2, 4)).astype(np.float32),
        "model/dropout/seed": random.integers(0, 2**32, 2, dtype=np.uint32),
        "optimizer/adam/iteration": np.asarray(epochs, np.int64),
        "metrics/images": np.asarray(0.0, np.float64),
    }
