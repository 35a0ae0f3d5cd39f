"""The exceptions a user can meet, and the one form in which a mistake is reported.

    ArchError                exit code 1   something is wrong with what was written
      SpecError              1             one or more diagnostics, each with its place in a file
      ShapeError             1             raised by an op; `graph` adds the place: a SpecError
      UsageError             2             wrong command line, or a file that is not there
      MissingError           3             a package or device this machine lacks
      DataError              4             data or a checkpoint missing, damaged or not writable
      TrainingStopped        5             training stopped itself (NaN, divergence)
      Interrupted            130 / 143     stopped by a signal, after a clean checkpoint

Anything else that reaches the command line is our own fault (exit code 70).
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice

# words that one unknown word is compared with, so that a hostile file costs no minutes
CANDIDATES = 500
LISTED = 12  # names in a hint; more are not read
INTERRUPTED, TERMINATED = 130, 143  # exit codes after SIGINT and SIGTERM: 128 and the signal


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Location:
    """A stretch of one line of a file; line and column count from 1, width in characters."""

    file: str
    line: int
    column: int
    width: int = 1
    # the source line itself, so that rendering reads no file
    text: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One finding. `notes` are further places that belong to it, each with a few words."""

    code: str
    message: str
    location: Location
    hint: str | None = None
    notes: tuple[tuple[str, Location], ...] = ()
    severity: str = "error"

    def __str__(self) -> str:
        return visible(f"{self.location}: {self.severity}[{self.code}]: {self.message}")

    def record(self) -> dict[str, str | int | None]:
        """The JSON form `{file, line, column, code, severity, message, hint}`."""
        where = self.location
        message = "; ".join([self.message, *(f"{text} ({place})" for text, place in self.notes)])
        return {
            "file": where.file,
            "line": where.line,
            "column": where.column,
            "code": self.code,
            "severity": self.severity,
            "message": message,
            "hint": self.hint,
        }


class ArchError(Exception):
    """Base of every error a user can cause. `hint` says how to mend it.

    `message` and `hint` are in the words of the command line; `str` is the whole message with its
    hint, in those of Python.
    """

    exit_code = 1
    code = "error"

    def __init__(self, message: str, *, hint: str | None = None):
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        from archcompile.error_text import for_python

        return for_python(self)

    def _render_traceback_(self) -> list[str]:
        """What notebooks show, which ask for it: the lines of the caller, not those of archc."""
        from archcompile.error_text import for_notebooks

        return for_notebooks(self)

    def records(self) -> list[dict[str, str | int | None]]:
        """The errors as JSON records; without a place, file, line and column are null."""
        return [
            {
                "file": None,
                "line": None,
                "column": None,
                "code": self.code,
                "severity": "error",
                "message": self.message,
                "hint": self.hint,
            }
        ]


class SpecError(ArchError):
    """Mistakes in YAML files, each with its place."""

    code = "spec"

    def __init__(self, diagnostics: Sequence[Diagnostic]):
        super().__init__("; ".join(f"{d.location}: {d.message}" for d in diagnostics))
        self.diagnostics = tuple(diagnostics)

    def records(self) -> list[dict[str, str | int | None]]:
        return [d.record() for d in self.diagnostics]


class ShapeError(ArchError):
    """An op does not fit its inputs.

    `Op.shape` raises it without a place; `attributes` are those that may be at fault.
    """

    code = "shape-mismatch"

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        code: str = "shape-mismatch",
        attributes: tuple[str, ...] = (),
    ):
        super().__init__(message, hint=hint)
        self.code = code
        self.attributes = attributes


class UsageError(ArchError):
    exit_code = 2
    code = "usage"


class MissingError(ArchError):
    exit_code = 3
    code = "missing"


class DataError(ArchError):
    exit_code = 4
    code = "data"


class TrainingStopped(ArchError):
    exit_code = 5
    code = "training-stopped"


class Interrupted(ArchError):
    code = "interrupted"

    def __init__(self, message: str, *, signal: int, hint: str | None = None):
        super().__init__(message, hint=hint)
        self.exit_code = 128 + signal


def nearest(word: object, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known word that was probably meant, or None.

    Two words are alike by 0 to 1, and must be alike by at least `cutoff`.
    """
    likely = get_close_matches(str(word), list(islice(known, CANDIDATES)), 1, cutoff)
    return likely[0] if likely else None


def did_you_mean(word: object, known: Iterable[str], label: str = "there are") -> str:
    """A hint for an unknown word: the nearest known one, else all of them."""
    words = list(known)
    likely = nearest(word, words)
    return f"did you mean `{likely}`?" if likely else list_known(words, label)


def list_known(known: Iterable[str], label: str = "there are") -> str:
    """The known words, the first of them where they are many."""
    words = list(known)
    more = ", …" if len(words) > LISTED else ""
    return f"{label}: {', '.join(words[:LISTED])}{more}" if words else "there are none"


def plural(count: int | str, word: str) -> str:
    """`1 file`, `2 files`; the count may be written already: `2,000 files`."""
    return f"{count} {word}{'' if str(count) == '1' else 's'}"


def visible(text: str) -> str:
    """Text with control and direction characters escaped: a spec must not steer the terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def reason(error: BaseException) -> str:
    """What went wrong, without a hint, for the middle of a sentence."""
    return error.message if isinstance(error, ArchError) else str(error)


def summary(error: ArchError) -> str:
    """An error on one line: of several diagnostics the first, with its place."""
    first = error.records()[0]
    place = f"{first['file']}:{first['line']}:{first['column']}: " if first["line"] else ""
    return f"{place}{first['message']}"


def as_json(error: ArchError) -> str:
    return json.dumps({"errors": error.records()}, indent=2)
