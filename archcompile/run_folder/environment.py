"""What a run was trained on: versions, devices, threads.

Of the environment's variables only those named here are recorded.
"""

import os
import platform
import shlex
import sys
from datetime import UTC, datetime
from typing import Any

from archcompile import __version__
from archcompile.engine.tensorflow import Devices

# What TensorFlow reads, and what changes the last bits; OMP_NUM_THREADS, tried with TensorFlow
# 2.21, does not.
VARIABLES = {
    "intra_op": "TF_NUM_INTRAOP_THREADS",
    "inter_op": "TF_NUM_INTEROP_THREADS",
    "onednn": "TF_ENABLE_ONEDNN_OPTS",
}


def versions() -> dict[str, str]:
    import keras
    import numpy
    import tensorflow

    packages = {module.__name__: module.__version__ for module in (tensorflow, keras, numpy)}
    return {"python": platform.python_version(), "archcompile": __version__, **packages}


def machine(devices: Devices, kernels: str, deterministic: bool) -> dict[str, Any]:
    """What decides the last bits of a result: versions, processor, devices, kernels, threads."""
    import tensorflow as tf

    return {
        "versions": versions(),
        "processor": processor(),
        "devices": [device.device_type for device in tf.config.list_logical_devices()],
        "replicas": devices.replicas,
        "kernels": kernels,
        "deterministic": deterministic,
        "threads": threads(),
    }


def threads() -> dict[str, int]:
    """The threads that TensorFlow computes with; 0 leaves the number to TensorFlow.

    The program's setting goes before the environment's. `onednn` is given only where the
    environment says whether that library is used.
    """
    import tensorflow as tf

    variables = {name: _number(variable) for name, variable in VARIABLES.items()}
    threading = tf.config.threading
    counts = {
        "intra_op": threading.get_intra_op_parallelism_threads() or variables["intra_op"] or 0,
        "inter_op": threading.get_inter_op_parallelism_threads() or variables["inter_op"] or 0,
        "cpus": cpus(),
    }
    onednn = variables["onednn"]
    return counts if onednn is None else {**counts, "onednn": onednn}


def _number(variable: str) -> int | None:
    text = os.environ.get(variable, "")
    return int(text) if text.isascii() and text.isdigit() else None


def cpus() -> int:
    """The processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def session(devices: Devices, kernels: str, deterministic: bool) -> dict[str, Any]:
    """One start of a run: when, how, where."""
    import tensorflow as tf

    names = [
        tf.config.experimental.get_device_details(d).get("device_name", d.name)
        for d in tf.config.list_physical_devices("GPU")
    ]
    return {
        "started": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "command": shlex.join(sys.argv),
        "platform": platform.platform(),
        "gpus": names,
        **machine(devices, kernels, deterministic),
    }


def processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(
                line.split(":", 1)[1].strip() for line in file if line.startswith("model name")
            )
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
