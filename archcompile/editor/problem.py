"""A diagnostic beside the file that it is about: what quick fixes are made from."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from archcompile.editor.answers import Fix, Position, Span, span_in_line
from archcompile.editor.file_edits import Edits, FileEdits
from archcompile.editor.words import Path, Word
from archcompile.errors import Diagnostic, Location

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
    def is_own(self) -> bool:
        """Whether the mistake itself lies in the file."""
        return self.diagnostic.location.file == self.analysis.shown_file

    @cached_property
    def edits(self) -> FileEdits:
        return FileEdits(self.analysis.surroundings.chain[0])

    @cached_property
    def word(self) -> Word | None:
        """The word that begins where the mistake does."""
        return self.word_from(self.span.start)

    def word_from(self, start: Position) -> Word | None:
        words = self.analysis.reading.words_by_line.get(start.line, ())
        return next((word for word in words if word.span.start == start), None)

    @cached_property
    def path(self) -> Path | None:
        """The path of the word, or of the brackets, that begin where the mistake does."""
        return self.path_from(self.span.start)

    def path_from(self, start: Position) -> Path | None:
        if word := self.word_from(start):
            return word.path
        brackets = self.analysis.reading.brackets.items()
        return next((path for path, span in brackets if span.start == start), None)

    def notes_in_file(self, text: str) -> Iterator[Location]:
        """The places in the file that a note with this text names."""
        for note, at in self.diagnostic.notes:
            if note == text and at.file == self.analysis.shown_file:
                yield at

    def path_of(self, at: Location) -> Path | None:
        return self.path_from(Position(at.line, at.column))

    def replace_word(self, text: str, title: str = "") -> Iterator[Fix]:
        """The word of the mistake by another, in its own quotes where it has some."""
        if self.word:
            yield Fix(title or f"write `{text}`", self.edits.replace(self.word.span, text))

    def replace_within(self, word: Word, old: str, new: str) -> Edits:
        """A name within a word that is an expression, wherever it stands there."""
        from archcompile.editor.names import names_with_places

        start = word.span.start
        edits: Edits = ()
        for name, at in names_with_places(word.text):
            if name == old:
                column = start.column + at + word.is_quoted
                edits += self.edits.replace(span_in_line(start.line, column, len(old)), new)
        return edits
