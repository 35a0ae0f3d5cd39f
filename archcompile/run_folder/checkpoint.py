"""Checkpoints: a folder each, committed by one rename, and read only if every byte is as it was
written.

    checkpoints/epoch-0003-step-00001173/
        weights.safetensors  all variables of model, optimizer and metrics
        state.json           epoch, step, best, pace, history
        MANIFEST.json        size and sha256 of both, what was trained, where, and the sha256 of
                             those of the run's files that scoring needs beside

The name says how many epochs and steps were done; the one before an epoch's evaluation has its
steps, and one epoch less. The last, the one before it and the best stay; the others are removed
once a new one is committed.
"""

import json
import os
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from archcompile import atomic as files
from archcompile.errors import DataError
from archcompile.run_folder.sealed_json import DamagedError as DamagedError
from archcompile.run_folder.sealed_json import digest as digest
from archcompile.run_folder.sealed_json import json_map, sealed, text, unsealed
from archcompile.run_folder.state import State

Arrays = Mapping[str, np.ndarray]
Signature = Mapping[str, tuple[str, tuple[int, ...]]]
Record = Mapping[str, Any]
Place = tuple[int, int]  # epochs and steps done

FORMAT = 2
WEIGHTS, STATE, MANIFEST = "weights.safetensors", "state.json", "MANIFEST.json"
_NAME = re.compile(r"epoch-([0-9]{4,})-step-([0-9]{8,})\Z")


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """`identity` is what was trained (spec, recipe, data, seed), `machine` where: versions,
    threads, devices.

    `beside` has the sha256 of files of the run, by name.
    """

    path: Path
    state: State
    tensors: Arrays
    identity: Record
    machine: Record
    beside: Record


def signature(arrays: Arrays) -> dict[str, tuple[str, tuple[int, ...]]]:
    """The (dtype, shape) of every tensor, by name."""
    return {name: (array.dtype.name, array.shape) for name, array in arrays.items()}


def name_of(place: Place) -> str:
    return f"epoch-{place[0]:04d}-step-{place[1]:08d}"


def not_finite(arrays: Arrays) -> str | None:
    """The name of the first tensor that holds a NaN or an infinity."""
    floats = ((name, array) for name, array in arrays.items() if array.dtype.kind == "f")
    return next((name for name, array in floats if not np.isfinite(array).all()), None)


def all_finite(values: Mapping[str, float]) -> bool:
    return all(map(isfinite, values.values()))


# ---- writing -------------------------------------------------------------------------------------


def save(
    folder: Path,
    state: State,
    tensors: Arrays,
    *,
    identity: Record,
    machine: Record,
    beside: Record,
) -> Path:
    """Commits a checkpoint and prunes. Raises DataError where it cannot; what was there before is
    untouched then.
    """
    path = folder / name_of((state.epoch, state.step))
    part = folder / f".part-{path.name}"
    content = {WEIGHTS: save_tensors(dict(tensors)), STATE: text(state.record())}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        for name, data in content.items():
            files.write(part / name, data)
        files.write(part / MANIFEST, sealed(_manifest(content, identity, machine, beside=beside)))
        files.sync_folder(part)
        if path.exists():  # it was refused as damaged, or belongs to what --force has changed
            aside = path.with_name(f".old-{path.name}")
            shutil.rmtree(aside, ignore_errors=True)
            os.rename(path, aside)
        os.rename(part, path)
        files.sync_folder(folder)
        _prune(folder, state)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        raise files.not_writable(path, error) from error
    return path


def _manifest(
    content: Mapping[str, bytes], identity: Record, machine: Record, *, beside: Record
) -> dict[str, Any]:
    entries = {name: {"size": len(data), "sha256": digest(data)} for name, data in content.items()}
    return {
        "format": FORMAT,
        "files": entries,
        "identity": dict(identity),
        "machine": dict(machine),
        "beside": dict(beside),
    }


def _prune(folder: Path, state: State) -> None:
    """Keeps the last two and the best: an evaluation changes no weights, so of those at one step
    the last counts.
    """
    here = (state.epoch, state.step)
    places = sorted(found(folder))
    by_step = {step: (epoch, step) for epoch, step in places if (epoch, step) <= here}
    keep = {*sorted(by_step.values())[-2:], (state.best_epoch, state.best_step)}
    for place in set(places) - keep:
        path = folder / name_of(place)
        # so that a half-removed folder never looks like one
        os.rename(path, path.with_name(f".old-{path.name}"))
    for form in (
        ".old-*",
        ".part-*",
        "*.replaced",
    ):  # also what a killed training, or an earlier version, left
        for leftover in folder.glob(form):
            shutil.rmtree(leftover, ignore_errors=True)


