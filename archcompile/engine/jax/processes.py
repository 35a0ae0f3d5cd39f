"""The processes of a training, as the environment that started them describes each."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from archcompile.errors import UsageError

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
    if environment.get(COORDINATOR):
        return _of_jax(environment)
    if all(name in environment for name in SLURM):
        count, number = (
            _integer(environment, name, from_=least)
            for name, least in (("SLURM_NTASKS", 1), ("SLURM_PROCID", 0))
        )
        return Processes(count=count, number=number)
    return Processes()


def _of_jax(environment: Mapping[str, str]) -> Processes:
    missing = [name for name in (COUNT, NUMBER) if not environment.get(name)]
    if missing:
        raise UsageError(
            f"the environment variable {COORDINATOR} is set, and {' and '.join(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} not",
            hint=f"set all three of {COORDINATOR}, {COUNT} and {NUMBER}, or none",
        )
    count = _integer(environment, COUNT, from_=1)
    number = _integer(environment, NUMBER, from_=0)
    if number >= count:
        raise UsageError(f"{NUMBER}: expected 0 to {count - 1}, got {number}")
    return Processes(count=count, number=number, coordinator=environment[COORDINATOR])


def _integer(environment: Mapping[str, str], name: str, *, from_: int) -> int:
    text = environment[name]
    if not text.isascii() or not text.isdigit() or int(text) < from_:
        raise UsageError(f"the environment variable {name}: expected an integer, got `{text}`")
    return int(text)


def _of_tf_config(text: str) -> Processes:
    """`{"cluster": {"worker": ["host:port", …]}, "task": {"type": "worker", "index": 0}}`."""
    try:
        config = json.loads(text)
        workers = config.get("cluster", {}).get("worker", [])
        number = config.get("task", {}).get("index", 0)
    except (ValueError, AttributeError) as error:
        raise UsageError(
            "the environment variable TF_CONFIG is not a JSON map",
            hint="unset it to train in one process",
        ) from error
    if len(workers) < 2:
        return Processes()
    if not isinstance(number, int) or not 0 <= number < len(workers):
        raise UsageError(
            f"TF_CONFIG: expected a task index from 0 to {len(workers) - 1}, got {number}"
        )
    return Processes(count=len(workers), number=number, coordinator=str(workers[0]))
