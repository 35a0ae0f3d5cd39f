"""The record of the GPU benchmark: one JSON file, rewritten whole after every measurement.

`calls` says for each call when, by which command, from which commit and on which machine;
`rows` holds the measurements by their key. A row's `call` is the number of the call that it is
from, its `missing` says why there is no figure, and `is_open` that it goes on with the next call.
"""

import importlib.metadata
import json
import os
import platform
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archcompile import __version__, atomic
from archcompile.run_folder import cpus, processor

ROOT = Path(__file__).resolve().parents[2]
FILE = "gpu.json"
PACKAGES = ("jax", "jaxlib", "keras", "numpy", "tensorflow", "torch", "triton")
PREFIXES = ("nvidia-", "jax-cuda")  # of packages that bring CUDA
CARD = ("name", "driver_version", "memory.total", "power.limit")  # what nvidia-smi is asked for


class Record:
    """What has been measured, and the file that holds it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self.content: dict[str, Any] = {"calls": [], "rows": {}}
        if self.path.exists():
            self.content = json.loads(self.path.read_text(encoding="utf-8"))

    @property
    def rows(self) -> dict[str, dict[str, Any]]:
        """The measurements by their key."""
        rows: dict[str, dict[str, Any]] = self.content["rows"]
        return rows

    def begin_call(self, kind: str, *, repeats_missing: bool) -> None:
        """Notes what measures from now on; rows without figures are open again if they are to be
        repeated. All calls are of one `kind`: what they measure, and on what.
        """
        if self.content.setdefault("kind", kind) != kind:
            sys.exit(f"{self.path} holds {self.content['kind']}, not {kind}: choose another --out")
        for row in self.rows.values():
            row["is_open"] |= repeats_missing and row["missing"] is not None
        call = {
            "date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "command": shlex.join(["python", *sys.argv]),
            "commit": commit(),
            **machine(),
        }
        self.content["calls"].append(call)

    def needs(self, key: str) -> bool:
        """Whether there is something left to measure."""
        return key not in self.rows or bool(self.rows[key]["is_open"])

    def put(self, key: str, row: dict[str, Any], *, is_open: bool = False) -> None:
        """Adds or replaces a row, and saves."""
        self.rows[key] = {**row, "call": len(self.content["calls"]) - 1, "is_open": is_open}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        atomic.put(self.path, json.dumps(self.content, indent=1) + "\n")


def machine() -> dict[str, Any]:
    """Cards, processor and versions; nothing of the environment's variables."""
    return {
        "cards": cards(),
        "processor": processor(),
        "cpus": cpus(),
        "platform": platform.platform(),
        "versions": {
            "python": platform.python_version(),
            "archcompile": __version__,
            **_packages(),
        },
    }


def cards() -> list[dict[str, str]]:
    """The graphics cards, as nvidia-smi names them; none where it is not there."""
    query = ["nvidia-smi", f"--query-gpu={','.join(CARD)}", "--format=csv,noheader"]
    try:
        answer = subprocess.run(query, capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return []
    lines = [line.split(", ") for line in answer.stdout.strip().splitlines()]
    return [dict(zip(CARD, line, strict=False)) for line in lines]


def _packages() -> dict[str, str]:
    versions = {
        package.name.lower(): package.version
        for package in importlib.metadata.distributions()
        if package.name
    }
    return {
        name: versions[name]
        for name in sorted(versions)
        if name in PACKAGES or name.startswith(PREFIXES)
    }


def commit() -> str:
    """The commit of the source: git's, or the one that the kit was made from."""
    kept = ROOT / "COMMIT"
    if kept.exists():
        return kept.read_text(encoding="utf-8").strip()
    query = ["git", "-C", os.fspath(ROOT), "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        answer = subprocess.run(query, capture_output=True, text=True, check=True)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return answer.stdout.strip()
