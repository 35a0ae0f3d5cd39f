"""What does folding batch norms gain at inference? Keras and onnxruntime, before and after
`fold_bn`, side by side.

    python benchmarks/inference.py                             # a few networks, batches of 1 and 64

The networks before and after take turns, so that whatever else the machine does befalls both; the
ratio is that of the medians. onnxruntime folds norms by itself when it loads a file; it is timed as
it comes, and with that switched off.
"""

import argparse
import datetime
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from archcompile import compile as compile_spec  # noqa: E402
from archcompile.cli.console import table  # noqa: E402
from archcompile.passes.running import run as run_passes  # noqa: E402

NETS = {
    "resnet_v1_20": [],
    "resnet_50": ["input=[96,96,3]"],
    "keras_mobilenet_v2": ["size=96"],
    "densenet_bc_100_12": [],
}
BATCHES = (1, 64)
SECONDS = 4.0  # for each pair
LEAST = 5  # runs of each

Run = Callable[[Any], Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nets", nargs="+", choices=NETS, default=list(NETS))
    parser.add_argument("--seconds", type=float, default=SECONDS, help="for each pair")
    arguments = parser.parse_args()
    rows = [("network", "runtime", "batch", "ms before", "ms after", "before / after")]
    for name in arguments.nets:
        for runtime, pair in runners(name).items():
            for batch in BATCHES:
                before, after = turns(pair, images(name, batch), arguments.seconds)
                rows.append(
                    (
                        name,
                        runtime,
                        str(batch),
                        f"{before * 1e3:.2f}",
                        f"{after * 1e3:.2f}",
                        f"{before / after:.2f}",
                    )
                )
    print(table(rows, frozenset((2, 3, 4, 5))))
    import keras
    import onnxruntime
    import tensorflow as tf

    print(
        f"\n{platform.machine()}, {platform.system()}, Python {platform.python_version()}, "
        f"TensorFlow {tf.__version__}, "
        f"Keras {keras.__version__}, onnxruntime {onnxruntime.__version__}, {datetime.date.today()}"
    )


def runners(name: str) -> dict[str, tuple[Run, Run]]:
    """By runtime: the network as it is, and with its norms folded, with the same random weights."""
    import onnxruntime
    import tensorflow as tf

    from archcompile.exporting.onnx_model import onnx_model
    from archcompile.keras_model.weights import set_weights, weights_of

    graph = compile_spec(name, sets=NETS[name])
    rewrite = run_passes(graph, ["fold_bn"])
    before, after = graph.to_keras(), rewrite.graph.to_keras()
    weights = weights_of(graph, before)
    carried = rewrite.carry(weights)
    set_weights(rewrite.graph, after, carried)
    plain = onnxruntime.SessionOptions()
    plain.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    files = (
        onnx_model(graph, before, weights, scaling=None, facts={}),
        onnx_model(rewrite.graph, after, carried, scaling=None, facts={}),
    )

    def trace(model: Any) -> Run:
        return tf.function(lambda x: model(x, training=False))

    def session(file: bytes, options: Any) -> Run:
        model = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
        return lambda x: model.run(None, {"input": x})

    return {
        "Keras": (trace(before), trace(after)),
        "onnxruntime": (session(files[0], None), session(files[1], None)),
        "onnxruntime, nothing optimised": (session(files[0], plain), session(files[1], plain)),
    }


def images(name: str, batch: int) -> Any:
    import numpy as np

    shape = compile_spec(name, sets=NETS[name]).input_shape
    return np.random.default_rng(0).normal(size=(batch, *shape)).astype("float32")


def turns(pair: tuple[Run, Run], x: Any, seconds: float) -> tuple[float, float]:
    """The median seconds of each, run in turns, after one run that does not count."""
    times: tuple[list[float], list[float]] = ([], [])
    for run in pair:
        run(x)
    ends = time.perf_counter() + seconds
    while time.perf_counter() < ends or len(times[0]) < LEAST:
        for run, seconds_of_run in zip(pair, times, strict=True):
            began = time.perf_counter()
            run(x)
            seconds_of_run.append(time.perf_counter() - began)
    return statistics.median(times[0]), statistics.median(times[1])


if __name__ == "__main__":
    main()
