"""A table as text that fits the terminal, and as HTML for notebooks."""

import shutil
from dataclasses import dataclass
from html import escape
from io import StringIO

from archcompile.error_text import display_width
from archcompile.errors import visible

GAP = 2  # blanks between columns
WORD = 24  # characters of a word that a column is made wide enough for; longer ones are broken


@dataclass(frozen=True, kw_only=True)
class DisplayTable:
    """`title` stands above, `notes` below; the columns in `right` are aligned on the right.

    Where the terminal is too narrow, the columns headed by `least` are left out, in this order.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()
    least: tuple[str, ...] = ()

    def text(self) -> str:
        """Lines as wide as the terminal at most: cells wrap, and columns may be left out."""
        width = shutil.get_terminal_size().columns
        shown = self._fitting(width)
        omitted = [heading for i, heading in enumerate(self.head) if i not in shown]
        omission = f"not shown, for want of width: {', '.join(omitted)}" if omitted else ""
        body = self._grid(shown, width) if self.rows else ""
        lines = [visible(self.title), body, *map(visible, self.notes), omission]
        return "\n".join(filter(None, lines))

    def _fitting(self, width: int) -> list[int]:
        """The columns that fit, by their numbers."""
        shown = list(range(len(self.head)))
        for heading in self.least:
            if sum(self._least_width(i) + GAP for i in shown) - GAP <= width:
                break
            shown.remove(self.head.index(heading))
        return shown

    def _least_width(self, column: int) -> int:
        """What a column needs: figures are never broken, sentences are between words."""
        cells = [self.head[column], *(row[column] for row in self.rows)]
        if column in self.right:
            return max(map(display_width, cells))
        words = (word for cell in cells for word in cell.split())
        return max((min(display_width(word), WORD) for word in words), default=0)

    def _grid(self, shown: list[int], width: int) -> str:
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        grid = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="")
        for i in shown:
            is_figure = i in self.right
            grid.add_column(
                self.head[i],
                justify="right" if is_figure else "left",
                no_wrap=is_figure,
                overflow="fold",
                min_width=self._least_width(i),
            )
        for row in self.rows:
            grid.add_row(*(Text(visible(row[i])) for i in shown))
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
