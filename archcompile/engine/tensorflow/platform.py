"""What TensorFlow computes with on this machine."""

import os

from archcompile.engine import Platform
from archcompile.quiet import load_keras, load_tensorflow

# What TensorFlow reads, and what changes the last bits; OMP_NUM_THREADS, tried with TensorFlow
# 2.21, does not.
VARIABLES = {
    "intra_op": "TF_NUM_INTRAOP_THREADS",
    "inter_op": "TF_NUM_INTEROP_THREADS",
    "onednn": "TF_ENABLE_ONEDNN_OPTS",
}


def read_platform() -> Platform:
    """Versions, devices and threads; see `archcompile.engine.Platform`."""
    import numpy

    tf, keras = load_tensorflow(), load_keras()
    cards = [
        tf.config.experimental.get_device_details(device).get("device_name", device.name)
        for device in tf.config.list_physical_devices("GPU")
    ]
    return Platform(
        engine="tensorflow",
        packages={module.__name__: module.__version__ for module in (tf, keras, numpy)},
        devices=[device.device_type for device in tf.config.list_logical_devices()],
        gpus=cards,
        threads=count_threads(),
    )


def count_threads() -> dict[str, int]:
    """The threads that TensorFlow computes with; 0 leaves the number to TensorFlow.

    The program's setting goes before the environment's. `onednn` is given only where the
    environment says whether that library is used.
    """
    threading = load_tensorflow().config.threading
    variables = {name: _number(variable) for name, variable in VARIABLES.items()}
    counts = {
        "intra_op": threading.get_intra_op_parallelism_threads() or variables["intra_op"] or 0,
        "inter_op": threading.get_inter_op_parallelism_threads() or variables["inter_op"] or 0,
    }
    onednn = variables["onednn"]
    return counts if onednn is None else {**counts, "onednn": onednn}


def _number(variable: str) -> int | None:
    text = os.environ.get(variable, "")
    return int(text) if text.isascii() and text.isdigit() else None
