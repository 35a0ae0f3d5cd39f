"""Shared by all tests: the folders of the project, and fixed settings for hypothesis."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from archcompile.api import LayerGraph

ROOT = Path(__file__).resolve().parents[1]

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


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite", action="store_true", help="write goldens and the graphs of tests/cases anew"
    )


@cache
def shipped(name: str) -> "LayerGraph":
    """The graph of a shipped spec, compiled once in a run (graphs are frozen)."""
    import archcompile

    graph: LayerGraph = archcompile.compile(name)
    return graph
