"""A new name for what the cursor is on, in the text and in the other files that have it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nicegui import ui

from archcompile.editor import Position, TextEdit, find_references, find_renamable, rename
from archcompile.studio.editor_marks import Offsets
from archcompile.studio.name_dialog import ask_name
from archcompile.studio.opening import Studio
from archcompile.studio.page_session import analyse_again
from archcompile.studio.web_routes import awaited_text, read_question

if TYPE_CHECKING:
    from archcompile.studio.studio_page import StudioPage


@dataclass(frozen=True, slots=True, kw_only=True)
class NameToChange:
    """A name with its place in a text, and the other files that have it."""

    name: str
    text: str
    position: Position
    others: tuple[Path, ...]


def find_name(studio: Studio, text: str, offset: int) -> NameToChange | None:
    analysis, position = analyse_again(studio, text), Offsets(text).position(offset)
    occurrence = find_renamable(analysis, position)
    if occurrence is None:
        return None
    places = find_references(studio.texts.typed, analysis, position)
    others = dict.fromkeys(place.file for place in places if place.file != analysis.file)
    return NameToChange(
        name=occurrence.meaning.name, text=text, position=position, others=tuple(others)
    )


def edits_for(studio: Studio, name: NameToChange, new_name: str) -> tuple[TextEdit, ...]:
    """Raises UsageError where the name cannot be that."""
    analysis = analyse_again(studio, name.text)
    return rename(studio.texts.typed, analysis, name.position, new_name=new_name)


class NameChange:
    """Asks for the new name; the browser says which text it is about, and where."""

    def __init__(self, page: "StudioPage"):
        self.page = page
        ui.on("archc-rename", self.ask)  # F2: see names.js

    async def ask(self, event: Any) -> None:
        """A dialog, where the cursor is on a name that can be changed."""
        studio = self.page.studio
        question = read_question(json.dumps(event.args).encode())
        text = await awaited_text(studio, question["checksum"]) if question else None
        if question is None or text is None or self.page.is_closed:
            return
        name = await studio.ask(find_name, studio, text, question["offset"])
        with self.page.client:
            if name is None:
                ui.notify("nothing here has a name that can be changed")
                return
            files = ", ".join(path.name for path in name.others)
            words = f"Also in {files}: saved at once." if files else "It stands in this file alone."

            async def change(new_name: str) -> None:
                edits = await studio.ask(edits_for, studio, name, new_name)
                await self.page.make(edits, name.text)

            ask_name(f"A new name for {name.name}", words, change, value=name.name)
