"""The config of a `.keras` file, read straight from the zip.

It is bounded before it is inflated and parsed; nothing in it is run.
"""

import json
import zipfile
from pathlib import Path
from typing import Any

from archcompile.errors import UsageError, visible
from archcompile.keras_config.net import UnreadableModel, UnsupportedModel
from archcompile.limits import MAX_CONFIG_VALUES, MAX_DIRECTORY_BYTES, MAX_MEMBER_BYTES

CONFIG, METADATA = "config.json", "metadata.json"
HDF5 = b"\x89HDF\r\n\x1a\n"
# the record that ends a zip, and the longest comment behind it
END, END_BYTES, COMMENT = (
    b"PK\x05\x06",
    22,
    1 << 16,
)
RESAVE = "load it in Keras 3, which still reads HDF5, and save it as a `.keras` file"


def read_archive(path: Path) -> dict[str, Any]:
    """The record `{class_name, config, …}` of the model in a `.keras` file.

    Raises UsageError where there is no such file, UnsupportedModel for a file of Keras 2,
    UnreadableModel where it is not a `.keras` file, or too large.
    """
    if path.is_dir():
        raise UsageError(f"{path}: expected a `.keras` file, got a folder")
    if not path.is_file():
        raise UsageError(f"there is no file {path}")
    version, text = _version_and_config(path)
    if _is_keras_2(version):
        raise UnsupportedModel(
            f"{path} was written by Keras {visible(version)}: only files of Keras 3 can be read",
            hint=f"in Keras 2 save the model as `.h5`; {RESAVE}",
        )
    if len(text) > MAX_MEMBER_BYTES:
        raise UnreadableModel(f"{CONFIG} in {path} is larger than {MAX_MEMBER_BYTES >> 20} MiB")
    if count_entries(text) > MAX_CONFIG_VALUES:
        raise UnreadableModel(
            f"{CONFIG} in {path} holds more values than any model of 20,000 layers"
        )
    return _parse(text, path)


def _version_and_config(path: Path) -> tuple[str, bytes]:
    """The version of Keras that wrote a file, and the text of its config, empty for Keras 2."""
    try:
        _check_head(path)
        with zipfile.ZipFile(path) as archive:
            version = _keras_version(archive)
            return version, b"" if _is_keras_2(version) else _member(archive, CONFIG)
    except KeyError as error:
        raise UnreadableModel(
            f"{path} is a zip file without {CONFIG}", hint="Keras 3 writes it with model.save"
        ) from error
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
    ) as error:
        hint = "only `.keras` files, as Keras 3 writes them with model.save, can be read"
        raise UnreadableModel(
            f"{path} is not a `.keras` file, or damaged: {error}", hint=hint
        ) from error


def _is_keras_2(version: str) -> bool:
    return version.startswith("2.")


def _parse(text: bytes, path: Path) -> dict[str, Any]:
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableModel(
            f"{CONFIG} in {path} is not JSON that can be read: {error}"
        ) from error
    if not isinstance(record, dict):
        raise UnreadableModel(f"{CONFIG} in {path} describes no model")
    return record


def count_entries(text: bytes) -> int:
    """No fewer than the values in a JSON text, without parsing it."""
    return 4 * text.count(b"{") + text.count(b"[") + text.count(b",")


def _check_head(path: Path) -> None:
    """Raises UnsupportedModel for HDF5, ValueError for a zip with too long a list of members."""
    with path.open("rb") as file:
        if file.read(len(HDF5)) == HDF5:
            raise UnsupportedModel(
                f"{path}: expected a `.keras` file, got HDF5, as Keras 2 writes it", hint=RESAVE
            )
        size = file.seek(0, 2)
        file.seek(max(0, size - END_BYTES - COMMENT))
        tail = file.read(END_BYTES + COMMENT)
    end = tail[tail.rfind(END) :]
    if end.startswith(END) and int.from_bytes(end[12:16], "little") > MAX_DIRECTORY_BYTES:
        raise ValueError("its list of members is too long")


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    """A member's bytes, at most one more than are allowed."""
    with archive.open(name) as member:
        return member.read(MAX_MEMBER_BYTES + 1)


def _keras_version(archive: zipfile.ZipFile) -> str:
    """The version of Keras that a file says it is of; empty where it says none."""
    if METADATA not in archive.namelist():
        return ""
    text = _member(archive, METADATA)
    try:
        metadata = json.loads(text) if count_entries(text) < 1000 else {}
    except (ValueError, RecursionError):
        return ""
    return str(metadata.get("keras_version", "")) if isinstance(metadata, dict) else ""
