"""What may be written at a place."""

import re
from collections.abc import Iterator

from archcompile.editor.analysis import Analysis
from archcompile.editor.answers import Completion, Position, Span
from archcompile.editor.cursor import Cursor, cursor_at
from archcompile.editor.key_words import form_at, keys_of_form, words_of_form
from archcompile.editor.offers import Offer, keys_offered, names_offered, values_offered
from archcompile.editor.usefulness import by_use
from archcompile.spec.expressions import EXPRESSION_WORDS, is_function
from archcompile.spec.yaml import flow

_NAME_BEFORE = re.compile(r"[A-Za-z_]\w*$")
_EXPRESSION_BEFORE = re.compile(r"\$(?:\([^'\"]*|\w*)$")
# kinds of slots whose value is a map, or a list, that may begin on a line of its own
_MAPS = ("file", "stage", "attributes", "edge", "kind defaults", "defaults", "claims", "definition",
    "rule arguments", "choice", "shapes", "step", "changed step")  # fmt: skip


def complete(analysis: Analysis, position: Position) -> tuple[Completion, ...]:
    """The words that may stand at a position."""
    asked_at = position
    if not 1 <= position.line <= len(analysis.reading.lines):
        return ()
    line = analysis.reading.lines[position.line - 1]
    before = line[: position.column - 1]
    if _EXPRESSION_BEFORE.search(before):
        position = Position(position.line, len(before.rstrip()) + 1)
    cursor = cursor_at(analysis.reading, position)
    if cursor and _EXPRESSION_BEFORE.search(before):
        return tuple(_in_expression(analysis, cursor, before, position=asked_at))
    if cursor is None:
        return ()
    offers = _foreign_offers(analysis, cursor)
    if analysis.kind not in ("recipe", "experiment"):
        offers = _offers(analysis, cursor)
    unique = {offer.word: offer for offer in offers}
    return tuple(_completion(offer, cursor, is_key) for offer, is_key in _with_form(unique, cursor))


def _with_form(offers: dict[str, Offer], cursor: Cursor) -> Iterator[tuple[Offer, bool]]:
    for offer in offers.values():
        yield offer, offer.value is not None or cursor.is_key


def _offers(analysis: Analysis, cursor: Cursor) -> Iterator[Offer]:
    slot = analysis.surroundings.slot(cursor.path)
    if cursor.is_key and slot.kind == "step" and _has_another_key(analysis, cursor):
        return  # a step has one key
    if cursor.is_key:
        yield from by_use(keys_offered(analysis, slot, cursor.path), slot)
        return
    yield from by_use(values_offered(analysis, slot, cursor.path), slot)
    if cursor.is_alone and slot.kind in _MAPS and slot.kind != "step":
        yield from by_use(keys_offered(analysis, slot, cursor.path), slot)


def _has_another_key(analysis: Analysis, cursor: Cursor) -> bool:
    """Whether the map at the cursor has a key besides the one that it is in."""
    keys = (
        analysis.reading.keys.get((*cursor.path, name))
        for name in analysis.reading.children.get(cursor.path, ())
    )
    return any(key is not None and key.span.start != cursor.span.start for key in keys)


def _foreign_offers(analysis: Analysis, cursor: Cursor) -> Iterator[Offer]:
    """Keys and choices of a recipe or an experiment."""
    form = form_at(analysis.kind, cursor.path)
    if cursor.is_key or cursor.is_alone:
        present = analysis.reading.children.get(cursor.path, ())
        for key, words in keys_of_form(form).items():
            if key not in present:
                default = f"{flow(words.default)} unless given" if words.has_default else ""
                yield Offer(word=key, kind="key", detail=default, about=words.about, value="")
    if not cursor.is_key:
        for option in words_of_form(form).options:
            yield Offer(word=flow(option), kind="value")


def _completion(offer: Offer, cursor: Cursor, is_key: bool) -> Completion:
    insert = offer.word
    if is_key:
        insert += f": {offer.value}".rstrip() + ("" if offer.value else " ")
    if cursor.needs_dash:
        insert = f"- {insert}"
    if cursor.needs_space:
        insert = f" {insert}"
    return Completion(
        label=offer.word,
        kind=offer.kind,
        detail=offer.detail,
        documentation=offer.about,
        insert=insert,
        span=cursor.span,
    )


def _in_expression(
    analysis: Analysis, cursor: Cursor, before: str, *, position: Position
) -> Iterator[Completion]:
    """The names that an expression may hold."""
    name = _NAME_BEFORE.search(before)
    start = Position(position.line, (name.start() if name else len(before)) + 1)
    line = analysis.reading.lines[position.line - 1]
    behind = re.compile(r"\w*").match(line, position.column - 1)
    end = Position(position.line, (behind.end() if behind else position.column - 1) + 1)
    slot = analysis.surroundings.slot(cursor.path)
    offers = list(names_offered(analysis, slot, cursor.path))
    if "$(" in before:
        offers += _words_of_expressions()
    for offer in offers:
        yield Completion(
            label=offer.word,
            kind=offer.kind,
            detail=offer.detail,
            documentation=offer.about,
            insert=f"{offer.word}(" if offer.kind == "function" else offer.word,
            span=Span(start, end),
        )


def _words_of_expressions() -> Iterator[Offer]:
    for word in EXPRESSION_WORDS:
        yield Offer(word=word, kind="function" if is_function(word) else "keyword")
