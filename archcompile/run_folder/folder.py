"""The folder of a run: reading and writing the files in it, finding it, making it.

`run_files` says what the files are, `checkpoint` what is in `checkpoints/`, `inputs` what
MANIFEST.json is for, and `lock` who may write.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors

from archcompile import atomic
from archcompile.choices import FIRST_ENGINE, EngineName
from archcompile.data import sources
from archcompile.engine import ENGINES, Statistics
from archcompile.errors import DataError, UsageError
from archcompile.run_files import (
    CHECKPOINTS,
    CLASSES,
    ENVIRONMENT,
    FILES,
    HISTORY,
    RESULT,
    RUNS,
    STATISTICS,
    holds_run,
    is_left_by_a_start,
    no_run,
)
from archcompile.run_folder import checkpoint
from archcompile.run_folder.identity import Identity
from archcompile.run_folder.intact import read_file
from archcompile.run_folder.state import EpochRow, as_csv

# what a checkpoint means nothing without, spec and recipe apart
BESIDE = (STATISTICS, CLASSES)


@dataclass(frozen=True)
class Run:
    """A run's folder. `result` and `history` are filled in once it has finished."""

    path: Path
    result: Mapping[str, Any] | None = None
    history: tuple[EpochRow, ...] = ()

    @property
    def checkpoints(self) -> Path:
        return self.path / CHECKPOINTS

    def write(self, name: str, content: str | bytes) -> None:
        """Writes one file whole. Raises DataError."""
        atomic.put(self.path / name, content)

    def write_json(self, name: str, value: Any) -> None:
        self.write(name, json_text(value))

    def write_history(self, history: tuple[EpochRow, ...]) -> None:
        self.write(HISTORY, as_csv(history))

    def read_json(self, name: str) -> Any:
        """Raises DataError where the file is missing or no JSON."""
        try:
            return json.loads(self.read(name))
        except ValueError as error:
            raise DataError(f"{self.path / name} is damaged: {error}") from error

    def read(self, name: str) -> bytes:
        return read_file(self.path / name)

    def options(self) -> dict[str, Any]:
        """The options of the command that began the run; empty before anything was written."""
        if not (self.path / ENVIRONMENT).exists():
            return {}
        options = self.read_json(ENVIRONMENT).get("options", {})
        return options if isinstance(options, dict) else {}

    def engine(self) -> EngineName:
        """What trains it. Raises DataError."""
        name = self.options().get("engine", FIRST_ENGINE)  # older runs do not say
        engine = next((each for each in ENGINES if each == name), None)
        if engine is None:
            raise DataError(f"{self.path / ENVIRONMENT} is damaged: there is no engine {name}")
        return engine

    def data(self) -> tuple[str, Path | None] | None:
        """The source that the run was trained on, and its place on disk, if it has one.

        None before anything was written. Raises DataError where the place is gone and the source
        cannot be searched for.
        """
        if not (self.path / ENVIRONMENT).exists():
            return None
        try:
            record = self.read_json(ENVIRONMENT)["dataset"]
            name, place = str(record["name"]), Path(record["place"])
        except (KeyError, TypeError) as error:
            raise DataError(
                f"{self.path / ENVIRONMENT} is damaged: it does not say which data was used"
            ) from error
        if name not in sources.PLACED:
            return name, None
        if place.exists():
            return name, place
        if name in sources.SEARCHED:
            return name, None
        raise DataError(
            f"the run's data {place} is not there",
            hint="give its present folder with --data-dir",
        )

    def validation(self, held_out: int | None) -> tuple[int, str | None]:
        """How many images chose the best epoch, and their folder (None: they were held out).

        `held_out` is how many the recipe holds out, None where it does not say.
        """
        record = self._dataset()
        origin = record.get("validation_from")
        if held_out is None or origin:
            return int(record.get("validation", 0)), origin
        return held_out, None

    def skips_validation(self) -> bool:
        """Whether the run began without the data's own validation set, and resumes without."""
        record = self._dataset()
        return bool(record) and record.get("validation_from") is None

    def _dataset(self) -> dict[str, Any]:
        """What environment.json says of the data; empty before anything was written."""
        if not (self.path / ENVIRONMENT).exists():
            return {}
        whole = self.read_json(ENVIRONMENT)
        record = whole.get("dataset") if isinstance(whole, dict) else None
        return record if isinstance(record, dict) else {}

    def identity(self) -> Identity | None:
        """What was trained, as environment.json has it; None before anything was written."""
        if not (self.path / ENVIRONMENT).exists():
            return None
        record = self.read_json(ENVIRONMENT).get("identity")
        return None if record is None else Identity(record)

    def is_finished(self) -> bool:
        """Whether it has a result, and not one that a time limit has cut short."""
        return (self.path / RESULT).exists() and bool(self._result("finished"))

    def _result(self, key: str) -> Any:
        try:
            return self.read_json(RESULT)[key]
        except (KeyError, TypeError) as error:
            raise DataError(
                f"{self.path / RESULT} is damaged: it does not have `{key}`",
                hint="remove it: --resume writes it anew",
            ) from error

    def beside(self) -> dict[str, str]:
        """The sha256 of the files in BESIDE, by name. Raises DataError."""
        return {name: checkpoint.digest(self.read(name)) for name in BESIDE}

    def read_statistics(self) -> Statistics:
        try:
            return Statistics.read(load_tensors(self.read(STATISTICS)))
        except SafetensorError as error:
            raise DataError(f"{self.path / STATISTICS} is damaged: {error}") from error


