"""The GPU benchmark on a CPU: what it saves, when, and what it does with what fails."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import benchmarks.on_gpu.trainings as trainings_of_gpu
from archcompile.analyses import cost
from archcompile.recipe import load
from archcompile.run_files import HISTORY, RECIPE, RESULT
from benchmarks.on_gpu.clock import Clock
from benchmarks.on_gpu.least_work import work_of_step
from benchmarks.on_gpu.plan import FULL, TINY
from benchmarks.on_gpu.record import Record, cards
from benchmarks.on_gpu.speeds import Speeds
from benchmarks.on_gpu.trainings import Trainings
from tests.conftest import ROOT, shipped_graph

COMMAND = [sys.executable, "benchmarks/gpu.py", "--tiny", "--parts", "1", "--contenders"]
(CASE,) = TINY.cases


def rows_in(folder: Path) -> dict[str, Any]:
    file = folder / "gpu.json"
    rows: dict[str, Any] = json.loads(file.read_text())["rows"] if file.exists() else {}
    return rows


@pytest.mark.keras
@pytest.mark.thorough
def test_a_call_that_is_killed_loses_nothing_that_was_measured(tmp_path: Path) -> None:
    """PyTorch's rows are there when the process is killed; the next call measures the rest alone.

    They say why they hold no figure where PyTorch is not installed.
    """
    out = ["--out", str(tmp_path)]
    call = subprocess.Popen([*COMMAND, "torch,jax", *out], cwd=ROOT, stdout=subprocess.DEVNULL)
    torch, jax = (f"speed/{CASE.key}/{name}" for name in ("torch", "jax"))
    ends = time.monotonic() + 120
    while torch not in rows_in(tmp_path) or rows_in(tmp_path)[torch]["is_open"]:
        assert time.monotonic() < ends and call.poll() is None
        time.sleep(0.05)
    call.send_signal(signal.SIGKILL)
    call.wait()
    kept = rows_in(tmp_path)
    assert kept["rates/jax"]["operations_per_second"] > 0
    assert kept[torch]["missing"] is None or "torch is not installed" in kept[torch]["missing"]
    assert jax not in kept or kept[jax]["is_open"]
    done = subprocess.run(
        [*COMMAND, "torch,jax", *out], cwd=ROOT, capture_output=True, text=True, check=True
    )
    rows = rows_in(tmp_path)
    assert {name: row for name, row in rows.items() if name != jax} == {
        name: row for name, row in kept.items() if name != jax
    }
    assert (rows[jax]["call"], rows[jax]["is_open"], rows[jax]["missing"]) == (1, False, None)
    assert len(rows[jax]["seconds_per_image"]) == CASE.turns
    assert rows[jax]["compile_seconds"] > rows[jax]["host_seconds"] > 0
    assert "jax" in rows[jax]["built"] and "| archc on JAX |" in done.stdout
    assert done.stdout.endswith("all is measured\n")


def speeds(folder: Path, *contenders: str, limit: float = 60.0, seconds: float = 60.0) -> Speeds:
    record = Record(folder)
    record.begin_call("a test", repeats_missing=False)
    return Speeds(
        record=record,
        sizes=replace(TINY, least=0.0),
        clock=Clock(time.monotonic() + seconds),
        device="cpu",
        limit=limit,
        contenders=contenders,
    )


@pytest.mark.parametrize(
    ("limit", "seconds", "is_open"), [(0.3, 60.0, False), (60.0, 0.3, True)], ids=["limit", "call"]
)
def test_what_takes_too_long_is_a_row(
    tmp_path: Path, limit: float, seconds: float, is_open: bool
) -> None:
    """It is measured again only if this call, and not the process, had too little time."""
    actual = speeds(tmp_path, "jax", limit=limit, seconds=seconds)
    actual._measure_case(CASE, "jax", "key")
    row = rows_in(tmp_path)["key"]
    assert row["missing"] == "not done within its 0 s" and row["is_open"] is is_open
    assert actual.record.needs("key") is is_open


def test_a_contender_that_fails_is_a_row(tmp_path: Path) -> None:
    actual = speeds(tmp_path, "jax")
    actual._measure_case(CASE, "nobody", "key")
    actual._measure_case(replace(CASE, spec="nothing"), "jax", "other")
    actual._measure_rates("nothing", "rates")
    rows = rows_in(tmp_path)
    assert rows["key"]["missing"] == "its process ended: KeyError: 'nobody'"
    assert rows["key"]["details"][0].startswith("Traceback")
    assert rows["other"]["missing"] == "no spec called 'nothing' ships with archc"
    assert rows["rates"]["missing"] == "KeyError: 'nothing'"
    assert not any(row["is_open"] for row in rows.values())
    again = Record(tmp_path)
    again.begin_call("a test", repeats_missing=True)
    assert all(again.needs(key) for key in rows)


def test_the_record_tells_the_machine_and_nothing_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANYTHING_AT_ALL", "a-secret")
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 'A card, 1.2.3, 4 MiB, 5 W'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    record = Record(tmp_path / "out")
    record.begin_call("a test", repeats_missing=False)
    record.put("key", {"missing": None})
    text = record.path.read_text()
    (call,) = json.loads(text)["calls"]
    assert "a-secret" not in text
    assert call["cards"][0]["name"] == "A card" and call["cards"][0]["driver_version"] == "1.2.3"
    assert {"date", "command", "commit", "versions", "processor"} <= call.keys()
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    assert cards() == []


@pytest.mark.parametrize("case", FULL.cases, ids=lambda case: case.key)
def test_the_least_work_of_a_step(case: Any) -> None:
    """The operations are those of the cost, three times, but for a dense layer and one gradient."""
    works = work_of_step(case.spec, case.batch, case.precision)
    operations = sum(work.times * work.operations for work in works) / (2 * case.batch)
    macs = cost.totals(cost.layers(shipped_graph(case.spec))).macs
    assert 2.9 * macs < operations < 3 * macs
    assert all(work.bytes > 0 for work in works)


# ---- trainings ----


def write_run(folder: Path, *, finished: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RECIPE).write_text("")
    (folder / RESULT).write_text(json.dumps({"finished": finished, "test_accuracy": 0.5}))
    (folder / HISTORY).write_text("epoch,seconds,accuracy,val_accuracy\n1,2.0,0.3,0.4\n")


def trainings(folder: Path) -> Trainings:
    record = Record(folder)
    record.begin_call("a test", repeats_missing=False)
    return Trainings(
        record=record,
        clock=Clock.of_minutes(1),
        device="cpu",
        least=5.0,
        runs=folder / "runs",
        data_dir=folder,
    )


def test_a_training_goes_on_with_the_next_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []

    def carry_out(command: list[str], limit: float) -> str | None:
        if "jax" in command:
            return "jax is not installed"
        place = Path(command[command.index("--run-dir") + 1])
        write_run(place, finished=len(commands) > 0)
        commands.append(command)
        return None

    monkeypatch.setattr(trainings_of_gpu, "_carry_out", carry_out)
    assert not trainings(tmp_path).run(TINY.article)
    key = "training/article/tensorflow"
    assert rows_in(tmp_path)[key]["is_open"]
    assert rows_in(tmp_path)["training/article/jax"]["missing"] == "jax is not installed"
    assert trainings(tmp_path).run(TINY.article)
    assert [command[-1] == "--resume" for command in commands] == [False, True]
    row = rows_in(tmp_path)[key]
    assert not row["is_open"] and row["call"] == 1
    assert row["history"] == {"seconds": [2.0], "accuracy": [0.3], "val_accuracy": [0.4]}


def test_without_pictures_a_training_waits_for_them(tmp_path: Path) -> None:
    assert not trainings(tmp_path).run(FULL.fast)
    row = rows_in(tmp_path)["training/fast_gpu/jax"]
    assert row["missing"].startswith("no pictures") and row["is_open"]


def test_what_a_training_is_called_with_is_right() -> None:
    """The recipe can be read, and the network compiled."""
    import archcompile

    recipe = load(Path(FULL.fast.recipe))
    assert recipe.precision == "mixed_bfloat16" and recipe.data.validation
    assert archcompile.compile(FULL.fast.spec, sets=FULL.fast.sets).classes == 10


def test_a_record_has_measurements_of_one_kind(tmp_path: Path) -> None:
    record = Record(tmp_path)
    record.begin_call("tiny sizes", repeats_missing=False)
    record.put("key", {"missing": None})
    with pytest.raises(SystemExit, match="holds tiny sizes, not full sizes: choose another --out"):
        Record(tmp_path).begin_call("full sizes", repeats_missing=False)


def test_mistakes_in_the_command() -> None:
    for wrong in (["--parts", "4"], ["--contenders", "jacks"]):
        command = [sys.executable, "benchmarks/gpu.py", *wrong]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 2 and "expected some of" in done.stderr
