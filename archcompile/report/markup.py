"""Text that becomes part of an HTML page. Everything that is not written in this package passes
through `text`.
"""

from collections.abc import Iterable
from html import escape

Markup = str  # what is well-formed already
# elements without content
EMPTY = (
    "br",
    "circle",
    "img",
    "line",
    "meta",
    "polygon",
    "polyline",
    "rect",
)


def text(value: object) -> Markup:
    """Escaped for the content of an element, or for an attribute; control and direction characters
    are shown as such.
    """
    shown = "".join(
        c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode()
        for c in str(value)
    )
    return escape(shown, quote=True)


def tag(name: str, /, *content: Markup, **attributes: object) -> Markup:
    """An element. In names of attributes `_` stands for `-`, at the end for nothing (`class_`)."""
    names = {key: key.rstrip("_").replace("_", "-") for key in attributes}
    told = "".join(
        f' {names[key]}="{text(value)}"' for key, value in attributes.items() if value is not None
    )
    return f"<{name}{told}/>" if name in EMPTY else f"<{name}{told}>{''.join(content)}</{name}>"


def table(head: Iterable[object], rows: Iterable[Iterable[Markup]], class_: str = "") -> Markup:
    """A table in a frame that scrolls where it is too wide; cells are markup, headings are text."""
    header = tag("tr", *(tag("th", text(cell), scope="col") for cell in head))
    body = [tag("tr", *(tag("td", cell) for cell in row)) for row in rows]
    return tag(
        "div",
        tag("table", tag("thead", header), tag("tbody", *body), class_=class_ or None),
        class_="wide",
    )


def pairs(rows: Iterable[tuple[str, Markup]]) -> Markup:
    """Names and what they stand for."""
    return tag("dl", *(tag("div", tag("dt", text(name)), tag("dd", value)) for name, value in rows))


def folded(title: str, *content: Markup) -> Markup:
    """What is shown on demand, without a script."""
    return tag("details", tag("summary", text(title)), *content)
