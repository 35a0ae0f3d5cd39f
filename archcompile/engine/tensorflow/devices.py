"""Which devices a run uses, and the strategy of `tf.distribute` that spreads it over them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from archcompile.choices import Kernels
from archcompile.engine import DeviceNames, TfConfig, check_last_batch, check_pairs
from archcompile.errors import MissingError, UsageError
from archcompile.quiet import load_tensorflow, quiet_start, start_keras
from archcompile.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class Devices:
    """The devices of a training; of its processes, the chief, number 0, writes the files."""

    strategy: Any
    names: tuple[str, ...]
    replicas: int = 1
    workers: int = 1
    worker: int = 0

    @property
    def is_chief(self) -> bool:
        return self.worker == 0

    @property
    def memory(self) -> int | None:
        """None: TensorFlow does not say how much a device has."""
        return None

    @property
    def is_on_processor(self) -> bool:
        """Whether all work is done where NumPy's arrays are."""
        return all("CPU:" in name for name in self.names)

    @property
    def is_one_gpu(self) -> bool:
        return self.replicas == 1 and "GPU:" in self.names[0]

    @classmethod
    def single(cls) -> Self:
        """What TensorFlow uses by default: the first GPU, or the CPU."""
        tf = load_tensorflow()
        names = [
            device.name
            for kind in ("GPU", "CPU")
            for device in tf.config.list_logical_devices(kind)
        ]
        return cls(strategy=tf.distribute.get_strategy(), names=(names[0],))

    def rows_of_worker(self, size: int) -> tuple[int, int]:
        """This process's rows of a global batch of `size`: the first and the one after the last."""
        first_replica = self.worker * (self.replicas // self.workers)
        end_replica = first_replica + self.replicas // self.workers
        return first_replica * size // self.replicas, end_replica * size // self.replicas


def choose_devices(text: str | None = None, deterministic: bool = False) -> Devices:
    """The devices that `text` names as `--device` does; None: TF_CONFIG's, a GPU, or the CPU.

    `deterministic` makes every operation give the same bits each time, or fail. `cpu:0,cpu:1`
    splits the processor into logical devices, to try out what needs several. TensorFlow takes these
    choices only before its first operation: call this before anything else that uses it. Raises
    UsageError for what cannot be understood or comes too late, MissingError for a device that does
    not exist.
    """
    tf = load_tensorflow()
    if deterministic:
        tf.config.experimental.enable_op_determinism()
    if text is not None:
        _restrict(tf, text)
    if count_processes() > 1:
        with quiet_start():
            strategy = tf.distribute.MultiWorkerMirroredStrategy()
        start_keras("tensorflow")
        task = strategy.cluster_resolver.task_id
        return Devices(
            strategy=strategy,
            names=tuple(strategy.extended.worker_devices),
            replicas=strategy.num_replicas_in_sync,
            workers=count_processes(),
            worker=task,
        )
    start_keras("tensorflow")
    several = _several(tf, text)
    if several:
        with quiet_start():
            strategy = tf.distribute.MirroredStrategy(several)
        return Devices(strategy=strategy, names=several, replicas=len(several))
    return Devices.single()


def check_spread(recipe: Recipe, images: int, devices: Devices, *, kernels: Kernels) -> None:
    """Raises UsageError where a replica would get no image, or where several cannot do a thing."""
    check_last_batch(images, recipe.batch_size, devices.replicas)
    check_pairs(recipe, images, devices.replicas)
    if devices.replicas == 1:
        return
    for is_asked, words, hint in (
        (recipe.xla, "`xla: true`", "--set train.xla=false"),
        (kernels == "xla", "--kernels xla", "--kernels fused"),
    ):
        if is_asked:
            raise UsageError(
                f"{words} is for one device: TensorFlow cannot compile what several devices "
                "exchange",
                hint=hint,
            )


def count_processes() -> int:
    """The number of processes that train together by TF_CONFIG. Raises UsageError."""
    text = os.environ.get("TF_CONFIG", "")
    if not text and os.environ.get("JAX_NUM_PROCESSES", "1") != "1":
        raise UsageError(
            "JAX_NUM_PROCESSES names several processes, which TensorFlow does not read",
            hint="name them in TF_CONFIG, or train with --engine jax",
        )
    if not text:
        return 1
    return max(1, len(TfConfig.read(text).workers))


def _restrict(tf: Any, text: str) -> None:
    """Shows TensorFlow only the devices that are to be used."""
    names = DeviceNames.read(text)
    kind, numbers = names.kind, names.numbers
    gpus = tf.config.list_physical_devices("GPU")
    if kind == "GPU":
        chosen = range(len(gpus)) if numbers is None else numbers
        if not gpus or max(chosen) >= len(gpus):
            raise MissingError(
                f"--device {text}: TensorFlow sees {len(gpus)} GPUs here",
                hint="archc doctor shows what this machine has; the CPU is --device cpu",
            )
        gpus = [gpus[number] for number in chosen]
    else:
        gpus = []
    try:
        tf.config.set_visible_devices(gpus, "GPU")
        if kind == "CPU" and numbers is not None and max(numbers) > 0:
            logical = [tf.config.LogicalDeviceConfiguration()] * (max(numbers) + 1)
            tf.config.set_logical_device_configuration(
                tf.config.list_physical_devices("CPU")[0], logical
            )
    except RuntimeError as error:
        raise UsageError(
            f"--device {text} comes too late: TensorFlow already runs on other devices in this "
            "process",
            hint="choose the device in a new process",
        ) from error


def _several(tf: Any, text: str | None) -> tuple[str, ...]:
    """The names of the devices where several were asked for."""
    if text is None:
        return ()
    names = DeviceNames.read(text)
    kind, numbers = names.kind, names.numbers
    devices: Sequence[Any] = tf.config.list_logical_devices(kind)
    if kind == "CPU":
        devices = [devices[number] for number in numbers or (0,)]
    return tuple(device.name for device in devices) if len(devices) > 1 else ()
