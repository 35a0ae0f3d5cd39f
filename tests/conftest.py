"""Shared by all tests: the folders of the project, and fixed settings for hypothesis."""

import gc
import os
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from archcompile.api import LayerGraph
    from tests.command_line import Archc
    from tests.training.runs import TinyRun

ROOT = Path(__file__).resolve().parents[1]

# Shipped specs that differ from another one in depth, width or one choice alone.
DEEPER = frozenset(
    """
    alexnet_torchvision keras_mobilenet_v3_small keras_resnet101 keras_resnet101v2 keras_resnet152
    keras_resnet152v2 mlp_mixer_s16 plain_110 plain_18 plain_32 plain_34 plain_44 plain_56
    preact_resnet_1001 preact_resnet_110 preact_resnet_164 preact_resnet_18 resnet_101 resnet_152
    resnet_34 resnet_34_a resnet_34_c resnet_a_110 resnet_a_1202 resnet_a_20 resnet_a_32
    resnet_a_44 resnet_a_56
    resnet_v1_110 resnet_v1_1202 resnet_v1_32 resnet_v1_44 resnet_v1_56
    resnet_v2_1001 resnet_v2_110 resnet_v2_164 resnet_v2_20 resnet_v2_56
    resnext_29_16x64d resnext_29_8x64d se_resnet_110 se_resnet_20 vgg_19
    """.split()  # noqa: SIM905 - a list of words
)

settings.register_profile(
    "fixed",
    derandomize=True,
    deadline=None,
    database=None,
    print_blob=False,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("fixed")


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="module", autouse=True)
def keep_what_lasts() -> Iterator[None]:
    """What is there after a file lives to the end, test items and frameworks above all: garbage
    collections, which Keras asks for too, take a fifth of the time unless they leave it out.
    """
    yield
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def share_compiled_code(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What a process compiles with XLA runs for a few steps: optimising it takes longer than that
    saves. All processes keep it in one folder, which is not the user's.
    """
    os.environ |= {
        "XLA_FLAGS": "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"
        " --xla_cpu_use_fusion_emitters=false",
        "JAX_COMPILATION_CACHE_DIR": str(shared_folder(tmp_path_factory) / "compiled"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }


@pytest.fixture
def archc(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> "Archc":
    """`archc(*arguments)` in an empty folder."""
    from tests.command_line import runner

    monkeypatch.chdir(tmp_path)
    return runner(monkeypatch, capfd)


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory: pytest.TempPathFactory) -> "TinyRun":
    """Finished runs, shared by all workers."""
    from tests.training.runs import shared_runs

    folder = shared_folder(tmp_path_factory) / "tiny_runs"
    folder.mkdir(exist_ok=True)
    return shared_runs(folder)


def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of this run of the tests, the same for all workers."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    if "tests.warm" in sys.modules:
        sys.modules["tests.warm"].stop_servers()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite", action="store_true", help="write goldens and the graphs of tests/cases anew"
    )


def pytest_configure() -> None:
    """Collections of all objects, which take longest, are left to the ends of files."""
    gc.set_threshold(2000, 20, 100)


def pytest_collection_finish() -> None:
    """The tests that need no framework load none: importing one takes longer than most of them."""
    if "tensorflow" in sys.modules:
        raise pytest.UsageError("a test file imports TensorFlow: let its tests do so")


@cache
def shipped_graph(name: str) -> "LayerGraph":
    """The graph of a shipped spec, compiled once in a run (graphs are frozen)."""
    import archcompile

    graph: LayerGraph = archcompile.compile(name)
    return graph


def rarely(value: Any) -> Any:
    """A parameter for the thorough run."""
    return pytest.param(value, marks=pytest.mark.thorough)


def seeds(often: int, count: int) -> list[Any]:
    """Seeds of random cases as parameters, those from `often` on for the thorough run."""
    return [
        pytest.param(seed, marks=pytest.mark.thorough if seed >= often else ())
        for seed in range(count)
    ]


def shipped_params(names: Iterable[str]) -> list[Any]:
    """Names of shipped specs as parameters, those of DEEPER for the thorough run."""
    return [
        pytest.param(name, marks=pytest.mark.thorough if name in DEEPER else ()) for name in names
    ]


def every_shipped() -> list[Any]:
    """The names of the shipped specs as parameters, those of DEEPER for the thorough run."""
    from archcompile.shipped import shipped_specs

    assert shipped_specs().keys() >= DEEPER
    return shipped_params(sorted(shipped_specs()))
