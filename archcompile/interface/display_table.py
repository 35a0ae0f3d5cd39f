"""A table as text that fits the terminal, and as HTML for notebooks."""

import shutil
import textwrap
from collections.abc import Sequence
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
        notes = (visible(note) for note in (*self.notes, omission))
        lines = [_wrap(visible(self.title), width), body]
        return "\n".join(filter(None, (*lines, *(_wrap(note, width) for note in notes))))

    def _fitting(self, width: int) -> list[int]:
        """The columns that fit, by their numbers."""
        shown = list(range(len(self.head)))
        for heading in self.least:
            if self._needed_width(shown) <= width:
                break
            shown.remove(self.head.index(heading))
        return shown

    def _needed_width(self, shown: list[int]) -> int:
        return sum(self._least_width(i) + GAP for i in shown) - GAP

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
        fits = self._needed_width(shown) <= width
        for i in shown:
            is_figure = i in self.right
            grid.add_column(
                Text(self.head[i]),
                justify="right" if is_figure else "left",
                no_wrap=is_figure,
                overflow="fold",
                min_width=self._least_width(i) if fits or is_figure else None,
            )
        for row in self.rows:
            grid.add_row(*(Text(visible(row[i])) for i in shown))
        file = StringIO()
        Console(file=file, width=width, color_system=None, force_jupyter=False).print(grid)
        return "\n".join(line.rstrip() for line in file.getvalue().splitlines())

    def html(self) -> str:
        head = f"<thead>{self._row('th', self.head)}</thead>"
        body = "\n".join(self._row("td", row) for row in self.rows)
        grid = f"<table>\n{head}\n<tbody>\n{body}\n</tbody>\n</table>"
        title = f"<div><strong>{escape(visible(self.title))}</strong></div>"
        notes = [f"<div>{escape(visible(note))}</div>" for note in self.notes]
        return "\n".join([title, *([grid] if self.rows else []), *notes])

    def _row(self, tag: str, cells: Sequence[str]) -> str:
        return f"<tr>{''.join(self._cell(tag, i, cell) for i, cell in enumerate(cells))}</tr>"

    def _cell(self, tag: str, column: int, text: str) -> str:
        align = "right" if column in self.right else "left"
        return f'<{tag} style="text-align: {align}">{escape(visible(text))}</{tag}>'


def _wrap(text: str, width: int) -> str:
    """A line that is too long, as several; words are kept whole."""
    if len(text) <= width:
        return text
    return textwrap.fill(text, width, subsequent_indent="  ", break_long_words=False)
