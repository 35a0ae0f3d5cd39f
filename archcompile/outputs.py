"""Writing what was drawn or emitted: a file is there whole or not at all."""

import json
import os
import re
import tempfile
from pathlib import Path

import yaml

from archcompile.errors import DataError, UsageError
from archcompile.run_files import PART, is_of_run
from archcompile.spec.yaml import MAX_BYTES

MARK = re.compile(rb"""\barchc["']?\s*:""")  # what every spec has somewhere
# what it has even where it is broken
BEGINS = re.compile(rb"""^(\xef\xbb\xbf)?(---)?[\s{]*["']?archc["']?\s*:""", re.MULTILINE)
HASH = re.compile("[0-9a-f]{64}")


def save(path: Path, content: bytes | str, over_specs: bool = False) -> None:
    """Write a file at one stroke; what stood under that name stays until then.

    Raises as `check_place` does, and DataError where it cannot be written.
    """
    check_place(path, over_specs)
    part = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=PART, delete=False) as file:
            part = file.name
            file.write(content.encode() if isinstance(content, str) else content)
        os.chmod(part, 0o666 & ~_umask())
        os.replace(part, path)
    except OSError as error:
        if part is not None:
            Path(part).unlink(missing_ok=True)
        raise DataError(
            f"{path} cannot be written: {error.strerror or error}",
            hint="choose another place with -o",
        ) from error


def check_place(path: Path, over_specs: bool = False) -> None:
    """Raises UsageError unless the folder exists and no spec or run would be replaced."""
    if path.is_dir():
        raise UsageError(f"{path} is a folder", hint="name a file")
    if not path.parent.is_dir():
        if path.parent.exists():
            raise UsageError(
                f"{path.parent} is a file, not a folder", hint="choose another place with -o"
            )
        raise UsageError(f"there is no folder {path.parent}", hint=f"mkdir -p {path.parent}")
    if is_of_run(path):
        raise UsageError(
            f"{path} belongs to a run, and is not replaced", hint="choose another place with -o"
        )
    if not over_specs and holds_spec(path):
        raise UsageError(
            f"{path} is a spec, recipe or experiment, and is not replaced",
            hint="choose another name with -o",
        )


def holds_spec(path: Path) -> bool:
    """Whether a file is, or is about to become, a YAML or JSON map with the key `archc`.

    What is drawn or compiled as JSON has that key too, and the `hash` of the network.
    """
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1)
        if len(text) > MAX_BYTES or not MARK.search(text):
            return False
        is_json = text.lstrip().startswith(b"{") and b'"hash"' in text
        content = json.loads(text) if is_json else yaml.load(text, yaml.BaseLoader)  # noqa: S506 - makes strings alone
    except OSError:
        return False
    except (yaml.YAMLError, ValueError, RecursionError):
        return not text.lstrip().startswith(b"<") and BEGINS.search(text) is not None
    return (
        isinstance(content, dict)
        and "archc" in content
        and not HASH.fullmatch(str(content.get("hash")))
    )


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def make_folder(path: Path) -> None:
    """Make a folder and its parents. Raises UsageError if a file is in the way, or DataError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise UsageError(
            f"{path} cannot be a folder: there is a file of that name",
            hint="choose another place with -o",
        ) from error
    except OSError as error:
        raise DataError(
            f"{path} cannot be made: {error.strerror or error}", hint="choose another place with -o"
        ) from error
