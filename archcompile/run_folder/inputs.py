"""The files of a run that whatever reads the run depends on, beside its checkpoints.

MANIFEST.json has their digests, and its own. It is written before them, with the digest of what
lies there and of what is about to be: so at every moment, also after `kill -9`, each file is
missing or is one that the manifest knows.
"""

from collections.abc import Mapping

from archcompile.errors import DataError
from archcompile.messages import Say
from archcompile.run_files import INPUTS, MANIFEST
from archcompile.run_folder.checkpoint import Checkpoint
from archcompile.run_folder.folder import Run
from archcompile.run_folder.intact import MEND, check_inputs
from archcompile.run_folder.sealed_json import digest, seal

FORMAT = 1


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
    by whoever reads those.
    """
    check_inputs(run.path)
    if not (run.path / MANIFEST).exists():
        say(
            f"note: {run.path} has no {MANIFEST}, as runs of earlier versions: the length in its "
            "recipe.yaml and the options in "
            "its environment.json cannot be checked"
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
