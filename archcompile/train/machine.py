"""What a run was trained on: versions, devices, threads. Environment variables are never recorded."""

import os
import platform
import shlex
import sys
from datetime import UTC, datetime
from typing import Any

from archcompile import __version__
from archcompile.train.devices import Devices
from archcompile.train.options import Options


def versions() -> dict[str, str]:
    import keras
    import numpy
    import tensorflow

    packages = {module.__name__: module.__version__ for module in (tensorflow, keras, numpy)}
    return {"python": platform.python_version(), "archcompile": __version__, **packages}


def machine(options: Options, devices: Devices) -> dict[str, Any]:
    """What decides the last bits of a result: versions, devices, kernels, number of threads (0: TensorFlow's choice)."""
    import tensorflow as tf

    threading = tf.config.threading
    return {
        "versions": versions(),
        "devices": [device.device_type for device in tf.config.list_logical_devices()],
        "replicas": devices.replicas, "kernels": options.kernels, "deterministic": options.deterministic,
        "threads": {"intra_op": threading.get_intra_op_parallelism_threads(),
                    "inter_op": threading.get_inter_op_parallelism_threads(), "cpus": cpus()},
    }  # fmt: skip


def cpus() -> int:
    """The processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def session(options: Options, devices: Devices) -> dict[str, Any]:
    """One start of a run: when, how, where."""
    import tensorflow as tf

    names = [tf.config.experimental.get_device_details(d).get("device_name", d.name)
             for d in tf.config.list_physical_devices("GPU")]  # fmt: skip
    return {"started": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", "command": shlex.join(sys.argv),
            "platform": platform.platform(), "processor": processor(), "gpus": names,
            **machine(options, devices)}  # fmt: skip


def processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
