"""The texts of open files, as the editor has them now."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pygls.uris import to_fs_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An open file with its text; `address` is its URI as the editor writes it.

    `turn` counts the texts of all open files, so that an older one is known as such also where an
    editor gives a version twice.
    """

    address: str
    file: Path
    text: str
    version: int | None
    turn: int


class Documents:
    """What is open. Only files have a place here: no archives, no buffers without a name."""

    def __init__(self) -> None:
        self._documents: dict[str, Document] = {}
        self._turn = 0

    def open(self, address: str, text: str, version: int | None) -> Document | None:
        """A file that is opened, or None where the address is that of no file."""
        file = file_of(address)
        if file is None:
            return None
        document = Document(
            address=address,
            file=file,
            text=text,
            version=version,
            turn=self._next_turn(),
        )
        self._documents[address] = document
        return document

    def change(self, address: str, text: str, version: int | None) -> Document | None:
        """An open file with its new text."""
        document = self._documents.get(address)
        if document is not None:
            document = replace(document, text=text, version=version, turn=self._next_turn())
            self._documents[address] = document
        return document

    def close(self, address: str) -> Document | None:
        return self._documents.pop(address, None)

    def get(self, address: str) -> Document | None:
        return self._documents.get(address)

    def of_file(self, file: Path) -> Document | None:
        """The open document of a file."""
        return next((each for each in self if each.file == file), None)

    def is_current(self, document: Document) -> bool:
        """Whether the file is open, and has no newer text."""
        latest = self._documents.get(document.address)
        return latest is not None and latest.turn == document.turn

    def __iter__(self) -> Iterator[Document]:
        return iter(list(self._documents.values()))

    def _next_turn(self) -> int:
        self._turn += 1
        return self._turn


def file_of(address: str) -> Path | None:
    """The file that a URI means, or None."""
    path = to_fs_path(address)
    return Path(path) if path and os.path.isabs(path) and "\0" not in path else None


def address_of(file: Path) -> str:
    """The URI of a file."""
    return file.absolute().as_uri()
