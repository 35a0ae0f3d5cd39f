"""Tables in the width that a terminal has.

What does not fit is wrapped within its cell; where that is not enough, the columns that matter
least are dropped, and named below; where even that is not enough, each row is a paragraph.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest

from archcompile.errors import visible
from archcompile.terminal.paragraphs import cells, words, wrap
from archcompile.terminal.screen import paint

GAP = "  "
WHOLE = 30  # columns of a cell that is rather dropped than broken
Row = Sequence[str]


@dataclass(frozen=True, kw_only=True)
class _Columns:
    """Which columns of these rows are shown, and how they may be narrowed."""

    rows: Sequence[Row]
    figures: frozenset[int]  # aligned on the right, and never broken
    whole: frozenset[int]  # rather dropped than broken, unless they are long
    gap: str
    most: int | None = None  # the widest that a column may be

    def full_width(self) -> int:
        """Columns of the terminal that all of it would take."""
        count = len(self.rows[0])
        return sum(map(self._widest, range(count))) + len(self.gap) * (count - 1)

    def widths(self, kept: Sequence[int], width: int | None) -> list[int] | None:
        """The width of each column that is kept; None if there is no room for their words."""
        full = [self._widest(column) for column in kept]
        room = None if width is None else width - len(self.gap) * (len(kept) - 1)
        if room is None or sum(full) <= room:
            return full
        least = [self._narrowest(column) for column in kept]
        if sum(least) > room:
            return None
        cap = room  # the highest under which all of them fit
        while sum(_cap_widths(full, least, cap)) > room:
            cap -= 1
        return _cap_widths(full, least, cap)

    def _widest(self, column: int) -> int:
        """Its longest cell, or as wide as a column may be."""
        longest = max(cells(row[column]) for row in self.rows)
        return longest if self.most is None else min(longest, self.most)

    def _narrowest(self, column: int) -> int:
        """The longest word; of a column that is not broken, the longest cell."""
        heading, *body = [row[column] for row in self.rows]
        is_short = max(map(cells, body), default=0) <= WHOLE
        is_whole = column in self.figures or (column in self.whole and is_short)
        unbroken = [words(heading), *([body] if is_whole else map(words, body))]
        return max(map(cells, chain(*unbroken)), default=0)


def table(
    rows: Sequence[Row],
    right: frozenset[int] = frozenset(),
    *,
    width: int | None = None,
    least: Sequence[int] = (),
    has_heading: bool = True,
    colour: bool = False,
    gap: str = GAP,
) -> list[str]:
    """Lines of aligned columns, those in `right` to the right; without a width each row is one.

    `least` are the columns that may be dropped, the least important first. The first row is a
    heading, in bold with `colour`, unless there is none.
    """
    blocks, dropped = table_rows(
        rows, right, width=width, least=least, has_heading=has_heading, gap=gap
    )
    if has_heading and blocks:
        blocks[0] = [paint("heading", line, colour) for line in blocks[0]]
    lines = [line for block in blocks for line in block]
    if dropped:
        note = paint("dim", f"(no room for: {', '.join(dropped)})", colour)
        lines += wrap(note, width or 0)
    return lines


def table_rows(
    rows: Sequence[Row],
    right: frozenset[int] = frozenset(),
    *,
    width: int | None = None,
    least: Sequence[int] = (),
    has_heading: bool = True,
    gap: str = GAP,
    most: int | None = None,
) -> tuple[list[list[str]], list[str]]:
    """The lines of each row, and the headings of the columns that there is no room for.

    No column is wider than `most`.
    """
    shown = [list(map(visible, row)) for row in rows]
    if not shown:
        return [], []
    columns = _Columns(rows=shown, figures=right, whole=frozenset(least), gap=gap, most=most)
    if width is not None and columns.full_width() > width:
        columns = replace(columns, gap=GAP)
    kept, widths = _choose(columns, least, width)
    if widths is None:
        names = shown[0] if has_heading else [""] * len(shown[0])
        body = shown[1:] if has_heading else shown
        head: list[list[str]] = [[]] if has_heading else []
        return [*head, *(_paragraph(names, row, width or 0) for row in body)], []
    wrapped = [list(map(_wrap_cell, map(row.__getitem__, kept), widths)) for row in shown]
    blocks = _align(wrapped, [column in right for column in kept], columns.gap)
    dropped = [name for column, name in enumerate(shown[0]) if column not in kept and name]
    return blocks, dropped


def _choose(
    columns: _Columns, least: Sequence[int], width: int | None
) -> tuple[list[int], list[int] | None]:
    """The columns that are kept and their widths, which are None if nothing fits."""
    kept = list(range(len(columns.rows[0])))
    dropped: list[int] = []
    while (widths := columns.widths(kept, width)) is None and len(dropped) < len(least):
        dropped.append(least[len(dropped)])
        kept.remove(dropped[-1])
    for column in reversed(dropped):  # a wide one may have made room for narrower ones
        again = sorted([*kept, column])
        if widths is not None and (wider := columns.widths(again, width)):
            kept, widths = again, wider
    return kept, widths


def _cap_widths(full: Sequence[int], least: Sequence[int], cap: int) -> list[int]:
    return [min(most, max(few, cap)) for most, few in zip(full, least, strict=True)]


def _align(
    rows: Sequence[Sequence[Sequence[str]]], is_right: Sequence[bool], gap: str
) -> list[list[str]]:
    """The lines of each row of wrapped cells, every column as wide as its widest line."""
    columns = zip(*rows, strict=True)
    widths = [max(map(cells, chain(*column))) for column in columns]

    def line(parts: Sequence[str]) -> str:
        return gap.join(map(_pad, parts, widths, is_right)).rstrip()

    return [list(map(line, zip_longest(*row, fillvalue=""))) for row in rows]


def _pad(text: str, width: int, to_right: bool) -> str:
    space = " " * (width - cells(text))
    return space + text if to_right else text + space


def _wrap_cell(cell: str, width: int) -> list[str]:
    """The lines of a cell, as far to the right as its first."""
    start = len(cell) - len(cell.lstrip(" "))
    return wrap(cell, width, " " * start)


def _paragraph(names: Row, row: Row, width: int) -> list[str]:
    """A row as a paragraph that begins with its first cell; its others name their columns."""
    named = zip(names[1:], row[1:], strict=True)
    labelled = ((f"{name}: " if name else "", cell.strip()) for name, cell in named)
    others = GAP.join(f"{label}{cell}" for label, cell in labelled if cell)
    return [*wrap(row[0], width), *(wrap(f"  {others}", width, "  ") if others else ())]
