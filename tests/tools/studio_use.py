"""A studio in a process of its own, and a real browser that uses its page."""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.tools.need import FOLDER, missing, module, node
from tests.tools.test_page import browser

ROOT = FOLDER.parents[1]


@contextmanager
def studio(spec: Path | None, runs: Path, *slow: str) -> Iterator[str]:
    """The address of a studio with a spec, or with a new one in the folder of runs."""
    if not importlib.util.find_spec("nicegui"):
        missing("nicegui")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.tools.studio_server", str(spec or "new"), str(runs), *slow],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT if spec else runs,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    try:
        assert process.stdout
        yield process.stdout.readline().split(": ")[1].strip()
    finally:
        process.terminate()
        process.wait(20)


def use(address: str, scenario: str, *given: str) -> dict[str, Any]:
    """What was seen when the page was used; it asks for nothing from elsewhere."""
    module("playwright-core/package.json")
    done = subprocess.run(
        [node(), str(FOLDER / "studio.mjs"), browser(), address, scenario, *given],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    assert seen["elsewhere"] == []
    return seen
