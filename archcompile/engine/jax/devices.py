"""Which devices a run uses, and the mesh that spreads its batches over them."""

import os
from dataclasses import dataclass
from typing import Any, Self

from archcompile.engine import DeviceNames, check_last_batch
from archcompile.errors import MissingError, UsageError
from archcompile.quiet import load_jax, start_keras
from archcompile.recipe import Recipe

BATCH_AXIS = "batch"  # of the mesh
DETERMINISTIC = "--xla_gpu_deterministic_ops=true"  # a flag of XLA


@dataclass(frozen=True, kw_only=True)
class Devices:
    """The devices of a training, in one process."""

    mesh: Any
    names: tuple[str, ...]
    workers: int = 1
    is_chief: bool = True

    @property
    def replicas(self) -> int:
        return len(self.names)

    @classmethod
    def of(cls, devices: Any) -> Self:
        jax, chosen = load_jax(), list(devices)
        mesh = jax.sharding.Mesh(chosen, (BATCH_AXIS,))
        return cls(mesh=mesh, names=tuple(_name(device) for device in chosen))

    @classmethod
    def single(cls) -> Self:
        """What JAX uses by default: the first GPU, or the CPU."""
        return cls.of(load_jax().devices()[:1])

    def everywhere(self) -> Any:
        """How what every device needs is placed."""
        return load_jax().sharding.NamedSharding(self.mesh, load_jax().sharding.PartitionSpec())

    def spread(self, batch: Any) -> Any:
        """In the graph: a batch cut over the devices.

        Where it cannot be cut evenly, each does all of it, which gives the same numbers.
        """
        jax = load_jax()
        if self.replicas == 1:
            return batch
        is_even = batch.shape[0] % self.replicas == 0
        part = jax.sharding.PartitionSpec(BATCH_AXIS if is_even else None)
        placed = jax.sharding.NamedSharding(self.mesh, part)
        return jax.lax.with_sharding_constraint(batch, placed)


def choose_devices(text: str | None = None, deterministic: bool = False) -> Devices:
    """The devices that `text` names; see `archcompile.engine.Engine`.

    `cpu:0,cpu:1` splits the processor into logical devices, to try out what needs several.
    """
    if deterministic:
        flags = os.environ.get("XLA_FLAGS", "")
        os.environ["XLA_FLAGS"] = f"{flags} {DETERMINISTIC}".strip()
    jax = load_jax()
    names = None if text is None else DeviceNames.read(text)
    if names is not None and names.kind == "CPU":
        _show_processors(jax, text, max(names.numbers or (0,)) + 1)
    start_keras("jax")
    if names is None:
        return Devices.single()
    devices = _devices(jax, names.kind)
    numbers = range(len(devices)) if names.numbers is None else names.numbers
    if not devices or max(numbers) >= len(devices):
        raise MissingError(
            f"--device {text}: JAX sees {len(devices)} {names.kind}s here",
            hint="archc doctor shows what this machine has; the CPU is --device cpu",
        )
    return Devices.of(devices[number] for number in numbers)


def check_spread(recipe: Recipe, images: int, devices: Devices) -> None:
    """Raises UsageError where a device would get no image."""
    check_last_batch(images, recipe.batch_size, devices.replicas)


def count_processes() -> int:
    """One: several processes train under TensorFlow only, so far. Raises UsageError."""
    if os.environ.get("TF_CONFIG"):
        raise UsageError(
            "the environment variable TF_CONFIG names several processes, which --engine jax does "
            "not train in",
            hint="unset it, or train with --engine tensorflow",
        )
    return 1


def _show_processors(jax: Any, text: str | None, count: int) -> None:
    """Uses the processor alone, as so many devices."""
    try:
        jax.config.update("jax_platforms", "cpu")
        if count > 1:
            jax.config.update("jax_num_cpu_devices", count)
    except RuntimeError as error:
        raise UsageError(
            f"--device {text} comes too late: JAX already runs on other devices in this process",
            hint="choose the device in a new process",
        ) from error


def _devices(jax: Any, kind: str) -> list[Any]:
    try:
        return list(jax.devices(kind.lower()))
    except RuntimeError:  # there is no such platform
        return []


def _name(device: Any) -> str:
    return f"{device.platform.upper()}:{device.id}"
