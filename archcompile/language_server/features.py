"""What an editor asks about a text, a function for each method of the protocol.

Each runs in the core's thread and gets the core's analysis of the text that was asked about.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lsprotocol import types

from archcompile.editor import (
    Analysis,
    Position,
    Span,
    Workspace,
    complete,
    describe,
    find_definition,
    find_problems,
    find_references,
    find_renamable,
    list_folds,
    list_hints,
    outline,
    rename,
    summarise,
)
from archcompile.language_server.coordinates import Coordinates
from archcompile.language_server.documents import Document
from archcompile.language_server.earlier_texts import EarlierTexts
from archcompile.language_server.wording import Wording


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a question is about, and the words for its answer."""

    workspace: Workspace
    analysis: Analysis
    document: Document
    wording: Wording
    earlier: EarlierTexts

    @cached_property
    def coordinates(self) -> Coordinates:
        return self.wording.coordinates(self.document.file)

    def place(self, position: types.Position) -> Position:
        return self.coordinates.for_archc(position)


def hover(request: Request, params: types.HoverParams) -> types.Hover | None:
    answer = describe(request.analysis, request.place(params.position))
    if answer is None:
        return None
    return types.Hover(
        contents=request.wording.hover(answer.markdown),
        range=request.coordinates.range_of(answer.span),
    )


def inlay_hints(request: Request, params: types.InlayHintParams) -> list[types.InlayHint]:
    first = request.place(params.range.start).line
    last = request.place(params.range.end).line
    return [
        types.InlayHint(
            position=request.coordinates.for_editor(hint.position),
            label=hint.text,
            tooltip=hint.tooltip,
            padding_left=True,
        )
        for hint in list_hints(request.analysis, first, last)
    ]


def completion(request: Request, params: types.CompletionParams) -> types.CompletionList:
    answers = complete(request.analysis, request.place(params.position))
    items = [
        request.wording.completion_item(answer, rank, request.coordinates)
        for rank, answer in enumerate(answers)
    ]
    return types.CompletionList(is_incomplete=False, items=items)


def definition(request: Request, params: types.DefinitionParams) -> list[types.Location]:
    places = find_definition(request.analysis, request.place(params.position))
    return [request.wording.location(place) for place in places]


def references(request: Request, params: types.ReferenceParams) -> list[types.Location]:
    position = request.place(params.position)
    places = find_references(request.workspace, request.analysis, position)
    if not params.context.include_declaration:
        definitions = find_definition(request.analysis, position)
        places = tuple(place for place in places if place not in definitions)
    return [request.wording.location(place) for place in places]


def prepare_rename(
    request: Request, params: types.PrepareRenameParams
) -> types.PrepareRenamePlaceholder | None:
    """The name that would be changed; None where there is none."""
    occurrence = find_renamable(request.analysis, request.place(params.position))
    if occurrence is None:
        return None
    return types.PrepareRenamePlaceholder(
        range=request.coordinates.range_of(occurrence.span), placeholder=occurrence.meaning.name
    )


def rename_everywhere(request: Request, params: types.RenameParams) -> types.WorkspaceEdit:
    position = request.place(params.position)
    edits = rename(request.workspace, request.analysis, position, new_name=params.new_name)
    return request.wording.workspace_edit(edits)


def code_actions(request: Request, params: types.CodeActionParams) -> list[types.CodeAction]:
    """The fixes of all findings on the lines that are asked about."""
    kinds = params.context.only
    if kinds is not None and not any(_covers_quick_fix(kind) for kind in kinds):
        return []
    first = request.place(params.range.start).line
    last = request.place(params.range.end).line
    actions = []
    for finding in find_problems(request.analysis):
        if finding.span.start.line > last or finding.span.end.line < first:
            continue
        diagnostic = request.wording.diagnostic(finding, request.document.file)
        for fix in finding.fixes:
            action = types.CodeAction(
                title=fix.title,
                kind=types.CodeActionKind.QuickFix,
                diagnostics=[diagnostic],
                edit=request.wording.workspace_edit(fix.edits),
                is_preferred=len(finding.fixes) == 1,
            )
            actions.append(action)
    return actions


def _covers_quick_fix(kind: str) -> bool:
    """Whether a kind of actions is that of fixes, or one that includes it."""
    quick_fix = types.CodeActionKind.QuickFix.value
    return kind in ("", quick_fix)


def symbols(request: Request, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
    return [
        request.wording.symbol(symbol, request.coordinates) for symbol in outline(request.analysis)
    ]


def folds(request: Request, params: types.FoldingRangeParams) -> list[types.FoldingRange]:
    lines = request.coordinates.line_for_editor
    return [
        types.FoldingRange(start_line=lines(fold.first_line), end_line=lines(fold.last_line))
        for fold in list_folds(request.analysis)
    ]


def lenses(request: Request, params: types.CodeLensParams) -> list[types.CodeLens]:
    before = request.earlier.analyse(request.document)
    return [
        types.CodeLens(
            range=request.coordinates.range_of(_begin_of(lens.line)),
            command=types.Command(title=lens.text, command=""),  # words to read, not to press
        )
        for lens in summarise(request.analysis, before)
    ]


def _begin_of(line: int) -> Span:
    return Span(Position(line, 1), Position(line, 1))


Feature = Callable[[Request, Any], Any]
FEATURES: dict[str, tuple[Feature, Any]] = {  # with the options that the editor is told
    types.TEXT_DOCUMENT_HOVER: (hover, None),
    types.TEXT_DOCUMENT_INLAY_HINT: (inlay_hints, None),
    types.TEXT_DOCUMENT_COMPLETION: (
        completion,
        types.CompletionOptions(trigger_characters=list(" :-[{,$(")),
    ),
    types.TEXT_DOCUMENT_DEFINITION: (definition, None),
    types.TEXT_DOCUMENT_REFERENCES: (references, None),
    types.TEXT_DOCUMENT_PREPARE_RENAME: (prepare_rename, None),
    types.TEXT_DOCUMENT_RENAME: (rename_everywhere, None),
    types.TEXT_DOCUMENT_CODE_ACTION: (
        code_actions,
        types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix]),
    ),
    types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: (symbols, None),
    types.TEXT_DOCUMENT_FOLDING_RANGE: (folds, None),
    types.TEXT_DOCUMENT_CODE_LENS: (lenses, None),
}
