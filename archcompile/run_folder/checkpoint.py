"""Checkpoints: a folder each, committed by one rename, and read only if every byte is intact.

    checkpoints/epoch-0003-step-00001173/
        weights.safetensors  all variables of model, optimizer and metrics
        state.json           epoch, step, best, pace, history
        MANIFEST.json        size and sha256 of both, what was trained, where, and the sha256 of
                             those of the run's files that scoring needs beside

The name says how many epochs and steps were done; the one before an epoch's evaluation has its
steps, and one epoch less. The last, the one before it and the best stay; the others are removed
once a new one is committed.
"""

import os
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

from archcompile import atomic
from archcompile.engine import Draws
from archcompile.errors import DataError
from archcompile.run_files import MANIFEST, PART, checkpoint_name
from archcompile.run_folder.identity import Identity
from archcompile.run_folder.intact import Place as Place
from archcompile.run_folder.intact import by_place as by_place
from archcompile.run_folder.sealed_json import DamagedError as DamagedError
from archcompile.run_folder.sealed_json import digest as digest
from archcompile.run_folder.sealed_json import json_map, seal, text, unseal
from archcompile.run_folder.state import State

Arrays = Mapping[str, np.ndarray]
Signature = Mapping[str, tuple[str, tuple[int, ...]]]
Record = Mapping[str, Any]

# Of a run, by where its numbers of augmentation are drawn; it keeps its format to its end.
FORMATS: Mapping[Draws, int] = {"device": 2, "host": 3}
WEIGHTS, STATE = "weights.safetensors", "state.json"  # its files, beside a manifest
OLD = ".old-"  # what the name of a checkpoint that is being removed begins with


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A checkpoint that has been read.

    `identity` is what was trained (spec, recipe, data, seed), `machine` where: versions, threads,
    devices. `beside` has the sha256 of files of the run, by name.
    """

    path: Path
    state: State
    tensors: Arrays
    identity: Identity
    machine: Record
    beside: Record


def signature(arrays: Arrays) -> dict[str, tuple[str, tuple[int, ...]]]:
    """The (dtype, shape) of every tensor, by name."""
    return {name: (array.dtype.name, array.shape) for name, array in arrays.items()}


def name_of(place: Place) -> str:
    """The name of a checkpoint's folder."""
    epochs, steps = place
    return checkpoint_name(epochs, steps)


def not_finite(arrays: Arrays) -> str | None:
    """The name of the first tensor that holds a NaN or an infinity."""
    floats = ((name, array) for name, array in arrays.items() if array.dtype.kind == "f")
    return next((name for name, array in floats if not np.isfinite(array).all()), None)


def are_all_finite(values: Mapping[str, float]) -> bool:
    return all(map(isfinite, values.values()))


# ---- writing -------------------------------------------------------------------------------------


def save(
    folder: Path,
    state: State,
    tensors: Arrays,
    *,
    identity: Identity,
    machine: Record,
    beside: Record,
) -> Path:
    """Commits a checkpoint and prunes; changes nothing where it cannot, and raises DataError."""
    path = folder / name_of((state.epoch, state.step))
    commit(path, state, tensors, identity=identity, machine=machine, beside=beside)
    try:
        _prune(folder, state)
    except OSError as error:
        raise atomic.not_writable(path, error) from error
    return path


def commit(
    path: Path,
    state: State,
    tensors: Arrays,
    *,
    identity: Identity,
    machine: Record,
    beside: Record,
) -> None:
    """Writes a checkpoint, in place of one that may be there; or changes nothing, and raises
    DataError.
    """
    folder = path.parent
    part = folder / f"{PART}{path.name}"
    content = {WEIGHTS: save_tensors(dict(tensors)), STATE: text(state.record())}
    manifest = _manifest(content, FORMATS[state.draws], identity, machine=machine, beside=beside)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        for name, data in content.items():
            atomic.write(part / name, data)
        atomic.write(part / MANIFEST, seal(manifest))
        atomic.sync_folder(part)
        if path.exists():  # it was refused as damaged, or belongs to what --force has changed
            old = _old_name(path)
            shutil.rmtree(old, ignore_errors=True)
            os.rename(path, old)
        os.rename(part, path)
        shutil.rmtree(_old_name(path), ignore_errors=True)
        atomic.sync_folder(folder)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        raise atomic.not_writable(path, error) from error


def _manifest(
    content: Mapping[str, bytes],
    number: int,
    identity: Identity,
    *,
    machine: Record,
    beside: Record,
) -> dict[str, Any]:
    entries = {name: {"size": len(data), "sha256": digest(data)} for name, data in content.items()}
    return {
        "format": number,
        "files": entries,
        "identity": dict(identity.record),
        "machine": dict(machine),
        "beside": dict(beside),
    }


