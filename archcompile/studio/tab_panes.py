"""The tabs: the drawing, costs, the difference to another spec, and runs."""

from typing import TYPE_CHECKING, Any

from nicegui import ui

from archcompile.choices import Level
from archcompile.limits import MAX_BATCH
from archcompile.studio.answering import Answer, Tab
from archcompile.studio.difference_pane import DifferencePane
from archcompile.studio.network_pane import mark_stale
from archcompile.studio.runs_pane import RunsPane
from archcompile.studio.views import DrawingView

if TYPE_CHECKING:
    from archcompile.studio.studio_page import StudioPage

TABS: dict[Tab, str] = {
    "drawing": "Drawing",
    "costs": "Costs",
    "difference": "Difference",
    "runs": "Runs",
}
LEVELS: dict[str, Level | None] = {
    "automatic": None,
    "stages": "stage",
    "blocks": "block",
    "layers": "layer",
}


class TabPanes:
    """One of the tabs is open; only what it shows is worked out."""

    def __init__(self, page: "StudioPage"):
        self.page = page
        self.drawn: DrawingView | None = None
        self.buttons: dict[Tab, Any] = {}
        self.panes: dict[Tab, Any] = {}
        with ui.element("div").classes("tabs").props('role="tablist"'):
            for tab, words in TABS.items():
                self._tab_button(tab, words)
        for tab in TABS:
            self.panes[tab] = ui.element("div").classes(f"pane {tab}").props('role="tabpanel"')
        with self.panes["drawing"]:
            self._drawing()
        with self.panes["costs"]:
            self._costs()
        with self.panes["difference"]:
            self.difference = DifferencePane(page)
        with self.panes["runs"]:
            self.runs = RunsPane(page)
        self.open("drawing")

    def open(self, tab: Tab) -> None:
        for name, pane in self.panes.items():
            pane.visible = name == tab
            self.buttons[name].props(f'aria-selected="{str(name == tab).lower()}"')
        self.runs.open(tab == "runs")
        self.page.session.ask(tab=tab)

    def show(self, answer: Answer) -> None:
        """What the open tab shows of an answer; the others keep what they have."""
        for pane in self.panes.values():
            mark_stale(pane, answer.is_stale)
        if answer.drawing is not None and answer.drawing != self.drawn:
            self.drawn = answer.drawing
            self.page.call("showDrawing", answer.drawing.as_data())
        if answer.costs:
            self.table.set_content(answer.costs)
        self.difference.show(answer)

    def _tab_button(self, tab: Tab, words: str) -> None:
        button = ui.element("button").props('type="button" role="tab"')
        button.on("click", lambda: self.open(tab))
        with button:
            ui.label(words)
        self.buttons[tab] = button

    def _drawing(self) -> None:
        page = self.page
        with ui.element("div").classes("tools"):
            ui.toggle(
                list(LEVELS),
                value="automatic",
                on_change=lambda event: page.session.ask(level=LEVELS[event.value]),
            ).props("dense flat no-caps unelevated")
            ui.space()
            for words, label, function, values in (
                ("\N{MINUS SIGN}", "smaller", "zoom", [0.8]),
                ("+", "larger", "zoom", [1.25]),
                ("fit", "as large as fits", "fit", []),
            ):
                button = ui.element("button").props(f'type="button" aria-label="{label}"')
                button.on("click", lambda f=function, v=values: page.call(f, *v))
                with button:
                    ui.label(words)
        sheet = ui.element("div").classes("sheet").props('tabindex="0" aria-label="The drawing"')
        page.call("connectDrawing", sheet.html_id)

    def _costs(self) -> None:
        session = self.page.session
        names: dict[str, Level] = {"stages": "stage", "blocks": "block", "layers": "layer"}
        with ui.element("div").classes("tools"):
            ui.toggle(
                list(names),
                value="stages",
                on_change=lambda event: session.ask(cost_level=names[event.value]),
            ).props("dense flat no-caps unelevated")
            ui.space()
            ui.label("batch").classes("calm")
            ui.number(
                value=session.view.batch,
                min=1,
                max=MAX_BATCH,
                precision=0,
                on_change=lambda event: self._set_batch(event.value),
            ).props('dense outlined aria-label="batch"').classes("batch")
        self.table = ui.html().classes("table")

    def _set_batch(self, value: float | None) -> None:
        if value is not None and 1 <= value <= MAX_BATCH:
            self.page.session.ask(batch=int(value))
