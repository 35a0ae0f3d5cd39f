"""Writing what was drawn or emitted: it is there whole or not at all.

`atomic` does the same for the files of a run, which it also flushes to the disk.
"""

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from archcompile.errors import DataError, UsageError
from archcompile.limits import MAX_YAML_BYTES
from archcompile.run_files import PART, is_of_run

MARK = re.compile(rb"""\barchc["']?\s*:""")  # what every spec has somewhere
# what it has even where it is broken
BEGINS = re.compile(rb"""^(\xef\xbb\xbf)?(---)?[\s{]*["']?archc["']?\s*:""", re.MULTILINE)
HASH = re.compile("[0-9a-f]{64}")
ELSEWHERE = "choose another place with -o"


def save(path: Path, content: bytes | str, over_specs: bool = False) -> None:
    """Write a file at one stroke; what stood under that name stays until then.

    Raises as `check_place` does, and DataError where it cannot be written.
    """
    check_place(path, over_specs)
    with replacing_output(path) as part:
        part.write_bytes(content.encode() if isinstance(content, str) else content)


@contextmanager
def replacing_output(path: Path) -> Iterator[Path]:
    """A name to write a file or folder under, which replaces `path` at the end.

    After a failure nothing is left of it. Raises DataError where it cannot be written.
    """
    with temporary_output(path) as part:
        yield part
        if part.is_dir():
            _remove(path)
        os.replace(part, path)


@contextmanager
def temporary_output(path: Path) -> Iterator[Path]:
    """A name beside `path` for a file or folder that is removed at the end.

    Raises DataError where it cannot be written.
    """
    # the suffix stays: Keras chooses the format by it
    part = path.with_name(f"{PART}{os.getpid()}{path.suffix}")
    try:
        yield part
    except OSError as error:
        raise DataError(
            f"{path} cannot be written: {error.strerror or error}", hint=ELSEWHERE
        ) from error
    finally:
        _remove(part)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def check_place(path: Path, over_specs: bool = False) -> None:
    """Raises UsageError unless the folder exists and no spec or run would be replaced."""
    if path.is_dir():
        raise UsageError(f"{path} is a folder", hint="name a file")
    if not path.parent.is_dir():
        if path.parent.exists():
            raise UsageError(f"{path.parent} is a file, not a folder", hint=ELSEWHERE)
        raise UsageError(f"there is no folder {path.parent}", hint=f"mkdir -p {path.parent}")
    if is_of_run(path):
        raise UsageError(f"{path} belongs to a run, and is not replaced", hint=ELSEWHERE)
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
            text = file.read(MAX_YAML_BYTES + 1)
        if len(text) > MAX_YAML_BYTES or not MARK.search(text):
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


def make_folder(path: Path) -> None:
    """Make a folder and its parents. Raises UsageError if a file is in the way, or DataError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise UsageError(
            f"{path} cannot be a folder: there is a file of that name",
            hint=ELSEWHERE,
        ) from error
    except OSError as error:
        raise DataError(
            f"{path} cannot be made: {error.strerror or error}", hint=ELSEWHERE
        ) from error
