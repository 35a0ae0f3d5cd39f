"""The editor, and below it what is to be mended. Its properties are never set once it is shown."""

from typing import TYPE_CHECKING

from nicegui import ui

from archcompile.errors import ArchError
from archcompile.studio.answering import ListedFinding, ListedFix, TextAnswer
from archcompile.studio.name_dialog import tell

if TYPE_CHECKING:
    from archcompile.studio.studio_page import StudioPage

SIGNS = {"error": "\N{BLACK CIRCLE}", "warning": "\N{BLACK UP-POINTING TRIANGLE}"}


class EditorPane:
    """CodeMirror, and the list of findings."""

    def __init__(self, page: "StudioPage"):
        self.page = page
        self.shown: tuple[ListedFinding, ...] | None = None
        self.text = page.studio.draft.text  # that the findings are of
        with ui.element("section").classes("writing").props('aria-label="The text"'):
            self.editor = ui.codemirror(
                page.studio.draft.text,
                language="YAML",
                theme="vscodeLight",
                indent="  ",
                line_wrapping=True,
                on_change=lambda event: page.type(event.value),
            ).classes("text")
            self.list = ui.element("div").classes("findings").props('aria-label="Findings"')
        page.call("connectEditor", self.editor.id, page.studio.draft.file.name)

    def show(self, answer: TextAnswer) -> None:
        """The findings of the text, each with its line and its fixes. Remarks are only marked."""
        self.text = answer.question.text
        listed_now = tuple(f for f in answer.findings if f.finding.severity != "note")
        if listed_now == self.shown:
            return
        self.shown = listed_now
        self.list.clear()
        with self.list:
            if not listed_now:
                ui.label("nothing to mend").classes("calm")
            for listed in listed_now:
                self._row(listed)

    def _row(self, listed: ListedFinding) -> None:
        finding = listed.finding
        line = finding.span.start.line
        row = ui.element("div").classes(f"finding {finding.severity}")
        with row:
            ui.label(SIGNS[finding.severity]).classes("sign").props('aria-hidden="true"')
            place = ui.element("button").classes("place").props('type="button"')
            place.on("click", lambda: self.page.call("goTo", line))
            with place:
                ui.label(f"{line}")
            with ui.element("div").classes("words"):
                ui.label(finding.message)
                if finding.hint:
                    ui.label(finding.hint).classes("hint")
                for fix in listed.fixes:
                    self._fix(fix)
            ui.label(finding.code).classes("code")

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
