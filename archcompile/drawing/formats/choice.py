"""Which drawings there are: what each kind of file shows, and what may be asked of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

from archcompile.choices import DrawnStyle, Level
from archcompile.drawing.figure import FACTS, Style
from archcompile.errors import UsageError, did_you_mean
from archcompile.graph import LayerGraph

SUFFIXES = (".svg", ".png", ".pdf", ".tex", ".html", ".mmd", ".dot", ".json")
IMAGE_SUFFIXES = (".svg", ".png", ".pdf", ".tex")
STYLED = (*IMAGE_SUFFIXES, ".dot", ".json")


@dataclass(frozen=True, kw_only=True)
class DrawingRequest:
    """What a drawing is to be; None where it was not said. `suffix` None is text.

    Text is in as many columns as `width`, with a heading in bold if it is coloured.
    """

    suffix: str | None
    level: Level | None = None
    style: DrawnStyle | None = None
    shown: tuple[str, ...] = ()
    width: int | None = None
    is_coloured: bool = False

    @property
    def layer_style(self) -> Style:
        """The style of layers: paper, in DOT all nodes."""
        default: Style = "full" if self.suffix == ".dot" else "paper"
        return default if self.style in (None, "poster") else cast("Style", self.style)

    @property
    def drawn_level(self) -> Level | None:
        """The level; a style is one of layers, and so says it too."""
        return "layer" if self.level is None and self.style in get_args(Style) else self.level


def check_request(
    file: Path | None, networks: int, level: Level | None, *, style: DrawnStyle | None, shown: str
) -> DrawingRequest:
    """Check what was asked for, before anything is compiled. Raises UsageError."""
    suffix = file.suffix.lower() if file else None
    facts = tuple(word for word in shown.split(",") if word)
    for unknown in (word for word in facts if word not in FACTS):
        raise UsageError(f"--show: unknown word `{unknown}`", hint=did_you_mean(unknown, FACTS))
    if suffix is not None and suffix not in SUFFIXES:
        raise UsageError(
            f"a diagram cannot be written as {file}",
            hint=f"the suffix chooses the format: {', '.join(SUFFIXES)}",
        )
    if networks > 1 and style != "poster":
        raise UsageError(
            "several networks are drawn side by side only with --style poster",
            hint="add --style poster, or draw them one by one",
        )
    options = [("--level", level), ("--style", style), ("--show", facts)]
    for option, value in options if suffix is None else ():
        if value:
            raise UsageError(
                f"{option} is for drawings written to files",
                hint=f"name a file with -o: {', '.join(SUFFIXES)}",
            )
    if style == "poster" and suffix not in IMAGE_SUFFIXES:
        raise UsageError(
            f"--style poster is for {' and '.join(IMAGE_SUFFIXES)}", hint="name such a file with -o"
        )
    _check_style(suffix, level, style)
    if suffix == ".json" and (style or facts) and not level:
        raise UsageError(
            "without --level, .json is the graph itself, which has no style and no words",
            hint="add --level layer for the drawing as data",
        )
    return DrawingRequest(suffix=suffix, level=level, style=style, shown=facts)


def check_image(file: Path) -> None:
    """Raises UsageError unless a difference can be drawn as such a file."""
    if file.suffix.lower() not in IMAGE_SUFFIXES:
        raise UsageError(
            f"a difference cannot be drawn as {file}",
            hint=f"the suffix chooses the format: {', '.join(IMAGE_SUFFIXES)}",
        )


def _check_style(suffix: str | None, level: Level | None, style: DrawnStyle | None) -> None:
    if style in get_args(Style) and suffix not in STYLED:
        raise UsageError(
            f"--style {style} is for {', '.join(STYLED)}",
            hint="leave it out, or name such a file with -o",
        )
    if style in get_args(Style) and level in ("block", "stage"):
        raise UsageError(
            f"--style {style} chooses which layers are drawn; at the level {level} there are none",
            hint="leave out --style, or say --level layer",
        )


def draw_networks(
    graphs: Sequence[LayerGraph], request: DrawingRequest
) -> tuple[str | bytes, str | None]:
    """The content of the file or the text, and a note. Raises UsageError, MissingError."""
    (graph, *_) = graphs
    if request.suffix in IMAGE_SUFFIXES:
        from archcompile.drawing.formats.png import encode_drawing

        drawing, note = _drawing(graphs, request)
        return encode_drawing(drawing, str(request.suffix)), note
    if request.suffix == ".mmd":
        from archcompile.drawing.formats.mermaid import mermaid

        level_asked = request.level or "block"
        chart, level = mermaid(graph, level_asked, request.shown)
        if level == level_asked:
            return chart, None
        return (
            chart,
            f"note: the level {level_asked} is too large for Mermaid; drawn by {level}",
        )
    return _document(graph, request), None


def _drawing(graphs: Sequence[LayerGraph], request: DrawingRequest) -> tuple[str, str | None]:
    """The SVG document and, unless the level was given, a note on the level chosen."""
    from archcompile.drawing.formats.png import size_note

    if request.style == "poster":
        from archcompile.drawing.formats.poster import poster

        svg = poster(graphs, request.level or "layer", request.shown)
        return svg, f"note: {note}" if (note := size_note(svg)) else None
    from archcompile.drawing.formats.svg_drawing import draw, is_whole, lay_out

    placed = lay_out(graphs[0], request.drawn_level, request.layer_style, shown=request.shown)
    svg, level = draw(placed), placed.figure.level
    if request.drawn_level is not None:
        return svg, None
    if note := size_note(svg):
        return svg, f"note: drawn by {level}, but {note}; .html can be folded and searched"
    if is_whole(placed.figure):
        return svg, None
    more = "--level block draws more, --level layer" if level == "stage" else "--level layer draws"
    return svg, f"note: drawn by {level}, to be readable on a page; {more} all layers"


def _document(graph: LayerGraph, request: DrawingRequest) -> str:
    """The text of a file of another kind, or the text that is printed without a file."""
    if request.suffix == ".html":
        from archcompile.drawing.formats.html import html

        return html(graph, request.level, request.shown)
    if request.suffix == ".dot":
        from archcompile.drawing.formats.dot import dot

        return dot(graph, request.drawn_level or "layer", request.layer_style, shown=request.shown)
    if request.suffix == ".json" and request.level:
        from archcompile.drawing.formats.json_drawing import drawing_json
        from archcompile.drawing.formats.svg_drawing import lay_out

        return drawing_json(
            graph, lay_out(graph, request.level, request.layer_style, shown=request.shown)
        )
    if request.suffix == ".json":
        from archcompile.graph import to_json

        return to_json(graph)
    from archcompile.drawing.formats.text_drawing import text

    return text(graph, request.width, request.is_coloured)
