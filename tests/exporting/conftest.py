"""What tests of exports share."""

from importlib.util import find_spec

import pytest


@pytest.fixture
def torch_there() -> None:
    """With CUDA's libraries it takes 5 GB, so `make test-tools` does not install it."""
    if find_spec("torch") is None:
        pytest.skip("torch is missing (pip install 'archcompile[torch]')")
