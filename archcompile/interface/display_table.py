"""A table as text that fits the terminal, and as HTML for notebooks."""

import shutil
from dataclasses import dataclass
from html import escape
from io import StringIO

from archcompile.errors import visible

GAP = 2  # blanks between columns


@dataclass(frozen=True, kw_only=True)
class DisplayTable:
    """`title` stands above, `notes` below; the columns in `right` are aligned on the right."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()

    def text(self) -> str:
        """Lines as wide as the terminal at most: cells wrap."""
        body = [self._grid(shutil.get_terminal_size().columns)] if self.rows else []
        lines = [visible(self.title), *body, *map(visible, self.notes)]
        return "\n".join(filter(None, lines))

    def _grid(self, width: int) -> str:
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        grid = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="")
        for i, heading in enumerate(self.head):
            grid.add_column(heading, justify="right" if i in self.right else "left")
        for row in self.rows:
            grid.add_row(*(Text(visible(cell)) for cell in row))
        file = StringIO()
        Console(file=file, width=width, color_system=None, force_jupyter=False).print(grid)
        return "\n".join(line.rstrip() for line in file.getvalue().splitlines())

    def html(self) -> str:
        head = "".join(self._cell("th", i, cell) for i, cell in enumerate(self.head))
        lines = ["".join(self._cell("td", i, cell) for i, cell in enumerate(r)) for r in self.rows]
        body = "\n".join(f"<tr>{line}</tr>" for line in lines)
        grid = f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
        title = f"<div><strong>{escape(visible(self.title))}</strong></div>"
        notes = [f"<div>{escape(visible(note))}</div>" for note in self.notes]
        return "\n".join([title, *([grid] if self.rows else []), *notes])

    def _cell(self, tag: str, column: int, text: str) -> str:
        align = "right" if column in self.right else "left"
        return f'<{tag} style="text-align: {align}">{escape(visible(text))}</{tag}>'
