"""Table and picture of the GPU benchmark, from a stored record whose figures are made up."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.on_gpu.summary import picture, shares, tables
from tests.conftest import ROOT

STORED = Path(__file__).with_name("gpu.json")


@pytest.fixture
def content() -> dict[str, Any]:
    stored: dict[str, Any] = json.loads(STORED.read_text())
    return stored


def cells(table: str, begin: str) -> list[str]:
    (line,) = (line for line in table.splitlines() if line.startswith(f"| {begin}"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_figures_of_a_step(content: dict[str, Any]) -> None:
    """By hand: 1 s a step; 4 passes of 2 operations and 1 byte, 1 of 4 operations and 8 bytes."""
    row = {
        "batch": 10,
        "seconds_per_image": [0.2, 0.1, 0.05],
        "work": [
            {"times": 4, "operations": 2, "bytes": 1},
            {"times": 1, "operations": 4, "bytes": 8},
        ],
    }
    matrix, traffic, times = shares(row, (100.0, 200.0))
    assert (matrix, traffic) == (pytest.approx(0.12), pytest.approx(0.06))
    assert times == pytest.approx(1 / (4 * 0.02 + 0.04))


def test_the_tables(content: dict[str, Any]) -> None:
    actual = tables(content)
    assert "A card of the tests, 1.2.3" in actual and "python 3.12.1" in actual
    assert "- 2026-11-30T12:00:00Z `python benchmarks/gpu.py --out results`" in actual
    assert cells(actual, "jax | jax 0.11")[2:] == ["100", "1000"]
    assert cells(actual, "net, batch 100, float32 | archc on JAX")[2:] == [
        "20,000",
        "1.33",
        "20.0",
        "0.50",
        "40.0%",
        "20.0%",
        "2.50",
    ]
    assert cells(actual, "net, batch 100, float32 | torch.compile")[2:4] == ["15,000", "1.00"]
    assert "torch is not installed" in cells(actual, "net, batch 100, float32 | PyTorch")
    assert cells(actual, "deep, batch 8, float32 | archc on JAX")[2] == "not measured yet"
    assert cells(actual, "fast_gpu | jax")[2:] == [
        "finished",
        "cifar10 (copy)",
        "2",
        "31",
        "20",
        "91.50%",
        "91%: yes",
    ]
    assert cells(actual, "article | jax")[2] == "not finished"


def test_a_record_without_rates_or_rows(content: dict[str, Any]) -> None:
    del content["rows"]["rates/jax"]
    assert cells(tables(content), "net, batch 100, float32 | archc on JAX")[-3:] == ["", "", ""]
    empty = {"calls": [], "rows": {}}
    assert tables(empty).strip() == "" and picture(empty).startswith(b"\x89PNG")


def test_the_summary_is_written_without_a_framework(tmp_path: Path) -> None:
    (tmp_path / "gpu.json").write_bytes(STORED.read_bytes())
    code = (
        "import sys; sys.argv = ['gpu.py', '--out', sys.argv[1], '--summary']\n"
        "import runpy; runpy.run_path('benchmarks/gpu.py', run_name='__main__')\n"
        "assert not {'tensorflow', 'jax', 'torch', 'keras'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, check=True)
    assert (tmp_path / "gpu.md").read_text().startswith("# On a GPU, measured\n")
    assert (tmp_path / "gpu.png").read_bytes() == picture(json.loads(STORED.read_text()))
