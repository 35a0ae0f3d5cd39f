"""pyright, in the form that brings its own node, has nothing to say of the public interface."""

import subprocess
import sys
from pathlib import Path

import pytest

PUBLIC_USE = Path(__file__).with_name("public_use.py")


@pytest.mark.tools
def test_pyright_is_quiet_where_the_package_is_used() -> None:
    program = Path(sys.executable).with_name("basedpyright")
    command = [str(program), "--pythonpath", sys.executable, "--level", "error"]
    command.append(str(PUBLIC_USE))
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
