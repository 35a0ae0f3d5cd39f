"""A table as text that fits the terminal, and as HTML for notebooks."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from archcompile.errors import visible
from archcompile.terminal import table, wrap


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
        least = [self.head.index(heading) for heading in self.least]
        rows = [self.head, *self.rows] if self.rows else []
        lines = wrap(visible(self.title), width)
        lines += table(rows, self.right, width=width, least=least)
        for note in self.notes:
            lines += wrap(visible(note), width)
        return "\n".join(line.rstrip() for line in lines)

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
