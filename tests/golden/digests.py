"""Files of digests: where a text is too long to keep, enough to tell that it changed."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path


def digest(content: str | bytes) -> str:
    return sha256(content.encode() if isinstance(content, str) else content).hexdigest()[:16]


def write(file: Path, digests: Mapping[str, str]) -> None:
    file.write_text("".join(f"{key}\t{value}\n" for key, value in digests.items()))


def read(file: Path) -> dict[str, str]:
    return dict(line.split("\t") for line in file.read_text().splitlines())
