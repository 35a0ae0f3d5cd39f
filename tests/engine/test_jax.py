"""The engine on JAX, in a process of its own, against TensorFlow's portable kernels."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import ROOT
from tests.engine.first_steps import CASES, ROUGH, STEPS, first_steps, write_first_steps
from tests.warm import read_output

pytestmark = pytest.mark.keras

CLOSE = 1e-4  # of kernels, which gradients of two steps have changed
FIGURES = 1e-6  # of cross-entropy, relative

Arrays = dict[str, np.ndarray]


# Of these cases, each way must come to what one device comes to, step by step. What is deep has
# equal units.
WAYS = {
    "looped": ("odd", "mixed", "taught"),
    "recomputed": ("frozen",),
    "into_deep": ("adam",),
    "out_of_deep": ("muon",),
}
MORE_WAYS = {"looped": ("muon",), "recomputed": ("muon",), "deep": ("muon", "scaled", "lamb")}
SHARED = ("odd", "several")
# what other cases have alike, but for the one thing that costs most of their time
RARE = {"shift", "bfloat16", "streamed", "sigmoid", "rmsprop", "lion"}
RARE |= {"weighed", "taught_sigmoids"}
USUAL = [name for name in CASES if name not in RARE]


def under_jax_on(file: Path, **names: Iterable[str]) -> dict[str, Arrays]:
    """What cases come to by the devices or way that they are done; names begin with the case."""
    words = [f"{way}={','.join(names[way])}" for way in names]
    read_output(write_first_steps, str(file), *words, cwd=ROOT, engine="jax")
    result: dict[str, Arrays] = {way: {} for way in names}
    with np.load(file) as arrays:
        for name in arrays.files:
            way, _, key = name.replace("|", "/").partition("=")
            result[way][key] = arrays[name]
    return result


@pytest.fixture(scope="module")
def by_way(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Arrays]:
    return under_jax_on(tmp_path_factory.mktemp("jax") / "steps.npz", cpu=USUAL, **WAYS)


@pytest.fixture(scope="module")
def by_rare_way(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Arrays]:
    file = tmp_path_factory.mktemp("jax") / "more.npz"
    return under_jax_on(file, cpu=[*RARE, "muon", "scaled", "lamb"], **MORE_WAYS)


@pytest.fixture
def under_jax(by_way: dict[str, Arrays]) -> Arrays:
    return by_way["cpu"]


@pytest.mark.parametrize("name", USUAL)
def test_two_steps_are_those_of_tensorflow(name: str, under_jax: Arrays, tmp_path: Path) -> None:
    """Equal before the first: names, dtypes, shapes and initial weights to the bit."""
    check_steps(name, under_jax, tmp_path)


@pytest.mark.thorough
@pytest.mark.parametrize("name", sorted(RARE))
def test_so_are_those_of_rare_cases(
    name: str, by_rare_way: dict[str, Arrays], tmp_path: Path
) -> None:
    check_steps(name, by_rare_way["cpu"], tmp_path)


def check_steps(name: str, under_jax: Arrays, folder: Path) -> None:
    expected = first_steps(CASES[name], "tensorflow", folder)
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
    for key in ("evaluated/model", "evaluated/portable"):
        np.testing.assert_allclose(actual[key], expected[key], rtol=10 * close)
    assert any(
        not np.array_equal(expected[key], expected[f"0{key[1:]}"]) for key in _kernels(expected)
    )


def test_two_devices_are_one(under_jax: Arrays, tmp_path: Path) -> None:
    """Batches that two devices share, and odd ones, which both do in full."""
    devices = "cpu:0,cpu:1"
    two = under_jax_on(tmp_path / "two.npz", **{devices: SHARED})[devices]
    assert {key.partition(":")[0] for key in two} == set(SHARED)
    for key, array in two.items():
        np.testing.assert_allclose(array, under_jax[key], atol=1e-5, rtol=1e-5, err_msg=key)


@pytest.mark.parametrize("way", WAYS)
def test_each_way_is_the_same(by_way: dict[str, Arrays], way: str) -> None:
    """A loop of steps, as accelerators do them, with a smaller last batch. Units that are computed
    again: also their seeds and running statistics; and with a part that is frozen. Equal units as
    one, from a checkpoint of single units on, and up to one that single units go on from.
    """
    check_way(by_way, way, WAYS)


@pytest.mark.thorough
@pytest.mark.parametrize("way", MORE_WAYS)
def test_more_ways_are_the_same(by_rare_way: dict[str, Arrays], way: str) -> None:
    """Also in float16, which may leave a step out, and under each optimizer that keeps numbers."""
    check_way(by_rare_way, way, MORE_WAYS)


def check_way(by_way: dict[str, Arrays], way: str, ways: Mapping[str, tuple[str, ...]]) -> None:
    assert {key.partition(":")[0] for key in by_way[way]} == set(ways[way])
    for key, array in by_way[way].items():
        close = ROUGH.get(key.partition(":")[0], 1e-5)
        expected = by_way["cpu"][key]
        np.testing.assert_allclose(array, expected, atol=close, rtol=close, err_msg=key)


def _kernels(arrays: Arrays) -> list[str]:
    return [name for name in arrays if name.startswith(f"{STEPS}/model/") and "kernel" in name]
