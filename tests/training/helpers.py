"""States and tensors to save, without a model."""

import numpy as np

from archcompile.recipe.rates import Pace
from archcompile.run_folder.state import Row, State

IDENTITY = {"spec": "a" * 64, "recipe": {"batch_size": 32}, "data": "b" * 64, "seed": 0}
MACHINE = {"versions": {"numpy": "2"}, "threads": {"cpus": 2}}


def row(epoch: int, accuracy: float = 0.5) -> Row:
    return Row(
        epoch, 1e-3, 1.0 / epoch, 0.9 / epoch, 0.1 / epoch, 0.5, 1.1, 1.0, accuracy, 2.0, 100.0
    )


def state_after(epochs: int) -> State:
    """Epochs of 7 steps; the second is the best."""
    state = State(Pace(7, 70))
    for epoch in range(1, epochs + 1):
        for _ in range(7):
            state = state.stepped(0.25)
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
