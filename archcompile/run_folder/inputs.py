"""The files of a run that whatever reads the run depends on, beside its checkpoints.

MANIFEST.json has their digests, and its own. It is written before them, with the digest of what
lies there and of what is about to be: so at every moment, also after `kill -9`, each file is
missing or is one that the manifest knows.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from archcompile.errors import DataError
from archcompile.messages import Say
from archcompile.run_files import HISTORY, INPUTS, MANIFEST, MODEL, RESULT
from archcompile.run_folder import checkpoint
from archcompile.run_folder.checkpoint import Checkpoint
from archcompile.run_folder.folder import Run
from archcompile.run_folder.sealed_json import DamagedError, digest, seal, unseal

FORMAT = 1
# a run has these only once it has a checkpoint
AFTERWARDS = (HISTORY, RESULT, MODEL)

MEND = "restore the original file: a run edited by hand is no longer the same run"


def write(run: Run, contents: Mapping[str, bytes]) -> None:
    """Writes those of the files that are missing or differ. Raises DataError.

    The files that are present have been checked, or belong to a run that was never begun.
    """
    present = {
        name: (run.path / name).read_bytes() for name in INPUTS if (run.path / name).exists()
    }
    digests: dict[str, list[str]] = {}
    for name in {*present, *contents}:
        versions = [files[name] for files in (present, contents) if name in files]
        digests[name] = sorted({digest(version) for version in versions})
    run.write(MANIFEST, seal({"format": FORMAT, "files": digests}))
    for name, content in contents.items():
        if present.get(name) != content:
            run.write(name, content)


def check(run: Run, say: Say) -> None:
    """Raises DataError naming the first of the files that is not what the run wrote.

    Runs of earlier versions have no manifest: of them only what their checkpoints know is checked,
    by whoever reads those. A run that has lost all its checkpoints is refused too: resuming it
    would begin anew, over what is left of it.
    """
    _check_trained(run)
    path = run.path / MANIFEST
    if not path.exists():
        say(
            f"note: {run.path} has no {MANIFEST}, as runs of earlier versions: the length in its "
            "recipe.yaml and the options in "
            "its environment.json cannot be checked"
        )
        return
    known = _read(path)
    has_checkpoint = bool(checkpoint.by_place(run.checkpoints))
    for name in INPUTS:
        if not (run.path / name).exists():
            if has_checkpoint and name in known:
                raise DataError(f"{run.path / name} is missing", hint=MEND)
        elif digest(run.read(name)) not in known.get(name, ()):
            raise DataError(f"{run.path / name} is damaged: it does not match {path}", hint=MEND)


def _check_trained(run: Run) -> None:
    """Raises DataError where a run was trained and has no checkpoint."""
    if checkpoint.by_place(run.checkpoints):
        return
    left = next((name for name in AFTERWARDS if (run.path / name).exists()), None)
    if left is not None:
        raise DataError(
            f"{run.path} was trained, as its {left} shows, and its checkpoints are missing from "
            f"{run.checkpoints}",
            hint="restore them, or train anew in another folder",
        )


def check_beside(run: Run, saved: Checkpoint) -> None:
    """Raises DataError naming the first file that is not the one a checkpoint was saved with."""
    digests = run.beside()
    for name, value in saved.beside.items():
        if digests[name] != value:
            raise changed_error(run, name, saved)


def changed_error(run: Run, name: str, saved: Checkpoint) -> DataError:
    return DataError(
        f"{run.path / name} is damaged: it is not what {saved.path} was trained with", hint=MEND
    )


def _read(path: Path) -> dict[str, Any]:
    """The digests by file."""
    try:
        files = unseal(MANIFEST, path.read_bytes())["files"]
    except (DamagedError, OSError, KeyError) as error:
        raise DataError(
            f"{path} is damaged: {error}",
            hint="if you remove it, files are checked only against the checkpoints",
        ) from error
    return dict(files)
