"""Which devices a run uses, and the mesh that spreads its batches over them."""

import itertools
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from archcompile.choices import Kernels
from archcompile.engine import DeviceNames, check_last_batch
from archcompile.engine.jax.compile_cache import keep_compiled
from archcompile.engine.jax.processes import Processes, read_processes
from archcompile.errors import MissingError, UsageError
from archcompile.quiet import load_jax, start_keras
from archcompile.recipe import Recipe

BATCH_AXIS = "batch"  # of the mesh
ALONE = Processes()
DETERMINISTIC = "--xla_gpu_deterministic_ops=true"  # a flag of XLA


@dataclass(frozen=True, kw_only=True)
class Devices:
    """The devices of a training, over all its processes; `mesh` has them in one row.

    Of the processes the chief, number 0, writes the files.
    """

    mesh: Any
    names: tuple[str, ...]
    workers: int = 1
    worker: int = 0

    @property
    def replicas(self) -> int:
        return len(self.names)

    @property
    def is_chief(self) -> bool:
        return self.worker == 0

    @property
    def is_on_processor(self) -> bool:
        return all(device.platform == "cpu" for device in self.mesh.devices.flat)

    @property
    def memory(self) -> int | None:
        """Bytes that the smallest of this process's devices has; None on a processor."""
        stats = [device.memory_stats() or {} for device in self.mesh.local_devices]
        limits = [each["bytes_limit"] for each in stats if "bytes_limit" in each]
        return min(limits, default=None)

    @classmethod
    def of(cls, devices: Any, processes: Processes = ALONE) -> Self:
        jax, chosen = load_jax(), list(devices)
        return cls(
            mesh=jax.sharding.Mesh(chosen, (BATCH_AXIS,)),
            names=tuple(_name(device) for device in chosen),
            workers=processes.count,
            worker=processes.number,
        )

    @classmethod
    def single(cls) -> Self:
        """What JAX uses by default: the first GPU of this process, or its CPU."""
        return cls.of(load_jax().local_devices()[:1])

    def local(self) -> "Devices":
        """Those of this process alone, which works with them by itself."""
        return self if self.workers == 1 else Devices.of(self.mesh.local_devices)

    def local_copies(self, arrays: Sequence[Any]) -> list[Any]:
        """Arrays that are everywhere, as this process has them."""
        if self.workers == 1:
            return list(arrays)
        everywhere = self.local().everywhere()
        return [load_jax().device_put(array.addressable_data(0), everywhere) for array in arrays]

    # ---- how arrays are placed ----

    def everywhere(self) -> Any:
        """How what every device needs is placed."""
        return self._sharding()

    def sharding_of(self, size: int) -> Any:
        """How a batch of `size` is placed: cut over the devices.

        Where it cannot be cut evenly, each has all of it, which gives the same numbers.
        """
        return self._sharding() if size % self.replicas else self._sharding(BATCH_AXIS)

    def _sharding(self, *axes: str) -> Any:
        sharding = load_jax().sharding
        return sharding.NamedSharding(self.mesh, sharding.PartitionSpec(*axes))

    def spread(self, batch: Any) -> Any:
        """In the graph: a batch cut over the devices, as `sharding_of` says."""
        if self.replicas == 1:
            return batch
        return load_jax().lax.with_sharding_constraint(batch, self.sharding_of(batch.shape[0]))

    def rows_of_worker(self, size: int) -> slice:
        """This process's rows of a batch of `size`, placed as `sharding_of` says."""
        if size % self.replicas:
            return slice(0, size)
        part = size // self.workers
        return slice(self.worker * part, (self.worker + 1) * part)

    def place(self, array: Any) -> Any:
        """A NumPy array on every device."""
        return self.assemble(array, self.everywhere(), array.shape)

    def assemble(self, part: Any, sharding: Any, shape: tuple[int, ...]) -> Any:
        """The array of this `shape`, of which each process brings its part."""
        jax = load_jax()
        if self.workers == 1:
            return jax.device_put(part, sharding)
        return jax.make_array_from_process_local_data(sharding, part, shape)


def choose_devices(text: str | None = None, deterministic: bool = False) -> Devices:
    """The devices that `text` names; see `archcompile.engine.Engine`.

    `cpu:0,cpu:1` splits the processor into logical devices, to try out what needs several.
    """
    if deterministic:
        flags = os.environ.get("XLA_FLAGS", "")
        os.environ["XLA_FLAGS"] = f"{flags} {DETERMINISTIC}".strip()
    jax = load_jax()
    keep_compiled(jax)
    names = None if text is None else DeviceNames.read(text)
    if names is not None and names.kind == "CPU":
        _show_processors(jax, text, max(names.numbers or (0,)) + 1)
    processes = read_processes()
    processes.connect(jax)
    start_keras("jax")
    if processes.count == 1 and names is None:
        return Devices.single()
    chosen = [_devices_of(jax, text, names, process=number) for number in range(processes.count)]
    return Devices.of(itertools.chain.from_iterable(chosen), processes)


def _devices_of(
    jax: Any, text: str | None, names: DeviceNames | None, *, process: int
) -> list[Any]:
    """The devices of a process that `names` names; without names all of them."""
    kind = None if names is None else names.kind
    devices = [device for device in _devices(jax, kind) if device.process_index == process]
    numbers = tuple(range(len(devices)))
    if names is not None and names.numbers is not None:
        numbers = names.numbers
    if not devices or max(numbers) >= len(devices):
        raise MissingError(
            f"--device {text}: JAX sees {len(devices)} {kind}s here",
            hint="archc doctor shows what this machine has; the CPU is --device cpu",
        )
    return [devices[number] for number in numbers]


def check_spread(recipe: Recipe, images: int, devices: Devices, *, kernels: Kernels) -> None:
    """Raises UsageError where a device would get no image."""
    check_last_batch(images, recipe.batch_size, devices.replicas)


def count_processes() -> int:
    """The number of processes that train together. Raises UsageError."""
    return read_processes().count


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


def _devices(jax: Any, kind: str | None) -> list[Any]:
    """Those of all processes, of a kind or of JAX's choice."""
    try:
        return list(jax.devices() if kind is None else jax.devices(kind.lower()))
    except RuntimeError:  # there is no such platform
        return []


def _name(device: Any) -> str:
    return f"{device.platform.upper()}:{device.id}"
