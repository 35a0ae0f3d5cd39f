"""The engine on JAX, in a process of its own, against TensorFlow's portable kernels."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.engine.first_steps import CASES, ROUGH, STEPS, first_steps

pytestmark = pytest.mark.keras

CLOSE = 1e-4  # of kernels, which gradients of two steps have changed
FIGURES = 1e-6  # of cross-entropy, relative

# Compiled code runs for two steps: optimising it takes longer than that saves.
QUICK = {"XLA_FLAGS": "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"}

Arrays = dict[str, np.ndarray]


def under_jax_on(devices: str, *names: str, file: Path) -> Arrays:
    """What these cases, or all, come to on these devices; names begin with the case."""
    command = [sys.executable, "-m", "tests.engine.first_steps", str(file), devices, *names]
    root, environment = Path(__file__).parents[2], os.environ | QUICK
    subprocess.run(command, check=True, cwd=root, env=environment)
    with np.load(file) as arrays:
        return {name.replace("|", "/"): arrays[name] for name in arrays.files}


@pytest.fixture(scope="module")
def under_jax(tmp_path_factory: pytest.TempPathFactory) -> Arrays:
    return under_jax_on("cpu", file=tmp_path_factory.mktemp("jax") / "steps.npz")


@pytest.mark.parametrize("name", CASES)
def test_two_steps_are_those_of_tensorflow(name: str, under_jax: Arrays, tmp_path: Path) -> None:
    """Equal before the first: names, dtypes, shapes and initial weights to the bit."""
    expected = first_steps(CASES[name], "tensorflow", tmp_path)
    prefix = f"{name}:"
    actual = {
        key.removeprefix(prefix): array
        for key, array in under_jax.items()
        if key.startswith(prefix)
    }
    assert actual.keys() == expected.keys()
    for key, array in expected.items():
        assert actual[key].dtype == array.dtype and actual[key].shape == array.shape, key
        if key.startswith("0/"):
            np.testing.assert_array_equal(actual[key], array, err_msg=key)
    close = ROUGH.get(name, CLOSE)
    for key, array in expected.items():
        if not key.startswith(("0/", "means", "evaluated")):
            np.testing.assert_allclose(actual[key], array, atol=close, rtol=close, err_msg=key)
    figures = ROUGH.get(name, FIGURES)
    np.testing.assert_allclose(actual["means/0"], expected["means/0"], rtol=figures)
    np.testing.assert_allclose(actual["evaluated"], expected["evaluated"], rtol=10 * close)
    assert any(
        not np.array_equal(expected[key], expected[f"0{key[1:]}"]) for key in _kernels(expected)
    )


def test_two_devices_are_one(under_jax: Arrays, tmp_path: Path) -> None:
    """Batches that two devices share, and odd ones, which both do in full."""
    names = ("muon", "odd")
    two = under_jax_on("cpu:0,cpu:1", *names, file=tmp_path / "two.npz")
    assert {key.partition(":")[0] for key in two} == set(names)
    for key, array in two.items():
        np.testing.assert_allclose(array, under_jax[key], atol=1e-5, rtol=1e-5, err_msg=key)


def test_a_loop_of_steps_is_its_steps(under_jax: Arrays, tmp_path: Path) -> None:
    """As accelerators do them: float16, which may leave a step out, and a smaller last batch."""
    names = ("muon", "odd", "scaled")
    looped = under_jax_on("looped", *names, file=tmp_path / "loop.npz")
    assert {key.partition(":")[0] for key in looped} == set(names)
    for key, array in looped.items():
        close = ROUGH.get(key.partition(":")[0], 1e-5)
        np.testing.assert_allclose(array, under_jax[key], atol=close, rtol=close, err_msg=key)


@pytest.mark.parametrize(
    ("how", "names"),
    [("recomputed", ("muon", "scaled", "frozen")), ("deep", ("muon",))],
    ids=("recomputed", "deep"),
)
def test_units_that_are_computed_again_or_in_a_loop_are_the_same(
    how: str, names: tuple[str, ...], under_jax: Arrays, tmp_path: Path
) -> None:
    """Also their seeds and running statistics; in 16 bits, and with a part that is frozen."""
    again = under_jax_on(how, *names, file=tmp_path / "again.npz")
    assert {key.partition(":")[0] for key in again} == set(names)
    for key, array in again.items():
        close = ROUGH.get(key.partition(":")[0], 1e-5)
        np.testing.assert_allclose(array, under_jax[key], atol=close, rtol=close, err_msg=key)


def _kernels(arrays: Arrays) -> list[str]:
    return [name for name in arrays if name.startswith(f"{STEPS}/model/") and "kernel" in name]
