"""Sealed records: JSON with the sha256 of its own text, so that a change of any bit is seen."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, NoReturn

SEAL = "sha256"


class DamagedError(Exception):
    """Something on disk that is not what was written; the message says which file, and how."""


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def text(value: Any) -> bytes:
    """The one way a value is written, so that equal values have equal bytes."""
    return json.dumps(value, indent=1, sort_keys=True, allow_nan=False).encode()


def seal(record: Mapping[str, Any]) -> bytes:
    return text({**record, SEAL: digest(text(record))})


def unseal(name: str, data: bytes) -> dict[str, Any]:
    """The record in the bytes of a file. Raises DamagedError unless `seal` made just these."""
    record = json_map(name, data)
    record.pop(SEAL, None)
    if seal(record) != data:
        raise DamagedError(f"{name} has been changed, or is of another version of archcompile")
    return record


def json_map(name: str, data: bytes) -> dict[str, Any]:
    """Raises DamagedError."""
    try:
        value = json.loads(data, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise DamagedError(f"{name} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise DamagedError(f"{name} holds no map")
    return value


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a JSON number")