def json_text(value: Any) -> str:
    return json.dumps(value, indent=2, allow_nan=False) + "\n"


def check_free(path: Path) -> None:
    """Raises UsageError where a folder holds a run, or a file that a run would replace."""
    if holds_run(path):
        raise UsageError(
            f"{path} already holds a run",
            hint="resume it with --resume; or choose another --run-dir",
        )
    taken = next((name for name in FILES if (path / name).exists()), None)
    if taken is not None:
        hint = "choose another --run-dir"
        if is_left_by_a_start(path):
            hint = f"--resume starts the run that was killed there; or {hint}"
        raise UsageError(
            f"{path} does not hold a run, but a {taken}, which a run would replace", hint=hint
        )


def create(path: Path | None, prefix: str) -> Run:
    """A new run folder: `path`, or one named after the run and the time (UTC) under `runs/`.

    Raises UsageError where a run lies there already, DataError where the folder cannot be made.
    """
    named = path or RUNS / f"{prefix}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    if path is not None:
        check_free(path)
    folder, number = named, 1
    while True:
        try:
            folder.mkdir(parents=True, exist_ok=path is not None)
            return Run(folder)
        except FileExistsError as error:
            if path is not None:
                raise UsageError(f"{path} is not a folder") from error
            number += 1
            folder = named.with_name(f"{named.name}-{number}")
        except OSError as error:
            raise atomic.not_writable(folder, error) from error


def open_run(path: Path) -> Run:
    """The run in a folder, its files not yet checked. Raises UsageError where there is none."""
    if not holds_run(path):
        raise no_run(path)
    return Run(path)


def find_unfinished(prefix: str, identity: Identity) -> Run:
    """The newest run under `runs/` with this prefix and identity that has not come to its end.

    Raises UsageError where there is none.
    """
    paths = [path for path in RUNS.glob(f"{prefix}-*") if holds_run(path)]
    unlike: list[str] = []
    for path in sorted(paths, reverse=True):
        run = Run(path)
        if not run.is_finished():
            run_identity = run.identity()
            unlike = [] if run_identity is None else run_identity.differences(identity)
            if not unlike:
                return run
    why = f" of this training; in the oldest {'; '.join(unlike)}" if unlike else ""
    raise UsageError(
        f"there is no unfinished run {RUNS / prefix}-…{why}", hint="name one with --run-dir"
    )


def prefix(spec: str, data: str, recipe: str, *, seed: int) -> str:
    """SPEC-DATA-RECIPE-SEED, with nothing in it that a file system could mind."""
    parts = (spec, data, recipe, str(seed))
    return "-".join(re.sub(r"[^A-Za-z0-9_.+-]", "_", part)[:80] for part in parts)


def check_same(run: Run, identity: Identity) -> None:
    """Raises DataError unless the run is of this identity, or has not written any yet."""
    run_identity = run.identity()
    if run_identity is not None:
        run_identity.check_same(identity, str(run.path))
