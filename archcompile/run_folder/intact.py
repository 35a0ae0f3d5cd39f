"""Whether a run's files are those it wrote, as far as plain files tell: no weights are read.

Needs no NumPy, so that a list of runs is quick.
"""

from pathlib import Path
from typing import Any

from archcompile.errors import DataError
from archcompile.run_files import CHECKPOINT, CHECKPOINTS, HISTORY, INPUTS, MANIFEST, MODEL, RESULT
from archcompile.run_folder.sealed_json import DamagedError, digest, unseal

Place = tuple[int, int]  # epochs and steps done

# a run has these only once it has a checkpoint
AFTERWARDS = (HISTORY, RESULT, MODEL)
SMALL = 2**20  # bytes of a checkpoint's file; of larger ones only the size is looked at

MEND = "restore the original file: a run edited by hand is no longer the same run"


def check_inputs(folder: Path) -> None:
    """Raises DataError naming the first of INPUTS that is not what the run wrote.

    Runs of earlier versions have no manifest, and pass. A run that has lost all its checkpoints is
    refused too: resuming it would begin anew, over what is left of it.
    """
    has_checkpoint = bool(by_place(folder / CHECKPOINTS))
    if not has_checkpoint:
        _check_untrained(folder)
    manifest = folder / MANIFEST
    if not manifest.exists():
        return
    known = _digests(manifest)
    for name in INPUTS:
        file = folder / name
        if not file.exists():
            if has_checkpoint and name in known:
                raise DataError(f"{file} is missing", hint=MEND)
        elif digest(read_file(file)) not in known.get(name, ()):
            raise DataError(f"{file} is damaged: it does not match {manifest}", hint=MEND)


def check_files(folder: Path) -> None:
    """The same, and that checkpoints and what a finished run leaves are there, of the right size.

    Raises DataError naming the first file that is missing or changed. A file whose digest is not
    known, or that is large, may have changed without its size.
    """
    check_inputs(folder)
    if not (folder / MANIFEST).exists():
        return
    for _, path in sorted(by_place(folder / CHECKPOINTS).items()):
        _check_checkpoint(path)
    if (folder / RESULT).exists():
        for name in AFTERWARDS:
            if not (folder / name).exists():
                raise DataError(f"{folder / name} is missing", hint="--resume writes it anew")


def read_file(path: Path) -> bytes:
    """Raises DataError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(
            f"{path} cannot be read: {error.strerror}", hint="is this the folder of a run?"
        ) from error


def by_place(folder: Path) -> dict[Place, Path]:
    """The committed checkpoints by what was done when they were saved."""
    checkpoints = {}
    for path in folder.iterdir() if folder.is_dir() else ():
        match = CHECKPOINT.match(path.name)
        if match and path.is_dir():
            checkpoints[int(match[1]), int(match[2])] = path
    return checkpoints


def _check_untrained(folder: Path) -> None:
    """Raises DataError where a run without a checkpoint was trained."""
    left = next((name for name in AFTERWARDS if (folder / name).exists()), None)
    if left is not None:
        raise DataError(
            f"{folder} was trained, as its {left} shows, and its checkpoints are missing from "
            f"{folder / CHECKPOINTS}",
            hint="restore them, or train anew in another folder",
        )


def _check_checkpoint(path: Path) -> None:
    """Raises DataError where a file is missing or, as far as size or digest tell, changed."""
    manifest = path / MANIFEST
    try:
        entries = unseal(MANIFEST, read_file(manifest))["files"]
    except (DamagedError, KeyError) as error:
        raise DataError(f"{path} is damaged: {error}") from error
    for name, entry in entries.items():
        file = path / name
        if not file.exists():
            raise DataError(f"{file} is missing")
        size = file.stat().st_size
        is_same = size == entry["size"]
        if is_same and size <= SMALL:
            is_same = digest(read_file(file)) == entry["sha256"]
        if not is_same:
            raise DataError(f"{file} is damaged: it does not match {manifest}")


def _digests(manifest: Path) -> dict[str, Any]:
    """The digests by file."""
    try:
        files = unseal(MANIFEST, manifest.read_bytes())["files"]
    except (DamagedError, OSError, KeyError) as error:
        raise DataError(
            f"{manifest} is damaged: {error}",
            hint="if you remove it, files are checked only against the checkpoints",
        ) from error
    return dict(files)
