"""What is to be mended: findings with their lines, and remedies where there is an editor."""

from typing import TYPE_CHECKING

from nicegui import ui

from archcompile.errors import ArchError
from archcompile.studio.answering import ListedFinding, ListedFix, TextAnswer
from archcompile.studio.name_dialog import tell

if TYPE_CHECKING:
    from archcompile.studio.studio_page import StudioPage

SIGNS = {"error": "\N{BLACK CIRCLE}", "warning": "\N{BLACK UP-POINTING TRIANGLE}"}


class FindingsPane:
    """The list of findings. Remarks are only marked in the text."""

    def __init__(self, page: "StudioPage"):
        self.page = page
        self.shown: tuple[ListedFinding, ...] | None = None
        self.text = page.studio.draft.text  # that the findings are of
        self.list = ui.element("div").classes("findings").props('aria-label="Findings"')

    def show(self, answer: TextAnswer) -> None:
        """The findings of a text."""
        self.text = answer.question.text
        listed_now = tuple(f for f in answer.findings if f.finding.severity != "note")
        if listed_now == self.shown:
            return
        self.shown = listed_now
        self.list.clear()
        self.list.visible = bool(listed_now) or self.page.has_editor
        with self.list:
            if not listed_now:
                ui.label("nothing to mend").classes("calm")
            for listed in listed_now:
                self._row(listed)

    def _row(self, listed: ListedFinding) -> None:
        finding = listed.finding
        row = ui.element("div").classes(f"finding {finding.severity}")
        with row:
            ui.label(SIGNS[finding.severity]).classes("sign").props('aria-hidden="true"')
            self._place(finding.span.start.line)
            with ui.element("div").classes("words"):
                ui.label(finding.message)
                if finding.hint:
                    ui.label(finding.hint).classes("hint")
                for fix in listed.fixes if self.page.has_editor else ():
                    self._fix(fix)
            ui.label(finding.code).classes("code")

    def _place(self, line: int) -> None:
        if not self.page.has_editor:
            ui.label(f"{line}")
            return
        place = ui.element("button").classes("place").props('type="button"')
        place.on("click", lambda: self.page.call("goTo", line))
        with place:
            ui.label(f"{line}")

    def _fix(self, fix: ListedFix) -> None:
        async def make() -> None:
            try:
                await self.page.make(fix.edits, self.text)
            except ArchError as error:
                with self.page.client:  # this button may be gone
                    tell(error)

        button = ui.element("button").classes("fix").props('type="button"')
        button.on("click", make)
        with button:
            files = ", ".join(fix.others)
            ui.label(f"{fix.title} (in {files}, saved at once)" if files else fix.title)
