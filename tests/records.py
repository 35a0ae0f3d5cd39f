"""Test files that are run as scripts, in a process of their own, and print a record for each of the
names they are given.
"""

import json
from pathlib import Path
from typing import Any

from tests import warm
from tests.conftest import ROOT


def records_of(script: str, *names: str, cwd: Path = ROOT) -> dict[str, Any]:
    """The records by name."""
    printed = warm.read_output(warm.run_script, script, *names, cwd=cwd)
    result = [json.loads(line) for line in printed.splitlines() if line.startswith('{"name"')]
    return {record["name"]: record for record in result}
