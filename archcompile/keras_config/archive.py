"""The config of a `.keras` file, read straight from the zip, or of an HDF5 file of Keras 2.

It is bounded before it is inflated and parsed; nothing in it is run.
"""

import json
import zipfile
from pathlib import Path
from typing import Any

from archcompile.errors import UsageError
from archcompile.keras_config.net import UnreadableModel
from archcompile.limits import MAX_CONFIG_VALUES, MAX_DIRECTORY_BYTES, MAX_MEMBER_BYTES

CONFIG = "config.json"
MODEL_CONFIG = "model_config"  # its name in HDF5
HDF5 = b"\x89HDF\r\n\x1a\n"
# the record that ends a zip, and the longest comment behind it
END, END_BYTES, COMMENT = (
    b"PK\x05\x06",
    22,
    1 << 16,
)


def read_archive(path: Path) -> dict[str, Any]:
    """The record `{class_name, config, …}` of the model in a `.keras` or HDF5 file.

    Raises UsageError where there is no such file, UnreadableModel where it is neither, or too
    large.
    """
    if path.is_dir():
        raise UsageError(f"{path}: expected a `.keras` or `.h5` file, got a folder")
    if not path.is_file():
        raise UsageError(f"there is no file {path}")
    text = _config_of_hdf5(path) if is_hdf5(path) else _config_of_zip(path)
    if len(text) > MAX_MEMBER_BYTES:
        raise UnreadableModel(f"{CONFIG} in {path} is larger than {MAX_MEMBER_BYTES >> 20} MiB")
    if count_entries(text) > MAX_CONFIG_VALUES:
        raise UnreadableModel(
            f"{CONFIG} in {path} holds more values than any model of 20,000 layers"
        )
    return _parse(text, path)


def is_hdf5(path: Path) -> bool:
    """Whether a file is HDF5, as Keras 2 writes models."""
    with path.open("rb") as file:
        return file.read(len(HDF5)) == HDF5


def _config_of_hdf5(path: Path) -> bytes:
    """The text that Keras keeps with the weights."""
    import h5py

    try:
        with h5py.File(path, "r") as file:
            if MODEL_CONFIG not in file.attrs:
                raise UnreadableModel(
                    f"{path} holds weights, and no description of their model",
                    hint="save the whole model with model.save",
                )
            text = file.attrs[MODEL_CONFIG]
            return text.encode() if isinstance(text, str) else bytes(text)
    except UnreadableModel:
        raise
    except Exception as error:  # h5py raises whatever the file's bytes lead it to
        raise UnreadableModel(f"{path} is damaged: {error}") from error


def _config_of_zip(path: Path) -> bytes:
    """The text of the member that describes the model."""
    try:
        _check_head(path)
        with zipfile.ZipFile(path) as archive:
            return _member(archive, CONFIG)
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
        hint = "only `.keras` and `.h5` files, as Keras writes them with model.save, can be read"
        raise UnreadableModel(
            f"{path} is not a `.keras` file, or damaged: {error}", hint=hint
        ) from error


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
    """Raises ValueError for a zip with too long a list of members."""
    with path.open("rb") as file:
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
