"""The config of a `.keras` file, read straight from the zip: bounded, and nothing in it is run."""

import json
import zipfile
from pathlib import Path
from typing import Any

from archcompile.errors import UsageError
from archcompile.importer.net import UnreadableModel

CONFIG = "config.json"
MAX_BYTES = 1 << 26  # of the config; that of the article's 1202 layers takes 5 MB


def read_archive(path: Path) -> dict[str, Any]:
    """The record `{class_name, config, …}` of the model in a `.keras` file.

    Raises UsageError where there is no such file, UnreadableModel where it is no `.keras` file, or too large.
    """
    if path.is_dir():
        raise UsageError(f"{path} is a folder, expected a `.keras` file")
    if not path.is_file():
        raise UsageError(f"there is no file {path}")
    try:
        with zipfile.ZipFile(path) as archive, archive.open(CONFIG) as member:
            text = member.read(MAX_BYTES + 1)
    except KeyError as error:
        raise UnreadableModel(f"{path} is a zip file without {CONFIG}", hint="Keras 3 writes it with model.save") from error
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        hint = "only `.keras` files, as Keras 3 writes them with model.save, can be read"
        raise UnreadableModel(f"{path} is no `.keras` file, or damaged: {error}", hint=hint) from error
    if len(text) > MAX_BYTES:
        raise UnreadableModel(f"{CONFIG} in {path} is larger than {MAX_BYTES >> 20} MiB")
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableModel(f"{CONFIG} in {path} is not JSON that can be read: {error}") from error
    if not isinstance(record, dict):
        raise UnreadableModel(f"{CONFIG} in {path} describes no model")
    return record
