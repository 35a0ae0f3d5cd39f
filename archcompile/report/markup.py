"""Markup of an HTML page. Everything that is not written in this package passes through `text`."""

from collections.abc import Iterable
from html import escape

NAMESPACE = "http://www.w3.org/2000/svg"  # of SVG in a file; within a page it goes without saying
Markup = str  # what is well-formed already
# elements without content
EMPTY = ("br", "circle", "img", "line", "meta", "polygon", "polyline", "rect")


def text(value: object) -> Markup:
    """Escaped for an element or an attribute; control and direction characters become visible."""
    return escape("".join(map(_visible, str(value))), quote=True)


def _visible(character: str) -> str:
    if character.isprintable() or character in "\n\t":
        return character
    return character.encode("unicode_escape").decode()


def tag(name: str, /, *content: Markup, **attributes: object) -> Markup:
    """An element. In names of attributes `_` stands for `-`, at the end for nothing (`class_`)."""
    names = {key: key.rstrip("_").replace("_", "-") for key in attributes}
    written = "".join(
        f' {names[key]}="{text(value)}"' for key, value in attributes.items() if value is not None
    )
    if name in EMPTY:
        return f"<{name}{written}/>"
    return f"<{name}{written}>{''.join(content)}</{name}>"


def table(head: Iterable[object], rows: Iterable[Iterable[Markup]], class_: str = "") -> Markup:
    """A table in a frame that scrolls where it is too wide; cells are markup, headings are text."""
    header = tag("tr", *(tag("th", text(cell), scope="col") for cell in head))
    body = tag("tbody", *map(_table_row, rows))
    content = tag("table", tag("thead", header), body, class_=class_ or None)
    return tag("div", content, class_="wide")


def _table_row(cells: Iterable[Markup]) -> Markup:
    return tag("tr", *(tag("td", cell) for cell in cells))


def pairs(rows: Iterable[tuple[str, Markup]]) -> Markup:
    """Names and what they stand for."""
    return tag("dl", *(tag("div", tag("dt", text(name)), tag("dd", value)) for name, value in rows))


def details(title: str, *content: Markup) -> Markup:
    """What is shown on demand, without a script."""
    return tag("details", tag("summary", text(title)), *content)