def _prune(folder: Path, state: State) -> None:
    """Keeps the last two and the best.

    An evaluation changes no weights, so of the checkpoints at one step the last one counts.
    """
    newest = (state.epoch, state.step)
    places = sorted(by_place(folder))
    by_step = {step: (epoch, step) for epoch, step in places if (epoch, step) <= newest}
    keep = {*sorted(by_step.values())[-2:], (state.best_epoch, state.best_step)}
    for place in set(places) - keep:
        path = folder / name_of(place)
        # first renamed, so that a half-removed folder never looks like a checkpoint
        os.rename(path, _old_name(path))
    # also what a killed training, or an earlier version, has left
    for pattern in (f"{OLD}*", f"{PART}*", "*.replaced"):
        for leftover in folder.glob(pattern):
            shutil.rmtree(leftover, ignore_errors=True)


def _old_name(path: Path) -> Path:
    return path.with_name(f"{OLD}{path.name}")


def is_checkpoint(path: Path) -> bool:
    """Whether a folder has the files of a checkpoint."""
    return all((path / name).is_file() for name in (MANIFEST, WEIGHTS, STATE))


# ---- reading -------------------------------------------------------------------------------------


def latest_first(folder: Path) -> list[Path]:
    return [path for _, path in sorted(by_place(folder).items(), reverse=True)]


def read(path: Path) -> Checkpoint:
    """A checkpoint, every byte verified. Raises DamagedError saying what is wrong with it."""
    manifest = unseal(MANIFEST, _bytes(path / MANIFEST))
    draws = next((key for key, number in FORMATS.items() if number == manifest.get("format")), None)
    if draws is None:
        raise DamagedError(f"{MANIFEST} has been changed, or is of another version of archcompile")
    content = {name: _bytes(path / name) for name in (WEIGHTS, STATE)}
    for name, data in content.items():
        if manifest["files"][name] != {"size": len(data), "sha256": digest(data)}:
            raise DamagedError(
                f"{name} is not as it was written: {len(data)} bytes, sha256 {digest(data)[:12]}…"
            )
    try:
        state = State.read(json_map(STATE, content[STATE]), draws)
        tensors = load_tensors(content[WEIGHTS])
    except (KeyError, TypeError, ValueError, SafetensorError) as error:
        raise DamagedError(f"it cannot be parsed: {error}") from error
    return Checkpoint(
        path=path,
        state=state,
        tensors=tensors,
        identity=Identity(manifest["identity"]),
        machine=manifest["machine"],
        beside=manifest.get("beside", {}),
    )


def newest(
    paths: Iterable[Path], identity: Identity | None = None, expected: Signature | None = None
) -> tuple[Checkpoint | None, list[str]]:
    """The first of `paths` that is intact, and a sentence for each damaged one before it.

    (None, []) where there are no paths. Raises DataError where all are damaged, or where the intact
    one was trained from something else than `identity`. `expected` is the signature that its
    tensors must have.
    """
    damaged: list[str] = []
    for path in paths:
        try:
            checkpoint = read(path)
            if identity is not None:
                checkpoint.identity.check_same(identity, str(path))
            _check_tensors(checkpoint, expected, identity is None)
            return checkpoint, damaged
        except DamagedError as error:
            damaged.append(f"{path} is damaged: {error}")
    if damaged:
        raise DataError("; ".join([*damaged, "no intact checkpoint is left"]))
    return None, []


def _check_tensors(checkpoint: Checkpoint, expected: Signature | None, is_forced: bool) -> None:
    """Raises DamagedError where tensors are not those of the network.

    DataError instead where another network may be meant, since the user has forced it.
    """
    actual = signature(checkpoint.tensors)
    if expected is None or actual == expected:
        return
    name = min(key for key in {*actual, *expected} if actual.get(key) != expected.get(key))
    difference = (
        f"tensor {name}: expected {_show(expected.get(name))}, got {_show(actual.get(name))}"
    )
    if is_forced:
        raise DataError(
            f"{checkpoint.path} is of another network or optimizer, and --force cannot carry "
            f"it over: {difference}",
            hint="a new run with --init takes the weights that fit",
        )
    raise DamagedError(difference)


def _show(entry: tuple[str, tuple[int, ...]] | None) -> str:
    return f"{entry[0]} {list(entry[1])}" if entry else "none"


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DamagedError(f"{path.name} cannot be read: {error.strerror}") from error
