"""What this machine offers for training: versions, devices, and the precisions it computes in."""

import importlib.metadata
import os
import platform
import time
from collections.abc import Callable
from typing import Any

from archcompile import __version__
from archcompile.quiet import load_keras, load_tensorflow, quiet_start
from archcompile.run_folder import cpus, processor

NEEDED = (
    "tensorflow",
    "keras",
    "numpy",
    "pydantic",
    "pyyaml",
    "typer",
    "networkx",
    "safetensors",
    "pillow",
    "matplotlib",
    "resvg-py",
)
OPTIONAL = {  # package: what for, and the extra that brings it
    "scikit-learn": ("the digits of the first training", "demo"),
    "tensorboard": ("archc train --tensorboard", "tensorboard"),
    "onnx": ("archc export --format onnx", "onnx"),
    "onnxruntime": ("archc export --format onnx", "onnx"),
    "ai-edge-litert": ("archc export --format litert", "litert"),
}
CPU_FLAGS = {
    "bfloat16": ("avx512_bf16", "amx_bf16", "bf16"),
    "float16": ("avx512_fp16", "amx_fp16", "fphp"),
}
# of NVIDIA cards with tensor cores for it: Volta, Ampere
CAPABILITY = {"float16": (7, 0), "bfloat16": (8, 0)}
REPEATS = 5
IMAGES, SIDE, CHANNELS = 32, 32, 64  # of the convolution that is timed
LONG = 2.0  # seconds, beyond which one image stands for all of them


def examine() -> dict[str, Any]:
    """A record of it all. Raises MissingError without TensorFlow."""
    load_keras()
    return {
        "archcompile": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {name: _version(name) for name in NEEDED},
        "optional": {
            name: {"version": _version(name), "for": use, "extra": extra}
            for name, (use, extra) in OPTIONAL.items()
        },
        "processor": processor(),
        "cpus": cpus(),
        "memory_bytes": _memory(),
        "devices": _devices(),
    }


def has_bfloat16(device: str | None) -> bool:
    """Whether the device computes in bfloat16: the first GPU, or the CPU if there is none.

    `cpu` asks for the CPU.
    """
    tf = load_tensorflow()
    gpus = [] if device == "cpu" else tf.config.list_logical_devices("GPU")
    record = _of_gpu(tf, gpus[0].name) if gpus else _of_cpu()
    return bool(record["hardware"]["bfloat16"])


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _memory() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None  # Windows


def _devices() -> list[dict[str, Any]]:
    tf = load_tensorflow()
    records = []
    for device in tf.config.list_logical_devices():
        if device.device_type not in ("CPU", "GPU"):
            continue
        hardware = _of_gpu(tf, device.name) if device.device_type == "GPU" else _of_cpu()
        with quiet_start():  # what has no kernel of its own is logged
            seconds = {
                kind: _convolution(tf, device.name, kind)
                for kind in ("float32", "bfloat16", "float16")
            }
        speeds = {kind: round(seconds["float32"] / taken, 2) for kind, taken in seconds.items()}
        records.append({"name": device.name, **hardware, "speed_beside_float32": speeds})
    return records


def _of_cpu() -> dict[str, Any]:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            text = file.read()
    except OSError:
        text = ""  # another system: what it is quick at, the speeds tell
    return {"kind": "CPU", "hardware": hardware(flags_in(text))}


def flags_in(text: str) -> set[str]:
    """The words of the first line of flags in Linux' /proc/cpuinfo.

    It begins with `flags` on x86, with `Features` on ARM.
    """
    lines = [
        line.split(":", 1)[1]
        for line in text.splitlines()
        if line.startswith(("flags", "Features"))
    ]
    return set(lines[0].split()) if lines else set()


def hardware(flags: set[str]) -> dict[str, bool]:
    """Whether a processor with these flags computes in each format of 16 bits itself."""
    return {kind: not flags.isdisjoint(names) for kind, names in CPU_FLAGS.items()}


def _of_gpu(tf: Any, name: str) -> dict[str, Any]:
    number = int(name.rsplit(":", 1)[1])
    details = tf.config.experimental.get_device_details(
        tf.config.get_visible_devices("GPU")[number]
    )
    capability = tuple(details.get("compute_capability", (0, 0)))
    return {
        "kind": "GPU",
        "card": details.get("device_name"),
        "compute_capability": ".".join(map(str, capability)),
        "hardware": {kind: capability >= least for kind, least in CAPABILITY.items()},
    }


def _convolution(tf: Any, device: str, kind: str) -> float:
    """The least seconds that a 3x3 convolution takes, forward and back.

    Where that is long, it is estimated from a single image.
    """
    estimate = IMAGES * _both_ways(tf, device, kind, number=1, repeats=1)
    if estimate > LONG:
        return estimate
    return _both_ways(tf, device, kind, number=IMAGES, repeats=REPEATS)


def _both_ways(tf: Any, device: str, kind: str, *, number: int, repeats: int) -> float:
    """The least seconds for so many images, the first time not counted."""
    with tf.device(device):
        images = tf.cast(tf.random.stateless_normal([number, SIDE, SIDE, CHANNELS], [0, 0]), kind)
        kernel = tf.cast(tf.random.stateless_normal([3, 3, CHANNELS, CHANNELS], [0, 1]), kind)

        def both_ways() -> Any:
            with tf.GradientTape() as tape:
                tape.watch([images, kernel])
                out = tf.nn.conv2d(images, kernel, 1, "SAME")
            return tape.gradient(out, [images, kernel])

        run = tf.function(both_ways)

        def run_and_wait() -> None:
            for gradient in run():
                gradient.numpy()

        run()
        return min(timed(run_and_wait) for _ in range(repeats))


def timed(work: Callable[[], Any]) -> float:
    """Seconds that a piece of work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
