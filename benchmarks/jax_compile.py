"""How long JAX takes until a very deep network's step can run: its parts, in CPU seconds.

    python benchmarks/jax_compile.py [--depth 1202]

Equal units are one loop, as on accelerators, whatever this machine has; caches are off. The step
itself is not run.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from archcompile.api import compile as compile_spec  # noqa: E402
from archcompile.data import Split  # noqa: E402
from archcompile.engine import open_engine, statistics  # noqa: E402
from archcompile.keras_model import recursion_for, to_keras  # noqa: E402
from archcompile.recipe import Recipe  # noqa: E402

BATCH = 8
RECIPE = {
    "archc": 1,
    "name": "compile",
    "batch_size": BATCH,
    "epochs": 1,
    "optimizer": {"kind": "sgd", "learning_rate": 0.1, "momentum": 0.9},
    "augment": {"flip": "none"},
}


def report_time(name: str, action: Callable[[], Any]) -> Any:
    """What the action returns."""
    began = time.process_time()
    result = action()
    print(f"{name}: {time.process_time() - began:.1f} s", flush=True)
    return result


def compile_in_parts(name: str, function: Any, *args: Any, **kwargs: Any) -> None:
    traced = report_time(f"{name}, traced", lambda: function.trace(*args, **kwargs))
    lowered = report_time(f"{name}, lowered", traced.lower)
    report_time(f"{name}, compiled by XLA", lowered.compile)


def trainer_of(graph: Any) -> Any:
    engine = open_engine("jax")
    devices = engine.choose_devices("cpu")
    from archcompile.engine.jax import making

    making.is_looped = lambda *_: True
    recipe = Recipe.model_validate(RECIPE)
    images = np.random.default_rng(0).integers(0, 256, (BATCH, 32, 32, 3), np.uint8)
    split = Split(images, np.zeros(BATCH, np.int64))
    return report_time(
        "the network built by Keras",
        lambda: engine.make_trainer(
            graph,
            recipe,
            split,
            statistics=statistics(split, recipe.preprocessing, (32, 32)),
            seed=0,
            devices=devices,
            kernels="xla",
        ),
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--depth", type=int, default=1202)
    os.environ["JAX_ENABLE_COMPILATION_CACHE"] = "0"
    graph = compile_spec("resnet_v1", depth=parser.parse_args().depth)
    trainer = trainer_of(graph)
    ((payload, numbers),) = trainer.inputs.take(0, 1)
    state = trainer.state, trainer.feed.constants, payload
    evaluator = trainer.evaluator()
    last: Any = open_engine("jax").make_evaluator(
        graph, to_keras(graph), trainer.recipe, statistics=trainer.statistics
    )
    images = np.zeros((evaluator.batch, 32, 32, 3), np.uint8)
    labels = np.zeros(evaluator.batch, np.int32)
    with recursion_for(graph):
        rate = np.float32(0.1)
        compile_in_parts("the step", trainer._update_compiled, *state, numbers=numbers, rate=rate)
        between, final = evaluator.weights(), last.weights()
        compile_in_parts("the evaluation between epochs", evaluator._run, between, images, labels)
        compile_in_parts("the evaluation of a finished run", last._run, final, images, labels)


if __name__ == "__main__":
    main()
