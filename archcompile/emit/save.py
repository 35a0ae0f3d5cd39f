"""Writing what was drawn or emitted: a file is there whole or not at all."""

import json
import os
import re
import tempfile
from pathlib import Path

import yaml

from archcompile.errors import DataError, UsageError

HEAD = 1 << 16  # bytes in which a spec says `archc:`
MARK = re.compile(rb"""^[\s{]*["']?archc["']?\s*:""", re.MULTILINE)


def save(path: Path, content: bytes | str, over_specs: bool = False) -> None:
    """Write a file at one stroke; what stood under that name stays until then.

    Raises UsageError where the folder is not there, `path` is one, or a spec lies there and may not be replaced, DataError
    where it cannot be written.
    """
    if path.is_dir():
        raise UsageError(f"{path} is a folder", hint="name a file")
    if not path.parent.is_dir():
        if path.parent.exists():
            raise UsageError(f"{path.parent} is a file, not a folder", hint="choose another place with -o")
        raise UsageError(f"there is no folder {path.parent}", hint=f"mkdir -p {path.parent}")
    if not over_specs and holds_spec(path):
        raise UsageError(f"{path} is a spec, recipe or experiment, and is not replaced", hint="choose another name with -o")
    part = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".part-", delete=False) as file:
            part = file.name
            file.write(content.encode() if isinstance(content, str) else content)
        os.chmod(part, 0o666 & ~_umask())
        os.replace(part, path)
    except OSError as error:
        if part is not None:
            Path(part).unlink(missing_ok=True)
        raise DataError(f"{path} cannot be written: {error.strerror or error}",
                        hint="choose another place with -o") from error  # fmt: skip


def holds_spec(path: Path) -> bool:
    """Whether a file is a map with the key `archc`, in YAML or JSON, whatever it is called.

    What is drawn or compiled as JSON has that key too, and a `hash`, which no spec has.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
        if not MARK.search(head):
            return False
        found = json.loads(path.read_bytes()) if head.lstrip().startswith(b"{") else yaml.safe_load(path.read_bytes())
    except (OSError, yaml.YAMLError, ValueError, RecursionError):
        return False
    return isinstance(found, dict) and "archc" in found and "hash" not in found


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def make_folder(path: Path) -> None:
    """Make a folder and those above it. Raises UsageError where a file is in the way, DataError where it cannot be made."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise UsageError(
            f"{path} cannot be a folder: there is a file of that name", hint="choose another place with -o"
        ) from error
    except OSError as error:
        raise DataError(
            f"{path} cannot be made: {error.strerror or error}", hint="choose another place with -o"
        ) from error
