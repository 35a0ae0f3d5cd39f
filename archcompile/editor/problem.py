"""A diagnostic beside the file that it is about: what quick fixes are made from."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from archcompile.editor.answers import Fix, Position, Span, span_in_line
from archcompile.editor.file_edits import Edits, FileEdits
from archcompile.editor.names import names_with_places
from archcompile.editor.surroundings import SourceFile, Surroundings
from archcompile.editor.words import Path, Reading, Word
from archcompile.errors import Diagnostic, Location
from archcompile.shipped import shipped_folder

if TYPE_CHECKING:
    from archcompile.editor.analysis import Analysis


@dataclass(frozen=True)
class Problem:
    analysis: "Analysis"
    diagnostic: Diagnostic
    span: Span  # where the file shows it

    @property
    def code(self) -> str:
        return self.diagnostic.code

    @property
    def hint(self) -> str:
        return self.diagnostic.hint or ""

    @property
    def message(self) -> str:
        return self.diagnostic.message

    @property
    def seen(self) -> Surroundings:
        return self.analysis.surroundings

    @cached_property
    def file_at_fault(self) -> SourceFile | None:
        """The file that the mistake itself lies in; None where that ships, so nobody writes it."""
        path = self.analysis.locate(self.diagnostic.location.file)
        if path.resolve().is_relative_to(shipped_folder().resolve()) and path != self.analysis.file:
            return None
        return next((file for file in self.seen.files if file.path == path), None)

    @property
    def is_editable(self) -> bool:
        return self.file_at_fault is not None

    @property
    def file(self) -> SourceFile:
        return self.file_at_fault or self.seen.chain[0]

    @property
    def reading(self) -> Reading:
        return self.file.reading

    @cached_property
    def edits(self) -> FileEdits:
        return FileEdits(self.file)

    @cached_property
    def own_edits(self) -> FileEdits:
        """Edits of the file that was asked about."""
        return FileEdits(self.seen.chain[0])

    @property
    def start(self) -> Position:
        """Where the mistake begins: in the file at fault, else where it is shown."""
        at = self.diagnostic.location
        return Position(at.line, at.column) if self.is_editable else self.span.start

    @cached_property
    def word(self) -> Word | None:
        """The word that begins where the mistake does."""
        return _word_from(self.reading, self.start)

    @cached_property
    def path(self) -> Path | None:
        """The path of the word, or of the brackets, that begin where the mistake does."""
        return _path_from(self.reading, self.start)

    def notes_in_file(self, text: str) -> Iterator[Location]:
        """The places in the file that a note with this text names."""
        for note, at in self.diagnostic.notes:
            if note == text and at.file == self.analysis.shown_file:
                yield at

    def own_path(self, at: Location) -> Path | None:
        """The path of a place in the file that was asked about."""
        return _path_from(self.seen.chain[0].reading, Position(at.line, at.column))

    def replace_word(self, text: str, title: str = "") -> Iterator[Fix]:
        """The word of the mistake by another, in its own quotes where it has some."""
        if self.word:
            yield Fix(title or f"write `{text}`", self.edits.replace(self.word.span, text))

    def replace_within(self, word: Word, old: str, new: str) -> Edits:
        """A name within a word that is an expression, wherever it stands there."""
        start = word.span.start
        edits: Edits = ()
        for name, at in names_with_places(word.text):
            if name == old:
                column = start.column + at + word.is_quoted
                edits += self.edits.replace(span_in_line(start.line, column, len(old)), new)
        return edits


def _word_from(reading: Reading, start: Position) -> Word | None:
    words = reading.words_by_line.get(start.line, ())
    return next((word for word in words if word.span.start == start), None)


def _path_from(reading: Reading, start: Position) -> Path | None:
    if word := _word_from(reading, start):
        return word.path
    brackets = reading.brackets.items()
    return next((path for path, span in brackets if span.start == start), None)
