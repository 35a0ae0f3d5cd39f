"""Tools that are not Python packages: tests skip where they are missing, and fail where they have
been asked for.
"""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

FOLDER = Path(__file__).parent


def node() -> str:
    """The node program."""
    return shutil.which("node") or missing("node")


def module(path: str) -> Path:
    """A file of a package that `make test-tools` installs."""
    result = FOLDER / "node_modules" / path
    return (
        result
        if result.exists()
        else missing(f"{path.split('/')[0]} (`make test-tools` installs it)")
    )


def missing(what: str) -> NoReturn:
    if os.environ.get("ARCHC_TOOLS"):
        pytest.fail(f"{what} is missing")
    pytest.skip(f"{what} is missing")
