"""Writing what was drawn or emitted: a file is there whole or not at all."""

import os
import tempfile
from pathlib import Path

from archcompile.errors import DataError, UsageError


def save(path: Path, content: bytes | str) -> None:
    """Write a file at one stroke; what stood under that name stays until then.

    Raises UsageError where the folder is not there or `path` is one, DataError where it cannot be written.
    """
    if path.is_dir():
        raise UsageError(f"{path} is a folder", hint="name a file")
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent}", hint=f"mkdir -p {path.parent}")
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
