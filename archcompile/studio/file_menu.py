"""The menu of files: other specs of the tree, copies of the text, and children of it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from nicegui import ui

from archcompile.authoring import new
from archcompile.errors import ArchError
from archcompile.studio.draft import Draft
from archcompile.studio.name_dialog import ask_name, tell

if TYPE_CHECKING:
    from archcompile.studio.studio_page import StudioPage


class FileMenu:
    """What its entries do. A page is loaded again for another file: its editor begins anew."""

    def __init__(self, page: "StudioPage"):
        self.page = page

    @property
    def draft(self) -> Draft:
        return self.page.studio.draft

    def ask_copy(self) -> None:
        folder = self.page.studio.tree.folder
        ask_name(
            "Save a copy", f"A new file in {folder}, which is edited from then on.", self._copy
        )

    def _copy(self, name: str) -> None:
        self.draft.save_copy(self.page.studio.tree.place_for(name))
        self.page.reload()

    def ask_child(self) -> None:
        tried = ", ".join(self.page.session.settings()) or "no changes yet"
        words = f"A file that extends {self.draft.file.name} and says only what differs: {tried}."
        ask_name("Save as a child", words, self._child)

    def _child(self, name: str) -> None:
        if not self.draft.is_saved:
            self.draft.save()
        place = self.page.studio.tree.place_for(name)
        new(place.stem, str(self.draft.file), self.page.session.settings(), file=place)
        self._open(place)

    def ask_what_to_open(self) -> None:
        tree = self.page.studio.tree

        def go(event: Any) -> None:
            if event.value is not None:
                dialog.close()
                self._open_asking(event.value)

        with ui.dialog(value=True) as dialog, ui.card().classes("ask"):
            ui.label("Open a spec of this tree, or a copy of one that ships").classes("title")
            ui.select(tree.list_specs(), with_input=True, on_change=go).props(
                "dense outlined options-dense autofocus"
            )

    def _open_asking(self, name: str) -> None:
        if self.draft.is_saved:
            self._open_named(name)
            return
        with ui.dialog(value=True) as dialog, ui.card():
            ui.label(f"{self.draft.file.name} is not saved.")
            with ui.row():
                ui.button("Leave it, unsaved", on_click=lambda: self._open_named(name)).props(
                    "flat no-caps"
                )
                ui.button("Cancel", on_click=dialog.close).props("flat no-caps")

    def _open_named(self, name: str) -> None:
        try:
            studio = self.page.studio
            path = studio.tree.find_spec(name)
            studio.draft = studio.draft_of(path)
            self.page.reload()
        except ArchError as error:
            tell(error)

    def _open(self, path: Path) -> None:
        self.page.studio.draft = Draft.open(path)
        self.page.reload()
