"""Shared by the tests of `verify`."""

from typing import Any

import pytest


@pytest.fixture(scope="module")
def keras() -> Any:
    """Keras, set up to compute exactly."""
    from archcompile.verification.exact_start import start_exactly

    start_exactly()
    import keras

    return keras
