"""The page: an editor on the left, on the right what its text means. Nothing is computed here."""

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from nicegui import ui

from archcompile.editor import TextEdit
from archcompile.errors import ArchError, UsageError
from archcompile.studio.answering import Answer, TextAnswer
from archcompile.studio.browser import call
from archcompile.studio.draft import checksum
from archcompile.studio.editor_marks import Offsets, changes_in
from archcompile.studio.editor_pane import EditorPane
from archcompile.studio.findings_pane import FindingsPane
from archcompile.studio.name_change import NameChange
from archcompile.studio.name_dialog import tell
from archcompile.studio.network_pane import NetworkPane
from archcompile.studio.opening import Studio
from archcompile.studio.page_session import Session
from archcompile.studio.tab_panes import TabPanes
from archcompile.studio.title_bar import TitleBar
from archcompile.studio.tree_edits import edit_others
from archcompile.studio.web_routes import ASSETS

POLL = 0.5  # seconds between looks at the disk


def build_page(studio: Studio) -> None:
    """The page for a browser that opens it."""
    ui.add_head_html(f'<link rel="stylesheet" href="{ASSETS}/studio.css">')
    ui.query(".nicegui-content").classes("studio-content")
    StudioPage(studio)


class StudioPage:
    """The panes of a page. The newest page has the draft; an older one is closed."""

    def __init__(self, studio: Studio):
        self.studio, self.client = studio, ui.context.client
        self.is_closed = False
        older, studio.page = studio.page, self
        if older is not None:
            older.close()
        self.session = Session(
            studio, show_text=self.show_text, show=self.show, tell_bug=self.tell_bug
        )
        self.bar = TitleBar(self)
        with ui.element("div").classes(f"desk {'watching' if studio.is_watching else ''}"):
            self.editor = None if studio.is_watching else EditorPane(self)
            if self.editor is not None:
                ui.element("div").classes("divider").props('role="separator" tabindex="0"')
            with ui.element("section").classes("network").props('aria-label="The network"'):
                self.findings = self.editor.findings if self.editor else FindingsPane(self)
                self.network = NetworkPane(self)
                self.tabs = TabPanes(self)
        if self.editor is not None:
            NameChange(self)
            ui.on("archc-turn", self.turn)  # undo and redo: see marks.js
        self.call("divide")
        ui.timer(POLL, self.look_at_disk)
        self.session.ask()

    @property
    def has_editor(self) -> bool:
        return not self.studio.is_watching

    def call(self, function: str, *values: Any) -> Any:
        return call(self.client, function, *values)

    def type(self, text: str) -> None:
        """Takes what stands in the editor now."""
        if not self.is_closed:
            self.studio.draft.text = text
            self.bar.show_state()
            self.session.ask()

    def show_text(self, answer: TextAnswer) -> None:
        """What an answer says of the text itself."""
        if self.is_closed or self.client.is_deleted:
            return
        with self.client:
            if self.has_editor:
                self.call("showMarks", checksum(answer.question.text), dict(answer.marks))
            self.findings.show(answer)

    def show(self, answer: Answer) -> None:
        """Everything that an answer says."""
        if self.is_closed or self.client.is_deleted:
            return
        self.show_text(answer)
        with self.client:
            self.bar.show_state()
            self.network.show(answer)
            self.tabs.show(answer)

    async def make(self, edits: Sequence[TextEdit], text: str) -> None:
        """Make edits of a text: in the editor, and of other files on disk; undo takes both back.

        Raises UsageError, DataError, with no file changed.
        """
        studio, file = self.studio, self.studio.draft.file
        others = await studio.ask(
            partial(edit_others, edits=edits), studio.tree, studio.texts.typed, file
        )
        number = studio.changes.begin() if others else None
        changes = changes_in(edits, file, Offsets(text))
        if not await self.call("change", checksum(text), changes, number):
            raise UsageError("the text has changed meanwhile", hint="try again")
        if number is not None:
            studio.changes.write(number, others)
        with self.client:
            if others:
                ui.notify(f"also changed: {_names(draft.file for draft in others)}")
            self.session.ask()

    def turn(self, event: Any) -> None:
        """Take back what a change of the editor did to other files, or do it again."""
        if self.is_closed:
            return
        number, is_undone = event.args["number"], event.args["isUndone"]
        try:
            files = self.studio.changes.turn(number, self.studio.tree, is_undone=is_undone)
            words = "as before" if is_undone else "changed again"
            ui.notify(f"{words}: {_names(files)}")
        except ArchError as error:
            tell(error)
        self.session.ask()

    def tell_bug(self, error: Exception) -> None:
        """A mistake of ours: the next key is answered again."""
        if not self.client.is_deleted:
            with self.client:
                words = f"internal error: {type(error).__name__}: {error}"
                ui.notify(f"{words}. This is a bug in archc: please report it with the spec.")

    async def look_at_disk(self) -> None:
        """Follows the files: those that the text uses, and its own."""
        if self.is_closed:
            return
        await self.bar.look_at_disk()
        await self.session.look_at_uses()

    def close(self) -> None:
        """Another page has the draft now."""
        self.is_closed = True
        if self.client.is_deleted or not self.client.has_socket_connection:
            return
        with self.client, ui.dialog(value=True).props("persistent"), ui.card():
            ui.label("This draft is open in another tab.")
            ui.button("Use it here", on_click=self.reload).props("flat no-caps")

    def reload(self) -> None:
        """A new page, with the draft as it is now."""
        self.call("setUnsaved", False)
        self.client.run_javascript("setTimeout(() => location.reload(), 50)")


def _names(files: Iterable[Path]) -> str:
    return ", ".join(file.name for file in files)
