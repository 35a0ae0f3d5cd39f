"""What differs from the saved file, or from any other spec."""

from typing import TYPE_CHECKING, Any

from nicegui import ui

from archcompile.errors import ArchError, UsageError
from archcompile.studio.answering import Answer
from archcompile.studio.browser import call

if TYPE_CHECKING:
    from archcompile.studio.studio_page import StudioPage

SAVED = "the saved file"


class DifferencePane:
    """A table of what changed, and its drawing."""

    def __init__(self, page: "StudioPage"):
        self.page = page
        self.shown: Any = None
        self.typed = ""
        choices = [SAVED, *page.studio.tree.list_specs()]
        with ui.element("div").classes("tools"):
            ui.label("compared with")
            self.choice = ui.select(choices, value=SAVED, with_input=True, on_change=self._choose)
            self.choice.props("dense outlined options-dense").classes("other")
            self.choice.on("input-value", self._note_typed)
            self.choice.on("keydown.enter", self._take_typed)
        self.words = ui.label().classes("trouble")
        self.table = ui.html().classes("table")
        self.drawing = (
            ui.element("div")
            .classes("sheet changes")
            .props('tabindex="0" aria-label="The difference, drawn"')
        )

    def _note_typed(self, event: Any) -> None:
        self.typed = event.args

    def _take_typed(self) -> None:
        """A name that was typed to its end is chosen."""
        if self.typed in self.choice.options:
            self.choice.set_value(self.typed)

    def _choose(self, event: Any) -> None:
        compared = None
        try:
            if event.value not in (SAVED, None):
                compared = self.page.studio.tree.find_spec(event.value)
        except (UsageError, ArchError) as error:
            ui.notify(error.message)
            return
        self.page.session.ask(compared=compared)

    def show(self, answer: Answer) -> None:
        """The difference of an answer, or why there is none."""
        if answer.question.tab != "difference":
            return
        self.words.text = answer.no_difference
        self.words.visible = bool(answer.no_difference)
        self.table.visible = self.drawing.visible = answer.difference is not None
        if answer.difference is None:
            return
        shown = answer.difference.table().html()
        if shown == self.shown:
            return
        self.shown = shown
        self.table.set_content(shown)
        self.drawing.visible = not answer.difference.is_same
        svg = "" if answer.difference.is_same else answer.difference.svg()
        call(self.page.client, "showPicture", self.drawing.html_id, svg)
