"""What contenders that train by Keras' `fit` have in common: the model, and a callback.

The callback stops `fit` between turns.
"""

import time
from typing import Any, cast

from archcompile.bench.task import LEAD, WARM
from archcompile.bench.turns import Turns
from archcompile.engine import make_optimizer
from archcompile.engine.tensorflow import Devices, lower_for_training
from archcompile.quiet import load_keras
from archcompile.training import Plan


def compile_model(plan: Plan) -> Any:
    """The network of stock layers, compiled with the recipe's optimizer; its head is float32."""
    keras = load_keras()
    model = lower_for_training(
        plan.graph,
        plan.options.seed,
        plan.recipe.precision,
        devices=cast(Devices, plan.devices),
        kernels="portable",
    ).model
    losses, output = keras.losses, plan.head.output
    if output == "sigmoid":
        loss = losses.BinaryCrossentropy()
    else:
        loss = losses.SparseCategoricalCrossentropy(from_logits=output == "logits")
    model.compile(make_optimizer(plan.recipe), loss, metrics=["accuracy"])
    return model


def turn_callback(turns: Turns, built: str) -> Any:
    """A callback that makes `fit` wait for its turns, and measures from end to end of a step."""

    class Waiting(load_keras().callbacks.Callback):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.done, self.begin, self.end, self.began = 0, 0, WARM, 0.0

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.done += 1
            if self.done == self.begin:
                self.began = time.perf_counter()
            elif self.done == self.end:
                if self.begin:
                    turns.say(seconds=time.perf_counter() - self.began)
                else:
                    turns.say(ready=True, built=built)
                self._wait()

        def _wait(self) -> None:
            steps = turns.wait()
            if steps is None:
                raise SystemExit  # `fit` would end its epoch first
            self.begin = self.done + LEAD
            self.end = self.begin + steps

    return Waiting()
