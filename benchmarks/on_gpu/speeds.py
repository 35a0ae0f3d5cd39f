"""The first part: rates of the card, then training steps of each case by each contender."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from statistics import median
from typing import Any

from archcompile.bench.alternate import Child, start_children
from archcompile.bench.task import Task
from archcompile.errors import ArchError
from benchmarks.on_gpu.clock import Clock
from benchmarks.on_gpu.least_work import as_records, work_of_step
from benchmarks.on_gpu.plan import CONTENDERS, FOLDER, Case, Sizes
from benchmarks.on_gpu.record import Record

DETAILS = 20  # lines of a failure that are kept


@dataclass(frozen=True, kw_only=True)
class Speeds:
    """Measures what is not in the record yet, until the clock runs out.

    A row's process may take `limit` seconds.
    """

    record: Record
    sizes: Sizes
    clock: Clock
    device: str
    limit: float
    contenders: Sequence[str]

    def measure(self) -> bool:
        """Whether all is measured."""
        frameworks = dict.fromkeys(CONTENDERS[name] for name in self.contenders)
        works = {f"rates/{name}": partial(self._measure_rates, name) for name in frameworks}
        for case, contender in product(self.sizes.cases, self.contenders):
            key = f"speed/{case.key}/{contender}"
            works[key] = partial(self._measure_case, case, contender)
        for key, work in works.items():
            if self.record.needs(key) and self.clock.left() >= self.sizes.least:
                work(key)
        return not any(self.record.needs(key) for key in works)

    # ---- what the card can do ----

    def _measure_rates(self, framework: str, key: str) -> None:
        row: dict[str, Any] = {"framework": framework, "missing": None}
        limit = self.clock.cut(self.limit)
        sizes = (str(self.sizes.side), str(self.sizes.copied))
        command = [sys.executable, str(FOLDER / "rates.py"), framework, self.device, *sizes]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=limit, check=False
            )
        except subprocess.TimeoutExpired:
            row["missing"] = f"not done within its {limit:.0f} s"
            self._put(key, row, is_open=limit < self.limit)
            return
        if done.returncode:
            words = row["details"] = done.stderr.strip().splitlines()[-DETAILS:]
            row["missing"] = words[-1] if words else f"its process ended with {done.returncode}"
        else:
            row |= json.loads(done.stdout.splitlines()[-1])
        self._put(key, row)

    # ---- what trainings do with it ----

    def _measure_case(self, case: Case, contender: str, key: str) -> None:
        limit = self.clock.cut(self.limit)
        row = _row_of(case, contender)
        try:
            row["work"] = as_records(work_of_step(case.spec, case.batch, case.precision))
            with start_children([_task(case, contender, self.device)], limit) as (child,):
                child.start()
                self._fill(row, child)
                for _ in range(case.turns):
                    if child.missing is not None:
                        break
                    self.record.put(key, row, is_open=True)
                    child.turn()
                    self._fill(row, child)
                if child.missing is not None:
                    row["details"] = child.last_words()[-DETAILS:]
        except ArchError as error:
            row["missing"] = error.message
            self._put(key, row)
            return
        if child.is_late and child.seconds:
            row["missing"] = None  # fewer turns than planned are figures, too
        is_cut = child.is_late and limit < self.limit  # by the end of the call
        self._put(key, row, is_open=is_cut and not child.seconds)

    def _fill(self, row: dict[str, Any], child: Child) -> None:
        row |= {
            "built": child.built,
            "missing": child.missing,
            "compile_seconds": child.compile_seconds,
            "host_seconds": child.host_seconds,
            "seconds_per_image": list(child.seconds),
        }

    def _put(self, key: str, row: dict[str, Any], *, is_open: bool = False) -> None:
        self.record.put(key, row, is_open=is_open)
        print(f"{key}: {_in_words(row)}", flush=True)


def _task(case: Case, contender: str, device: str) -> Task:
    return Task(
        contender=contender,
        spec=case.spec,
        sets=(),
        recipe=case.recipe,
        batch=case.batch,
        precision=case.precision,
        steps=case.steps,
        turns=case.turns,
        device=device,
        epoch_images=case.epoch_images,
    )


def _row_of(case: Case, contender: str) -> dict[str, Any]:
    return {
        "case": case.key,
        "batch": case.batch,
        "contender": contender,
        "steps": case.steps,
        "missing": None,
        "seconds_per_image": [],
    }


def _in_words(row: dict[str, Any]) -> str:
    if row["missing"]:
        return str(row["missing"])
    if "operations_per_second" in row:
        return (
            f"{row['operations_per_second'] / 1e12:.3g} TFLOP/s, "
            f"{row['bytes_per_second'] / 1e9:.3g} GB/s"
        )
    speed = 1 / median(row["seconds_per_image"])
    return f"{speed:,.0f} images/s, compiled in {row['compile_seconds']:.1f} s"
