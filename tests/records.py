"""Test files that are run as scripts, in a process of their own, and print a record for each of the
names they are given.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import archcompile.cli  # noqa: F401 - with it, Keras starts in a script as in a command
from tests.conftest import ROOT


def records_of(script: str, *names: str, cwd: Path = ROOT) -> dict[str, Any]:
    """The records by name."""
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, script, *names],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    result = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"name"')]
    return {record["name"]: record for record in result}
