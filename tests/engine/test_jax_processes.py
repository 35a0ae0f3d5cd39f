"""A training under JAX in several processes, and how the environment describes them."""

import json
import os
import signal
import socket
import subprocess
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from archcompile.engine.jax.processes import Processes, read_processes
from archcompile.errors import UsageError
from archcompile.run_folder import checkpoint
from tests.engine.jax_processes import start_jax
from tests.engine.test_jax_runs import train_jax
from tests.training.runs import RECIPE, SPEC, assert_same_end

LENGTH = ("--epochs", 2, "--set", "train.checkpoint.steps=10")
TOGETHER = 1e-5


def train_together(folder: Path, *options: object, killed_at: int = 0) -> list[str]:
    """Two processes; the second is killed right after a step, unless that is 0. Their messages."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(2)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        addresses = [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]
    words = ("train", SPEC, "--recipe", RECIPE, *LENGTH, "--engine", "jax", "--device", "cpu")
    processes = []
    for number in range(2):
        cluster = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": number}}
        processes.append(
            start_jax(
                *(*words, "--run-dir", folder, *options),
                killed_at=killed_at if number else 0,
                stderr=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "TF_CONFIG": json.dumps(cluster)},
            )
        )
    outputs = [process.communicate() for process in processes]
    expected = [5, -signal.SIGKILL] if killed_at else [0, 0]
    messages = "\n".join(f"{stdout}{stderr}" for stdout, stderr in outputs)
    assert [process.returncode for process in processes] == expected, messages
    assert "Gloo" not in outputs[0][0]
    return [stderr for _, stderr in outputs]


@pytest.fixture(scope="module")
def resumed_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two processes, one of which is killed: the other ends in good order."""
    folder = tmp_path_factory.mktemp("resumed") / "run"
    first, _ = train_together(folder, killed_at=35)
    # JAX has many words for it, not all of which are known
    assert "restart all" in first and "with --resume" in first
    train_together(folder, "--resume")
    return folder


@pytest.mark.keras
def test_two_processes_are_two_devices(resumed_run: Path, tmp_path: Path) -> None:
    """Also when they were resumed."""
    alone = tmp_path / "alone"
    train_jax(alone, *LENGTH, "--device", "cpu:0,cpu:1")
    tensors, expected = (
        checkpoint.read(checkpoint.latest_first(folder / "checkpoints")[0]).tensors
        for folder in (resumed_run, alone)
    )
    for name, array in expected.items():
        np.testing.assert_allclose(tensors[name], array, atol=TOGETHER, err_msg=name)


@pytest.mark.keras
@pytest.mark.thorough
def test_two_processes_resume_to_the_bit(resumed_run: Path, tmp_path: Path) -> None:
    train_together(tmp_path / "run")
    assert_same_end(resumed_run, tmp_path / "run")


CLUSTER = {"cluster": {"worker": ["a:1", "b:2"]}, "task": {"type": "worker", "index": 1}}
SLURM = {
    "SLURM_JOB_ID": "7",
    "SLURM_STEP_NODELIST": "n[1-2]",
    "SLURM_NTASKS": "2",
    "SLURM_PROCID": "1",
    "SLURM_LOCALID": "0",
}
JAX = {
    "JAX_COORDINATOR_ADDRESS": "a:1",
    "JAX_NUM_PROCESSES": "3",
    "JAX_PROCESS_ID": "2",
}


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, Processes()),
        ({"TF_CONFIG": json.dumps(CLUSTER)}, Processes(count=2, number=1, coordinator="a:1")),
        ({"TF_CONFIG": "{}"}, Processes()),
        (JAX, Processes(count=3, number=2, coordinator="a:1")),
        (SLURM, Processes(count=2, number=1)),
        # an allocation, without a step of `srun`
        ({"SLURM_JOB_ID": "7", "SLURM_NTASKS": "2"}, Processes()),
    ],
)
def test_the_environment_says_which_processes_there_are(
    environment: dict[str, str], expected: Processes
) -> None:
    assert read_processes(environment) == expected


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        first = Processes(count=2, number=0, coordinator=address)
        jax = SimpleNamespace(distributed=SimpleNamespace(is_initialized=lambda: False))
        with pytest.raises(UsageError, match=f"cannot listen at {address}"):
            first.connect(jax)


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"TF_CONFIG": "{"}, "TF_CONFIG is not a JSON map"),
        (
            {"TF_CONFIG": json.dumps({**CLUSTER, "task": {"index": 2}})},
            "expected the task worker 0 to 1, got worker 2",
        ),
        ({"JAX_COORDINATOR_ADDRESS": "a:1"}, "not JAX_NUM_PROCESSES and JAX_PROCESS_ID"),
        ({"JAX_NUM_PROCESSES": "2"}, "not JAX_COORDINATOR_ADDRESS and JAX_PROCESS_ID"),
        ({**JAX, "JAX_COORDINATOR_ADDRESS": "a"}, "expected host:port, got `a`"),
        ({**JAX, "JAX_COORDINATOR_ADDRESS": "a:99999"}, "expected host:port, got `a:99999`"),
        ({"TF_CONFIG": '{"cluster": {"worker": ["a:1"]}, "task": {"index": 3}}'}, "worker 0 to 0"),
        ({**JAX, "JAX_PROCESS_ID": "3"}, "JAX_PROCESS_ID: expected 0 to 2, got 3"),
        ({**JAX, "JAX_NUM_PROCESSES": "x"}, "JAX_NUM_PROCESSES: expected an integer, got `x`"),
    ],
)
def test_an_environment_that_cannot_be_understood(
    environment: dict[str, str], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        read_processes(environment)
