"""The processes of a training, as the environment that started them describes each."""

import os
import signal
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from archcompile.engine import TfConfig
from archcompile.errors import UsageError
from archcompile.messages import to_stderr
from archcompile.quiet import quiet_start

STREAM = socket.SOCK_STREAM
COORDINATOR, COUNT, NUMBER = "JAX_COORDINATOR_ADDRESS", "JAX_NUM_PROCESSES", "JAX_PROCESS_ID"
# what `srun` sets for each process of a step; without all of them there is only an allocation
SLURM = ("SLURM_JOB_ID", "SLURM_STEP_NODELIST", "SLURM_NTASKS", "SLURM_PROCID", "SLURM_LOCALID")


@dataclass(frozen=True, kw_only=True)
class Processes:
    """So many processes, of which this one has a `number` from 0 on.

    They meet at the address of the first, `coordinator`; None where JAX derives it from Slurm.
    """

    count: int = 1
    number: int = 0
    coordinator: str | None = None

    def connect(self, jax: Any) -> None:
        """Meets the others; waits for them. Needs to come before anything that uses a device."""
        if self.count == 1 or jax.distributed.is_initialized():
            return
        _check_free(self)
        to_stderr(
            f"process {self.number} of {self.count}: waiting for the others"
            f"{f' at {self.coordinator}' if self.coordinator else ''}"
        )
        # a lost process ends the training in good order, not by an abort of all others
        jax.config.update("jax_enable_recoverability", True)
        # which would take SIGTERM for itself
        jax.config.update("jax_enable_preemption_service", False)
        options: dict[str, Any] = {"cluster_detection_method": "slurm"}
        if self.coordinator is not None:
            options = {
                "cluster_detection_method": "deactivate",
                "coordinator_address": self.coordinator,
                "num_processes": self.count,
                "process_id": self.number,
                # nowhere else than at the address that the user names
                "coordinator_bind_address": None if self.number else self.coordinator,
            }
        try:
            with interruptible(), quiet_start():
                jax.distributed.initialize(**options)
        except RuntimeError as error:
            raise UsageError(
                f"process {self.number} of {self.count} does not meet the others: {error}",
                hint="all processes of a training are started within five minutes, with one "
                f"address{f', here {self.coordinator}' if self.coordinator else ''}",
            ) from error


def read_processes(environment: Mapping[str, str] = os.environ) -> Processes:
    """The processes that TF_CONFIG, JAX's own variables, or Slurm describe, in this order.

    Raises UsageError.
    """
    if environment.get("TF_CONFIG"):
        return _of_tf_config(environment["TF_CONFIG"])
    if any(environment.get(name) for name in (COORDINATOR, COUNT, NUMBER)):
        return _of_jax(environment)
    if all(name in environment for name in SLURM):
        count, number = (
            _integer(environment, name, from_=least)
            for name, least in (("SLURM_NTASKS", 1), ("SLURM_PROCID", 0))
        )
        return Processes(count=count, number=number)
    return Processes()


def _of_jax(environment: Mapping[str, str]) -> Processes:
    missing = [name for name in (COORDINATOR, COUNT, NUMBER) if not environment.get(name)]
    if missing:
        raise UsageError(
            f"the environment names processes of JAX, but not {' and '.join(missing)}",
            hint=f"set all three of {COORDINATOR}, {COUNT} and {NUMBER}, or none",
        )
    count = _integer(environment, COUNT, from_=1)
    number = _integer(environment, NUMBER, from_=0)
    if number >= count:
        raise UsageError(f"{NUMBER}: expected 0 to {count - 1}, got {number}")
    if count == 1:
        return Processes()
    address = _address(environment[COORDINATOR], COORDINATOR)
    return Processes(count=count, number=number, coordinator=address)


def _address(text: str, name: str) -> str:
    """Raises UsageError where it is not `host:port`."""
    host, _, port = text.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise UsageError(f"{name}: expected host:port, got `{text}`")
    return text


def _check_free(processes: Processes) -> None:
    """Raises UsageError where the first process cannot listen: JAX would crash."""
    if processes.number or processes.coordinator is None:
        return
    host, _, port = processes.coordinator.rpartition(":")
    try:
        family, *_, address = socket.getaddrinfo(host.strip("[]"), int(port), type=STREAM)[0]
        with socket.create_server(address[:2], family=family):
            pass
    except OSError as error:
        raise UsageError(
            f"this process, the first, cannot listen at {processes.coordinator}: {error.strerror}",
            hint="choose another port, the same for all processes",
        ) from error


@contextmanager
def interruptible() -> Iterator[None]:
    """Lets Ctrl-C end this process at once while it waits in a library that cannot be stopped."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in handlers:
        signal.signal(number, signal.SIG_DFL)
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _integer(environment: Mapping[str, str], name: str, *, from_: int) -> int:
    text = environment[name]
    if not text.isascii() or not text.isdigit() or int(text) < from_:
        raise UsageError(f"the environment variable {name}: expected an integer, got `{text}`")
    return int(text)


def _of_tf_config(text: str) -> Processes:
    config = TfConfig.read(text)
    workers, number, kind = config.workers, config.index, config.kind
    if not workers:
        return Processes()
    if kind != "worker" or not isinstance(number, int) or not 0 <= number < len(workers):
        raise UsageError(
            f"TF_CONFIG: expected the task worker 0 to {len(workers) - 1}, got {kind} {number}"
        )
    if len(workers) == 1:
        return Processes()
    address = _address(str(workers[0]), "TF_CONFIG, the first worker")
    return Processes(count=len(workers), number=number, coordinator=address)
