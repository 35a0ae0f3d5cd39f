"""The editor, and below it what is to be mended. Its properties are never set once it is shown."""

from typing import TYPE_CHECKING, Any

from nicegui import ui

from archcompile.studio.answering import Answer, ListedFinding
from archcompile.studio.draft import checksum

if TYPE_CHECKING:
    from archcompile.studio.studio_page import StudioPage

SIGNS = {"error": "\N{BLACK CIRCLE}", "warning": "\N{BLACK UP-POINTING TRIANGLE}"}


class EditorPane:
    """CodeMirror, and the list of findings."""

    def __init__(self, page: "StudioPage"):
        self.page = page
        self.shown: tuple[ListedFinding, ...] | None = None
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

    def show(self, answer: Answer) -> None:
        """The findings of the text, each with its line and its fixes. Remarks are only marked."""
        listed_now = tuple(f for f in answer.findings if f.finding.severity != "note")
        if listed_now == self.shown:
            return
        self.shown = listed_now
        self.list.clear()
        with self.list:
            if not listed_now:
                ui.label("nothing to mend").classes("calm")
            for listed in listed_now:
                self._row(listed, checksum(answer.question.text))

    def _row(self, listed: ListedFinding, text_sum: int) -> None:
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
                for title, changes in listed.fixes:
                    self._fix(title, changes, text_sum)
            ui.label(finding.code).classes("code")

    def _fix(self, title: str, changes: list[dict[str, Any]], text_sum: int) -> None:
        button = ui.element("button").classes("fix").props('type="button"')
        button.on("click", lambda: self.page.call("change", text_sum, changes))
        with button:
            ui.label(title)
