"""What this machine offers for training, all in one."""

import importlib.metadata
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from archcompile import __version__
from archcompile.machine.device_formats import Device, devices
from archcompile.quiet import load_keras
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
    "jax": ("archc train --engine jax", "jax"),
    "pygls": ("archc lsp", "lsp"),
    "onnx": ("archc export --format onnx", "onnx"),
    "onnxruntime": ("archc export --format onnx", "onnx"),
    "ai-edge-litert": ("archc export --format litert", "litert"),
    "torch": ("archc export --format torch", "torch"),
    "nicegui": ("archc studio and archc watch", "studio"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionalPackage:
    """A package that some commands need, and the extra that brings it.

    `version` is None where it is not installed.
    """

    name: str
    version: str | None
    use: str
    extra: str

    def record(self) -> dict[str, Any]:
        return {"version": self.version, "for": self.use, "extra": self.extra}


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Versions, packages (None: not installed), processor, memory (None: unknown) and devices."""

    archcompile: str
    python: str
    platform: str
    packages: Mapping[str, str | None]
    optional: tuple[OptionalPackage, ...]
    processor: str
    cpus: int
    memory_bytes: int | None
    devices: tuple[Device, ...]

    @property
    def has_gpu(self) -> bool:
        return any(device.is_gpu for device in self.devices)

    def record(self) -> dict[str, Any]:
        """For `archc doctor --json`."""
        return {
            "archcompile": self.archcompile,
            "python": self.python,
            "platform": self.platform,
            "packages": dict(self.packages),
            "optional": {package.name: package.record() for package in self.optional},
            "processor": self.processor,
            "cpus": self.cpus,
            "memory_bytes": self.memory_bytes,
            "devices": [device.record() for device in self.devices],
        }


def examine() -> Machine:
    """Looks at everything. Raises MissingError without TensorFlow."""
    load_keras()
    return Machine(
        archcompile=__version__,
        python=platform.python_version(),
        platform=platform.platform(),
        packages={name: _version(name) for name in NEEDED},
        optional=tuple(
            OptionalPackage(name=name, version=_version(name), use=use, extra=extra)
            for name, (use, extra) in OPTIONAL.items()
        ),
        processor=processor(),
        cpus=cpus(),
        memory_bytes=_memory(),
        devices=tuple(devices()),
    )


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
