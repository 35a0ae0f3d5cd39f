"""The folder of runs: a list, curves of those that are chosen, and their reports in a sandbox."""

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nicegui import ui

from archcompile.run_files import REPORT
from archcompile.studio.door import FRAMED
from archcompile.studio.run_shelf import MOST, RunRow, curves, list_rows

if TYPE_CHECKING:
    from archcompile.studio.studio_page import StudioPage

LOOK = 2.0  # seconds between looks at the runs
COLUMNS = ("run", "network", "state", "epochs", "accuracy", "begun")


class RunsPane:
    """Follows what is trained now. Nothing is started from here."""

    def __init__(self, page: "StudioPage"):
        self.page, self.is_open = page, False
        self.rows: tuple[RunRow, ...] | None = None
        self.chosen: list[str] = []
        self.filter = ""
        self.drawn = ""
        with ui.element("div").classes("tools"):
            ui.input(
                placeholder="filter", on_change=lambda event: self._filter(event.value or "")
            ).props('dense outlined clearable aria-label="Filter runs"')
            self.words = ui.label().classes("calm")
        self.list = ui.element("div").classes("runs-list")
        self.curves = ui.element("div").classes("curves")
        self.report = ui.element("div").classes("report")
        ui.timer(LOOK, self.look)

    def open(self, is_open: bool) -> None:
        """Whether the tab is shown; if so, it is filled at once."""
        self.is_open = is_open
        if is_open:
            asyncio.get_running_loop().create_task(self.look())

    async def look(self) -> None:
        """Read the runs again, while they are shown."""
        if not self.is_open or self.page.is_closed:
            return
        folder = self.page.studio.tree.runs
        loop = asyncio.get_running_loop()
        rows = await loop.run_in_executor(None, list_rows, folder)
        if rows != self.rows:
            self.rows = rows
            self._list()
        chosen = [row.name for row in rows if row.name in self.chosen]
        drawn = await loop.run_in_executor(None, curves, folder, tuple(chosen))
        if drawn != self.drawn:
            self.drawn = drawn
            self.page.call("showPicture", self.curves.html_id, drawn)

    def _filter(self, words: str) -> None:
        self.filter = words
        self._list()

    def _list(self) -> None:
        rows = [row for row in self.rows or () if self.filter.lower() in row.words.lower()]
        self.list.clear()
        if not self.rows:
            self.words.text = f"no runs in {self.page.studio.tree.runs}: `archc train` makes some"
            return
        self.words.text = f"{len(rows)} of {len(self.rows)} runs"
        with self.list, ui.element("table"):
            with ui.element("tr"):
                for heading in ("", *COLUMNS, ""):
                    with ui.element("th"):
                        ui.label(heading)
            for row in rows:
                self._row(row)

    def _row(self, row: RunRow) -> None:
        with ui.element("tr").classes(row.state.replace(" ", "-")):
            with ui.element("td"):
                ui.checkbox(
                    value=row.name in self.chosen,
                    on_change=lambda event: self._choose(row.name, event.value),
                ).props('dense aria-label="curve of this run"')
            for words in row.cells:
                with ui.element("td"):
                    ui.label(words)
            with ui.element("td"):
                if row.has_report:
                    button = ui.button("report", on_click=lambda: self._open_report(row.name))
                    button.props("flat dense no-caps")

    def _choose(self, name: str, is_chosen: Any) -> None:
        if is_chosen and name not in self.chosen:
            self.chosen = [*self.chosen, name][-MOST:]
        elif not is_chosen:
            self.chosen = [run for run in self.chosen if run != name]
        asyncio.get_running_loop().create_task(self.look())

    def _open_report(self, name: str) -> None:
        """The page of a run is a file of others: no script of it runs, and nothing is fetched."""
        self.report.clear()
        with self.report:
            with ui.element("div").classes("tools"):
                ui.label(name)
                ui.space()
                ui.button("close", on_click=self.report.clear).props("flat dense no-caps")
            frame = ui.element("iframe").props('sandbox="" referrerpolicy="no-referrer"')
            frame._props["src"] = f"{FRAMED}{quote(name)}/{REPORT}"
            frame._props["title"] = f"report of {name}"
