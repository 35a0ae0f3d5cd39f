"""What a run was trained on: versions, devices, threads.

Of the environment's variables only those that an engine names are recorded.
"""

import os
import platform
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from archcompile import __version__
from archcompile.engine import Devices, Platform


def versions(computing: Platform) -> dict[str, str]:
    """The versions of what computes, by name."""
    return {
        "python": platform.python_version(),
        "archcompile": __version__,
        **computing.packages,
    }


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What decides the last bits of a result: versions, processor, devices, kernels, threads."""

    versions: Mapping[str, str]
    processor: str
    devices: list[str]
    replicas: int
    engine: str
    kernels: str
    deterministic: bool
    threads: Mapping[str, int]

    def record(self) -> dict[str, Any]:
        return asdict(self)


def machine(computing: Platform, devices: Devices, *, kernels: str, deterministic: bool) -> Machine:
    return Machine(
        versions=versions(computing),
        processor=processor(),
        devices=list(computing.devices),
        replicas=devices.replicas,
        engine=computing.engine,
        kernels=kernels,
        deterministic=deterministic,
        threads={**computing.threads, "cpus": cpus()},
    )


def cpus() -> int:
    """The processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, kw_only=True)
class Session:
    """One start of a run: when (UTC), by which command, on which platform, cards and machine."""

    started: str
    command: str
    platform: str
    gpus: list[str]
    machine: Machine

    def record(self) -> dict[str, Any]:
        """As a run's files have it, flat."""
        record = asdict(self)
        return {**record, **record.pop("machine")}


def session(gpus: Sequence[str], machine: Machine) -> Session:
    """This start."""
    return Session(
        started=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        command=shlex.join(sys.argv),
        platform=platform.platform(),
        gpus=list(gpus),
        machine=machine,
    )


def processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(
                line.split(":", 1)[1].strip() for line in file if line.startswith("model name")
            )
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
