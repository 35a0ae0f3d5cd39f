"""Shared by all tests: the folders of the project, and fixed settings for hypothesis."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]

settings.register_profile("fixed", derandomize=True, deadline=None, database=None, print_blob=False,
                          suppress_health_check=[HealthCheck.too_slow])  # fmt: skip
settings.load_profile("fixed")


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite", action="store_true", help="write goldens and the graphs of tests/cases anew")
