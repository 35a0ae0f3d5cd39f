"""What differs from the saved file, or from any other spec."""

from typing import TYPE_CHECKING, Any

from nicegui import ui

from archcompile.errors import ArchError, UsageError
from archcompile.studio.answering import Answer
from archcompile.studio.browser import call

if TYPE_CHECKING:
    from archcompile.studio.studio_page import StudioPage

SAVED = "the saved file"
AS_SAVED = "The text makes the same network as the saved file."


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
        difference = answer.difference
        self.table.visible = difference is not None
        self.drawing.visible = difference is not None and not difference.is_same
        if difference is None:
            return
        is_as_saved = difference.is_same and answer.question.compared is None
        shown = AS_SAVED if is_as_saved else difference.table().html()
        if shown == self.shown:
            return
        self.shown = shown
        self.table.set_content(shown)
        svg = "" if difference.is_same else difference.svg()
        call(self.page.client, "showPicture", self.drawing.html_id, svg)
