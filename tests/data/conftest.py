"""Shared by the tests of data."""

from pathlib import Path

import pytest

from tests.data.pets import pets_below


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    """train/ of 5 cats and 10 dogs, test/ of 2 and 4."""
    return pets_below(tmp_path)