# ---- reading -------------------------------------------------------------------------------------


def found(folder: Path) -> dict[Place, Path]:
    """The committed checkpoints by what was done when they were saved."""
    entries = folder.iterdir() if folder.is_dir() else ()
    return {
        (int(match[1]), int(match[2])): path
        for path in entries
        if (match := _NAME.match(path.name)) and path.is_dir()
    }


def latest_first(folder: Path) -> list[Path]:
    return [path for _, path in sorted(found(folder).items(), reverse=True)]


def read(path: Path) -> Checkpoint:
    """A checkpoint, every byte verified. Raises DamagedError saying what is wrong with it."""
    manifest = unsealed(MANIFEST, _bytes(path / MANIFEST))
    if manifest.get("format") != FORMAT:
        raise DamagedError(f"{MANIFEST} has been changed, or is of another version of archcompile")
    content = {name: _bytes(path / name) for name in (WEIGHTS, STATE)}
    for name, data in content.items():
        if manifest["files"][name] != {"size": len(data), "sha256": digest(data)}:
            raise DamagedError(
                f"{name} is not what was written: {len(data)} bytes, sha256 {digest(data)[:12]}…"
            )
    try:
        state = State.read(json_map(STATE, content[STATE]))
        tensors = load_tensors(content[WEIGHTS])
    except (KeyError, TypeError, ValueError, SafetensorError) as error:
        raise DamagedError(f"it cannot be understood: {error}") from error
    return Checkpoint(
        path=path,
        state=state,
        tensors=tensors,
        identity=manifest["identity"],
        machine=manifest["machine"],
        beside=manifest.get("beside", {}),
    )


def newest(
    paths: Iterable[Path], identity: Record | None = None, wanted: Signature | None = None
) -> tuple[Checkpoint | None, list[str]]:
    """The first of `paths` that is intact, and a sentence for each that is not; (None, []) where
    there are no paths.

    Raises DataError where all are damaged, or where the intact one was trained from something else
    than `identity`. `wanted` is the signature its tensors must have.
    """
    damaged: list[str] = []
    for path in paths:
        try:
            checkpoint = read(path)
            if identity is not None:
                check_same(checkpoint.identity, identity, str(path))
            _fits(checkpoint, wanted, identity is None)
            return checkpoint, damaged
        except DamagedError as error:
            damaged.append(f"{path} is damaged: {error}")
    if damaged:
        raise DataError("; ".join([*damaged, "no intact checkpoint is left"]))
    return None, []


def check_same(there: Any, here: Record, name: str) -> None:
    """Raises DataError unless both records are of the same training; `name` is what the first one
    belongs to.
    """
    if unlike := differences(there, here):
        raise DataError(
            f"{name} belongs to another training: {'; '.join(unlike)}",
            hint="leave SPEC and settings out to take that run's own; or --force, where the "
            "change is meant",
        )


def _fits(checkpoint: Checkpoint, wanted: Signature | None, forced: bool) -> None:
    """Raises DamagedError where tensors are not those of the network; DataError where another
    network may be meant.
    """
    have = signature(checkpoint.tensors)
    if wanted is not None and have != wanted:
        name = min(key for key in {*have, *wanted} if have.get(key) != wanted.get(key))
        told = f"tensor {name}: expected {_show(wanted.get(name))}, it has {_show(have.get(name))}"
        if forced:
            raise DataError(
                f"{checkpoint.path} is of another network or optimizer, and --force cannot carry "
                f"it over: {told}",
                hint="a new run with --init takes what fits of a network",
            )
        raise DamagedError(told)


def _show(entry: tuple[str, tuple[int, ...]] | None) -> str:
    return f"{entry[0]} {list(entry[1])}" if entry else "none"


def differences(there: Any, here: Any, path: str = "") -> list[str]:
    """Where two records differ, each as a sentence."""
    if isinstance(there, Mapping) and isinstance(here, Mapping):
        keys = [*there, *(key for key in here if key not in there)]
        return [
            d
            for k in keys
            for d in differences(there.get(k), here.get(k), f"{path}.{k}" if path else k)
        ]
    return [] if there == here else [f"{path} is {_brief(there)} there and {_brief(here)} here"]


def _brief(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return f"{text[:12]}…" if re.fullmatch("[0-9a-f]{64}", text) else text


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DamagedError(f"{path.name} cannot be read: {error.strerror}") from error
