"""Shared by tests of the engines: what JAX has compiled, in whatever process."""

import os

import pytest


@pytest.fixture(scope="session", autouse=True)
def compiled_steps(tmp_path_factory: pytest.TempPathFactory) -> None:
    """One folder for all workers, and not the user's."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    os.environ["JAX_COMPILATION_CACHE_DIR"] = str(shared / "compiled_steps")
