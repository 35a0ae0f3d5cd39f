"""What is said of memory, beside what trainings really take."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.keras
@pytest.mark.thorough
@pytest.mark.skipif(
    sys.platform != "linux", reason="the peak memory of a process is read from Linux' /proc"
)
def test_the_rise_per_image_is_near_the_estimate() -> None:
    """On four networks within 35 %: the benchmark fails where it is not."""
    done = subprocess.run(
        [sys.executable, "benchmarks/memory.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("resnet") == 2
