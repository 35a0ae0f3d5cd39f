"""The second and third part: whole trainings by `archc train`, which go on from call to call."""

import csv
import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archcompile.run_files import HISTORY, RESULT, holds_run
from benchmarks.on_gpu.clock import Clock
from benchmarks.on_gpu.plan import Course
from benchmarks.on_gpu.record import Record

ENGINES = ("jax", "tensorflow")
START = 15.0  # seconds until archc counts its time, kept off the time limit
LATE = 90.0  # seconds beyond its time limit after which a training is killed
UNPACK = "unpack_cifar10"  # the script beside the pictures that makes CIFAR-10's files of them
BATCHES = "cifar-10-batches-py"  # the folder of these files


@dataclass(frozen=True, kw_only=True)
class Trainings:
    """Does what is not finished in the record yet; runs are kept in the folder `runs`."""

    record: Record
    clock: Clock
    device: str
    least: float
    runs: Path
    data_dir: Path | None

    def run(self, course: Course) -> bool:
        """Whether all is done."""
        keys = {f"training/{course.name}/{engine}": engine for engine in ENGINES}
        for key, engine in keys.items():
            if self.record.needs(key) and self.clock.left() >= self.least:
                self._train(course, engine, key=key)
            row = self.record.rows.get(key, {"missing": "not tried"})
            if not course.on_all and row["missing"] is None:
                return not self.record.needs(key)
        return not any(self.record.needs(key) for key in keys)

    def _train(self, course: Course, engine: str, *, key: str) -> None:
        row = dict(self.record.rows.get(key, {"seconds": 0.0}))
        row |= {"course": course.name, "engine": engine, "goal": course.goal, "missing": None}
        place = self.runs / f"{course.name}_{engine}"
        if course.data == "cifar10" and not _has_pictures(self.data_dir):
            row["missing"] = f"no pictures: --data-dir must hold {BATCHES} or {UNPACK}"
            self._put(key, row, is_open=True)
            return
        self.record.put(key, row, is_open=True)
        began, limit = time.perf_counter(), max(START, self.clock.left() - START)
        words = _carry_out(self._command(course, engine, place, limit=limit), limit + LATE)
        row["seconds"] += time.perf_counter() - began
        row |= _read_run(place)
        is_finished = bool(row.get("result", {}).get("finished"))
        if words is not None and not is_finished:
            row["missing"] = words
        self._put(key, row, is_open=words is None and not is_finished)

    def _command(self, course: Course, engine: str, place: Path, *, limit: float) -> list[str]:
        command = [sys.executable, "-P", "-m", "archcompile", "train", course.spec]
        command += ["--recipe", course.recipe, "--engine", engine, "--device", self.device]
        command += ["--run-dir", str(place), "--time-limit", f"{limit:.0f}s"]
        command += ["--data", course.data]
        for setting in course.sets:
            command += ["--set", setting]
        if course.data == "cifar10":
            command += ["--data-dir", str(self.data_dir)]
        return command + ["--resume"] * holds_run(place)

    def _put(self, key: str, row: dict[str, Any], *, is_open: bool) -> None:
        self.record.put(key, row, is_open=is_open)
        print(f"{key}: {_in_words(row)}", flush=True)


def _carry_out(command: list[str], limit: float) -> str | None:
    """None where all went well, else the last words."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return f"not done within its {limit:.0f} s"
    words = done.stderr.strip().splitlines()
    if not done.returncode:
        return None
    return " / ".join(words[-3:]) or f"exit code {done.returncode}"


def _read_run(place: Path) -> dict[str, Any]:
    """The run's result so far, and its course: seconds of training and accuracy, epoch by epoch."""
    row: dict[str, Any] = {}
    if (place / RESULT).exists():
        row["result"] = json.loads((place / RESULT).read_text(encoding="utf-8"))
    if (place / HISTORY).exists():
        with (place / HISTORY).open(newline="", encoding="utf-8") as file:
            epochs = list(csv.DictReader(file))
        row["history"] = {
            column: _floats(epochs, column) for column in ("seconds", "accuracy", "val_accuracy")
        }
    return row


def _floats(epochs: Sequence[Mapping[str, str]], column: str) -> list[float]:
    return [float(epoch[column]) for epoch in epochs]


def _has_pictures(folder: Path | None) -> bool:
    """Whether CIFAR-10's files are in a folder; they are unpacked where only the archive is."""
    if folder is None:
        return False
    if not (folder / BATCHES).is_dir() and (folder / UNPACK).exists():
        subprocess.run([sys.executable, str(folder / UNPACK), str(folder)], check=False)
    return (folder / BATCHES).is_dir()


def _in_words(row: dict[str, Any]) -> str:
    if row["missing"]:
        return str(row["missing"])
    result = row.get("result", {})
    epochs = len(row.get("history", {}).get("seconds", []))
    accuracy = result.get("test_accuracy")
    measured = "" if accuracy is None else f", test accuracy {accuracy:.2%}"
    end = "finished" if result.get("finished") else "to be continued by the next call"
    return f"{epochs} epochs in {row['seconds']:.0f} s{measured}, {end}"
