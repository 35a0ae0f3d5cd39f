"""The core's answers as types of the protocol."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from lsprotocol import types

from archcompile.editor import Completion, Finding, Place, Symbol, TextEdit
from archcompile.errors import ArchError
from archcompile.language_server.coordinates import Coordinates
from archcompile.language_server.documents import Documents, address_of
from archcompile.language_server.plain_words import plain_words
from archcompile.spec.yaml import read_text

_SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "note": types.DiagnosticSeverity.Hint,
}


class Wording:
    """Answers as an editor takes them: `encoding` and the capabilities are what it has told."""

    def __init__(self, documents: Documents, encoding: str, capabilities: types.ClientCapabilities):
        self._documents = documents
        self._encoding = encoding
        self._capabilities = capabilities

    def coordinates(self, file: Path) -> Coordinates:
        """Those of the text that the editor has, or that lies on the disk."""
        document = self._documents.of_file(file)
        return _coordinates(document.text if document else _text(file), self._encoding)

    def location(self, place: Place) -> types.Location:
        return types.Location(
            uri=self.address(place.file), range=self.coordinates(place.file).range_of(place.span)
        )

    def address(self, file: Path) -> str:
        """The URI of a file, as the editor writes it where it is open."""
        document = self._documents.of_file(file)
        return document.address if document else address_of(file)

    def diagnostic(self, finding: Finding, file: Path) -> types.Diagnostic:
        """A finding with its hint; its notes lead to their places where the editor can show it."""
        lines = [finding.message, *([f"help: {finding.hint}"] if finding.hint else ())]
        related = None
        if self._has_related():
            related = [
                types.DiagnosticRelatedInformation(location=self.location(place), message=text)
                for text, place in finding.notes
            ]
        else:
            lines += [
                f"{text} ({place.file}:{place.span.start.line})" for text, place in finding.notes
            ]
        return types.Diagnostic(
            range=self.coordinates(file).range_of(finding.span),
            message="\n".join(lines),
            severity=_SEVERITIES[finding.severity],
            code=finding.code,
            source="archc",
            related_information=related or None,
        )

    def workspace_edit(self, edits: Iterable[TextEdit]) -> types.WorkspaceEdit:
        """Changes of files, each tied to the version of its text where the editor keeps these."""
        changes: dict[Path, list[types.TextEdit]] = {}
        for edit in edits:
            text_edit = types.TextEdit(
                range=self.coordinates(edit.place.file).range_of(edit.place.span),
                new_text=edit.text,
            )
            changes.setdefault(edit.place.file, []).append(text_edit)
        if not self._has_versions():
            by_address = {self.address(file): texts for file, texts in changes.items()}
            return types.WorkspaceEdit(changes=by_address)
        return types.WorkspaceEdit(
            document_changes=[self._document_edit(file, texts) for file, texts in changes.items()]
        )

    def _document_edit(self, file: Path, edits: list[types.TextEdit]) -> types.TextDocumentEdit:
        document = self._documents.of_file(file)
        identifier = types.OptionalVersionedTextDocumentIdentifier(
            uri=self.address(file), version=document.version if document else None
        )
        return types.TextDocumentEdit(text_document=identifier, edits=list(edits))

    def completion_item(
        self, completion: Completion, rank: int, coordinates: Coordinates
    ) -> types.CompletionItem:
        return types.CompletionItem(
            label=completion.label,
            kind=_COMPLETIONS.get(completion.kind, types.CompletionItemKind.Text),
            detail=completion.detail or None,
            documentation=self._documentation(completion.documentation),
            text_edit=types.TextEdit(
                range=coordinates.range_of(completion.span), new_text=completion.insert
            ),
            sort_text=f"{rank:05}",  # the core's order, which an editor would change to a to z
            insert_text_format=types.InsertTextFormat.PlainText,
        )

    def hover(self, markdown: str) -> types.MarkupContent:
        """Words over the text, without the signs of Markdown where the editor shows these."""
        texts = self._capabilities.text_document
        hover = texts.hover if texts else None
        return _markup(markdown, hover.content_format if hover else None)

    def _documentation(self, markdown: str) -> types.MarkupContent | None:
        texts = self._capabilities.text_document
        completion = texts.completion if texts else None
        item = completion.completion_item if completion else None
        formats = item.documentation_format if item else None
        return _markup(markdown, formats) if markdown else None

    def symbol(self, symbol: Symbol, coordinates: Coordinates) -> types.DocumentSymbol:
        return types.DocumentSymbol(
            name=symbol.name or "?",  # an editor refuses an empty name
            detail=symbol.detail or None,
            kind=_SYMBOLS.get(symbol.kind, types.SymbolKind.Key),
            range=coordinates.range_of(symbol.span),
            selection_range=coordinates.range_of(symbol.selection),
            children=[self.symbol(child, coordinates) for child in symbol.children],
        )

    def _has_related(self) -> bool:
        texts = self._capabilities.text_document
        published = texts.publish_diagnostics if texts else None
        return bool(published and published.related_information)

    def _has_versions(self) -> bool:
        workspace = self._capabilities.workspace
        edit = workspace.workspace_edit if workspace else None
        return bool(edit and edit.document_changes)


_COMPLETIONS: Mapping[str, types.CompletionItemKind] = {
    "key": types.CompletionItemKind.Property,
    "attribute": types.CompletionItemKind.Property,
    "op": types.CompletionItemKind.Class,
    "block": types.CompletionItemKind.Module,
    "rule": types.CompletionItemKind.Interface,
    "argument": types.CompletionItemKind.Field,
    "variable": types.CompletionItemKind.Variable,
    "fact": types.CompletionItemKind.Constant,
    "function": types.CompletionItemKind.Function,
    "point": types.CompletionItemKind.Reference,
    "file": types.CompletionItemKind.File,
    "recipe": types.CompletionItemKind.File,
    "code": types.CompletionItemKind.EnumMember,
    "choice": types.CompletionItemKind.EnumMember,
    "value": types.CompletionItemKind.Value,
    "type": types.CompletionItemKind.TypeParameter,
}
_SYMBOLS: Mapping[str, types.SymbolKind] = {
    "key": types.SymbolKind.Key,
    "variable": types.SymbolKind.Variable,
    "stage": types.SymbolKind.Namespace,
    "part": types.SymbolKind.Namespace,
    "row": types.SymbolKind.Array,
    "step": types.SymbolKind.Function,
    "op": types.SymbolKind.Function,
    "block": types.SymbolKind.Class,
    "rule": types.SymbolKind.Interface,
    "argument": types.SymbolKind.Field,
    "file": types.SymbolKind.File,
}


def _markup(markdown: str, formats: Sequence[types.MarkupKind] | None) -> types.MarkupContent:
    """Words in a format that an editor shows; Markdown unless it says otherwise."""
    if formats and types.MarkupKind.Markdown not in formats:
        return types.MarkupContent(kind=types.MarkupKind.PlainText, value=plain_words(markdown))
    return types.MarkupContent(kind=types.MarkupKind.Markdown, value=markdown)


@lru_cache(maxsize=8)
def _coordinates(text: str, encoding: str) -> Coordinates:
    return Coordinates(text, encoding)


def _text(file: Path) -> str:
    """The text on the disk; none where it cannot be read, as all places then are its begin."""
    try:
        return read_text(file)
    except ArchError:
        return ""
