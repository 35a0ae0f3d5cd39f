"""The text that is being written, and the file that it is to be saved in."""

import os
from dataclasses import dataclass
from pathlib import Path
from zlib import adler32

from archcompile.errors import DataError, UsageError
from archcompile.limits import MAX_YAML_BYTES
from archcompile.outputs import save

MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"  # what some editors begin a file with


class ChangedOnDisk(UsageError):
    """The file has another text than when it was read."""

    code = "changed-on-disk"


@dataclass(frozen=True, slots=True)
class FileText:
    """A file's text as an editor has it: lines end in a line feed, and no mark is before it.

    `ending` and `has_mark` are what the file had.
    """

    text: str
    ending: str = "\n"
    has_mark: bool = False

    @staticmethod
    def read(file: Path) -> "FileText":
        """Raises DataError where the file is no text of a spec's size."""
        if not file.is_file():  # a pipe might never end
            raise DataError(f"there is no file {file}")
        try:
            with file.open("rb") as stream:
                content = stream.read(MAX_YAML_BYTES + 1)
            if len(content) > MAX_YAML_BYTES:
                raise DataError(f"{file} is larger than {MAX_YAML_BYTES // 1024} KiB")
            raw = content.decode()
        except UnicodeDecodeError as error:
            raise DataError(f"{file} is not UTF-8 text") from error
        except OSError as error:
            raise DataError(f"{file} cannot be read: {error.strerror}") from error
        ending = "\r\n" if raw.count("\r\n") * 2 > raw.count("\n") else "\n"
        has_mark = raw.startswith(MARK)
        return FileText(with_line_feeds(raw.removeprefix(MARK)), ending, has_mark)

    def as_bytes(self) -> bytes:
        """The file's bytes. Raises UsageError for half a character, which no file can hold."""
        raw = (MARK if self.has_mark else "") + self.text.replace("\n", self.ending)
        try:
            return raw.encode()
        except UnicodeEncodeError as error:
            raise UsageError("the text has half a character, which no file can hold") from error


def with_line_feeds(text: str) -> str:
    """The text with the line ends of the browser's editor."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def checksum(text: str) -> int:
    """Of a text as the browser counts it, by UTF-16 units: whether an answer belongs to it."""
    return adler32(text.encode("utf-16-le", "surrogatepass"))


class Draft:
    """A text, and what its file held when it was last read or written (None: there is no file)."""

    def __init__(self, file: Path, saved: FileText | None, text: str | None = None):
        self.file, self.saved = file, saved
        on_disk = saved.text if saved else ""
        self.text = on_disk if text is None else text

    @staticmethod
    def open(file: Path) -> "Draft":
        """Raises DataError."""
        return Draft(file.resolve(), FileText.read(file))

    @property
    def is_saved(self) -> bool:
        return self.saved is not None and self.saved.text == self.text

    def disk_text(self) -> FileText | None:
        """What the file holds now; None where there is none that can be read."""
        try:
            return FileText.read(self.file) if self.file.exists() else None
        except DataError:
            return None

    def has_changed_on_disk(self) -> bool:
        """Whether somebody else has written the file since."""
        now = self.disk_text()
        return (now.text if now else None) != (self.saved.text if self.saved else None)

    def save(self, over_changes: bool = False) -> None:
        """Write the text to the file, whole or not at all.

        Raises ChangedOnDisk, unless it goes `over_changes`; UsageError and DataError.
        """
        if not over_changes and self.has_changed_on_disk():
            raise ChangedOnDisk(
                f"{self.file.name} was changed by another program",
                hint="load what it has now, or save over it",
            )
        before = self.saved or FileText("")
        content = FileText(self.text, before.ending, before.has_mark)
        mode = self.file.stat().st_mode if self.file.exists() else None
        save(self.file, content.as_bytes(), over_specs=True)
        if mode is not None:  # it is another file under the same name
            self.file.chmod(mode)
        self.saved = content

    def save_copy(self, file: Path) -> None:
        """Write the text to a new file, which is the draft's from then on. Raises UsageError."""
        if os.path.lexists(file):
            raise UsageError(f"{file.name} already exists", hint="choose another name")
        self.file, self.saved = file, None
        self.save(over_changes=True)
