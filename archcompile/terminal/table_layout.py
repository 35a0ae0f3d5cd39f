"""Tables in the width that a terminal has.

What does not fit is wrapped within its cell; where that is not enough, the columns that matter
least are dropped, and named below; where even that is not enough, each row is a paragraph.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from archcompile.errors import visible
from archcompile.terminal.paragraphs import cells, words, wrap
from archcompile.terminal.screen import paint

GAP = "  "
Row = Sequence[str]


@dataclass(frozen=True, kw_only=True)
class _Columns:
    """Which columns of these rows are shown, and how they may be narrowed."""

    rows: Sequence[Row]
    figures: frozenset[int]  # aligned on the right, and never broken
    whole: frozenset[int]  # rather dropped than broken
    gap: str

    def full_width(self) -> int:
        """Columns of the terminal that all of it would take."""
        widths = (max(map(cells, column)) for column in zip(*self.rows, strict=True))
        return sum(widths) + len(self.gap) * (len(self.rows[0]) - 1)

    def widths(self, kept: Sequence[int], width: int | None) -> list[int] | None:
        """The width of each column that is kept; None if there is no room for their words."""
        full = [max(cells(row[column]) for row in self.rows) for column in kept]
        room = None if width is None else width - len(self.gap) * (len(kept) - 1)
        if room is None or sum(full) <= room:
            return full
        least = [self._narrowest(column) for column in kept]
        if sum(least) > room:
            return None
        # the highest cap under which all of them fit
        cap = max(cap for cap in range(room + 1) if sum(_capped(full, least, cap)) <= room)
        return _capped(full, least, cap)

    def _narrowest(self, column: int) -> int:
        """The longest word; of a column that is not broken, the longest cell."""
        heading, *body = [row[column] for row in self.rows]
        is_whole = column in self.figures or column in self.whole
        unbroken = [words(heading), *([body] if is_whole else map(words, body))]
        return max((cells(word) for cell in unbroken for word in cell), default=0)


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
) -> tuple[list[list[str]], list[str]]:
    """The lines of each row, and the headings of the columns that there is no room for."""
    shown = [[visible(cell) for cell in row] for row in rows]
    if not shown:
        return [], []
    columns = _Columns(rows=shown, figures=right, whole=frozenset(least), gap=gap)
    if width is not None and columns.full_width() > width:
        columns = replace(columns, gap=GAP)
    kept, widths = _choose(columns, range(len(shown[0])), least, width)
    if widths is None:
        names = shown[0] if has_heading else [""] * len(shown[0])
        body = shown[1:] if has_heading else shown
        head: list[list[str]] = [[]] if has_heading else []
        return [*head, *(_paragraph(names, row, width or 0) for row in body)], []
    is_right = [column in right for column in kept]
    blocks = [
        list(_row_lines([row[column] for column in kept], widths, is_right, gap=columns.gap))
        for row in shown
    ]
    dropped = [name for column, name in enumerate(shown[0]) if column not in kept and name]
    return blocks, dropped


def _choose(
    columns: _Columns, numbers: Sequence[int], least: Sequence[int], width: int | None
) -> tuple[list[int], list[int] | None]:
    """The columns that are kept and their widths, which are None if nothing fits."""
    kept = list(numbers)
    dropped: list[int] = []
    while (widths := columns.widths(kept, width)) is None and len(dropped) < len(least):
        dropped.append(least[len(dropped)])
        kept.remove(dropped[-1])
    for column in reversed(dropped):  # a wide one may have made room for narrower ones
        again = sorted([*kept, column])
        if widths is not None and (wider := columns.widths(again, width)):
            kept, widths = again, wider
    return kept, widths


def _capped(full: Sequence[int], least: Sequence[int], cap: int) -> list[int]:
    return [min(most, max(few, cap)) for most, few in zip(full, least, strict=True)]


def _row_lines(
    row: Row, widths: Sequence[int], is_right: Sequence[bool], *, gap: str
) -> Iterator[str]:
    """A row as lines; one where no cell has to be wrapped."""
    wrapped = [_cell_lines(cell, width) for cell, width in zip(row, widths, strict=True)]
    for parts in zip_longest(*wrapped, fillvalue=""):
        padded = []
        for part, width, to_right in zip(parts, widths, is_right, strict=True):
            space = " " * (width - cells(part))
            padded.append(space + part if to_right else part + space)
        yield gap.join(padded).rstrip()


def _cell_lines(cell: str, width: int) -> list[str]:
    start = len(cell) - len(cell.lstrip(" "))
    return wrap(cell, width, " " * start)


def _paragraph(names: Row, row: Row, width: int) -> list[str]:
    """A row as a paragraph that begins with its first cell; its others name their columns."""
    named = zip(names[1:], row[1:], strict=True)
    others = GAP.join(f"{name} {cell.strip()}".strip() for name, cell in named if cell.strip())
    return [*wrap(row[0], width), *(wrap(f"  {others}", width, "  ") if others else ())]
