"""The bar above: the file and whether it is saved, and what can be done with the text."""

import asyncio
from typing import TYPE_CHECKING

from nicegui import ui

from archcompile.errors import ArchError
from archcompile.studio.draft import ChangedOnDisk, Draft, FileText
from archcompile.studio.exports import FORMATS, export_bytes, python_source
from archcompile.studio.file_menu import FileMenu
from archcompile.studio.name_dialog import tell

if TYPE_CHECKING:
    from archcompile.studio.studio_page import StudioPage

# of the word at the cursor, but for the outline: what `page_files/names.js` does, and its key
NAMES = (
    ("Outline", "Ctrl+Shift+O", "outline"),
    ("Definition", "F12", "definition"),
    ("All uses", "Shift+F12", "references"),
    ("New name", "F2", "rename"),
)
SCHEMES = {"auto": None, "light": False, "dark": True}


class TitleBar:
    """Saving, children, other files, exports; the scheme of colours."""

    def __init__(self, page: "StudioPage"):
        self.page = page
        self.refused: FileText | None = None  # what the disk had when it was not loaded
        self.scheme = ui.dark_mode(None)
        with ui.element("header"):
            ui.label("archc").classes("mark")
            self.name = ui.label().classes("file")
            self.state = ui.label().classes("state")
            ui.space()
            self._buttons()
        with ui.element("div").classes("banner") as self.banner:
            ui.label("The file was changed by another program.")
            if page.has_editor:
                ui.button("Load it", on_click=self._load).props("flat dense no-caps")
                ui.button("Keep this text", on_click=self._keep).props("flat dense no-caps")
        self.banner.visible = False
        with ui.element("div").classes("banner") as self.kept:
            ui.label("This tab has a text that was typed while the connection was lost.")
            ui.button("Bring it back", on_click=self._bring_back).props("flat dense no-caps")
            ui.button("Let it go", on_click=self._let_go).props("flat dense no-caps")
        self.kept.visible = False
        ui.on("archc-kept", lambda: self.kept.set_visibility(True))
        ui.on("archc-save", self.save)  # Ctrl+S: see studio.js
        self.show_state()

    @property
    def draft(self) -> Draft:
        return self.page.studio.draft

    def show_state(self) -> None:
        """The file's name, and whether the text is in it."""
        is_saved = self.draft.is_saved
        self.name.text = self.draft.file.name
        words = "" if is_saved else "not saved"
        if self.page.studio.is_watching:
            words = "followed on disk"
        if self.state.text != words:
            self.state.text = words
            self.page.call("setUnsaved", words == "not saved")

    def _buttons(self) -> None:
        if self.page.has_editor:
            ui.button("Save", on_click=self.save).props("flat dense no-caps").tooltip("Ctrl+S")
            with ui.button("File").props("flat dense no-caps"), ui.menu().props("auto-close"):
                files = FileMenu(self.page)
                ui.menu_item("Open…", files.ask_what_to_open)
                ui.menu_item("Save a copy…", files.ask_copy)
                ui.menu_item("Save as a child…", files.ask_child)
            with ui.button("Edit").props("flat dense no-caps"), ui.menu().props("auto-close"):
                for words, key, function in NAMES:
                    with ui.menu_item(on_click=lambda f=function: self.page.call(f)):
                        ui.label(words).classes("entry")
                        ui.label(key).classes("calm")
        with ui.button("Export").props("flat dense no-caps"), ui.menu().props("auto-close"):
            for suffix, words in FORMATS.items():
                ui.menu_item(words, lambda s=suffix: self._export(s))
            ui.separator()
            ui.menu_item("Copy as Python", self._copy_python)
        ui.toggle(
            list(SCHEMES),
            value="auto",
            on_change=lambda event: self.scheme.set_value(SCHEMES[event.value]),
        ).props('dense flat no-caps unelevated aria-label="Colours"')

    def _bring_back(self) -> None:
        self.page.call("bringBack")
        self.kept.visible = False

    def _let_go(self) -> None:
        self.kept.visible = False

    # ---- saving ----------------------------------------------------------------------------------

    def save(self) -> None:
        """Write the text to its file, unless somebody else has written that."""
        if self.page.is_closed or not self.page.has_editor:
            return
        try:
            self.draft.save()
        except ChangedOnDisk:
            self._ask_to_overwrite()
        except ArchError as error:
            tell(error)
        self._show_saved()

    def _show_saved(self) -> None:
        self.banner.visible = False
        self.show_state()
        self.page.session.ask()

    def _ask_to_overwrite(self) -> None:
        def overwrite() -> None:
            try:
                self.draft.save(over_changes=True)
            except ArchError as error:
                tell(error)
            dialog.close()
            self._show_saved()

        with ui.dialog(value=True) as dialog, ui.card():
            ui.label(f"{self.draft.file.name} was changed by another program.")
            with ui.row():
                ui.button("Save over it", on_click=overwrite).props("flat no-caps")
                ui.button("Cancel", on_click=dialog.close).props("flat no-caps")

    async def look_at_disk(self) -> None:
        """Takes a change on disk where nothing is lost by it, else asks."""
        draft = self.draft
        if draft.saved is None:
            return
        now = await asyncio.get_running_loop().run_in_executor(None, draft.disk_text)
        if now is None or now.text == draft.saved.text or draft is not self.draft:
            return
        if self.page.studio.is_watching:
            draft.saved, draft.text = now, now.text
            self.page.session.ask()
        elif draft.text == now.text:
            draft.saved = now
            self._show_saved()
        elif self.refused != now:
            self.banner.visible = True

    def _load(self) -> None:
        now = self.draft.disk_text()
        if now is not None:
            self.draft.saved = now
            self.page.call("replaceAll", now.text)
        self.banner.visible = False

    def _keep(self) -> None:
        self.refused = self.draft.disk_text()
        self.banner.visible = False

    # ---- taking away -----------------------------------------------------------------------------

    def _export(self, suffix: str) -> None:
        answer = self.page.session.newest
        if answer is None or answer.network is None:
            ui.notify("there is no network yet")
            return
        try:
            content = export_bytes(answer.network.graph, suffix)
        except ArchError as error:
            tell(error)
            return
        ui.download(content, f"{answer.network.graph.name}{suffix}")

    def _copy_python(self) -> None:
        answer = self.page.session.newest
        if answer is None or answer.network is None:
            ui.notify("there is no network yet")
            return
        ui.clipboard.write(python_source(answer.network.graph))
        ui.notify("copied: Python with Keras alone")
