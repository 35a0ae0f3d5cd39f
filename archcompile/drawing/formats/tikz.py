r"""A diagram as TikZ: a document of its own, or `\input` where a paper wants the figure."""

from archcompile.drawing.formats.svg_shapes import (
    Disc,
    Outline,
    Rectangle,
    Shape,
    Stroke,
    Words,
    shapes_of,
)
from archcompile.drawing.layout import Point
from archcompile.errors import visible

# LaTeX forbids a second \documentclass; within a paper, only the picture is read
OPENING = r"""% Compiles by itself, and can be read by \input where tikz is loaded.
\makeatletter
\ifx\documentclass\@twoclasseserror\let\archcend\relax\else
\documentclass{article}
\usepackage{tikz}
\pagestyle{empty}
\paperwidth=WIDTHbp \paperheight=HEIGHTbp
\pdfpagewidth=\paperwidth \pdfpageheight=\paperheight
\hoffset=-1in \voffset=-1in \topmargin=0pt \headheight=0pt \headsep=0pt \topskip=0pt
\oddsidemargin=0pt \textwidth=\pdfpagewidth \textheight=\pdfpageheight
\parindent=0pt \parskip=0pt \maxdepth=0pt
\def\archcend{\end{document}}
\begin{document}
\fi
\makeatother
\begin{tikzpicture}[x=1bp, y=-1bp, line join=round, inner sep=0pt, outer sep=0pt]
\useasboundingbox (0,0) rectangle (WIDTH,HEIGHT);
"""
CLOSING = "\\end{tikzpicture}%\n\\archcend\n"
ANCHORS = {"start": "base west", "middle": "base", "end": "base east"}
SIGNS = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": "$<$",
    ">": "$>$",
    "|": "$|$",
    '"': "''",
    "\N{MULTIPLICATION SIGN}": r"$\times$",
    "\N{RIGHTWARDS ARROW}": r"$\rightarrow$",
    "\N{PARALLEL TO}": r"$\parallel$",
    "\N{MINUS SIGN}": "$-$",
    "\N{HORIZONTAL ELLIPSIS}": r"\ldots{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}


def tikz(svg: str) -> str:
    """The document of a diagram."""
    page = shapes_of(svg)
    opening = OPENING.replace("WIDTH", _number(page.width))
    opening = opening.replace("HEIGHT", _number(page.height))
    return opening + "".join(f"{_command(shape)}\n" for shape in page.shapes) + CLOSING


def _command(shape: Shape) -> str:
    if isinstance(shape, Words):
        return _words(shape)
    look = _look(shape.stroke)
    if isinstance(shape, Rectangle):
        left, top = shape.left, shape.top
        corner = f", rounded corners={_number(shape.radius)}bp" if shape.radius else ""
        ends = f"{_point(left, top)} rectangle {_point(left + shape.width, top + shape.height)}"
        return f"\\path[{look}{corner}] {ends};"
    if isinstance(shape, Disc):
        return (
            f"\\path[{look}] {_point(shape.x, shape.y)} circle[radius={_number(shape.radius)}bp];"
        )
    return f"\\path[{look}] {_outline(shape)};"


def _outline(outline: Outline) -> str:
    """Quadratic curves as cubic ones, whose controls lie two thirds of the way."""
    written, at = "", (0.0, 0.0)
    for step in outline.steps:
        if len(step) == 2:
            control, end = step
            first, second = _towards(at, control), _towards(end, control)
            written += f" .. controls {first} and {second} .. {_point(*end)}"
        else:
            written += f" -- {_point(*step[0])}" if written else _point(*step[0])
        at = step[-1]
    return written + (" -- cycle" if outline.is_closed else "")


def _towards(start: Point, control: Point) -> str:
    (x, y), (to_x, to_y) = start, control
    return _point(x + (to_x - x) * 2 / 3, y + (to_y - y) * 2 / 3)


def _words(words: Words) -> str:
    weight = r"\bfseries" if words.is_bold else ""
    font = rf"\sffamily{weight}\fontsize{{{_number(words.size)}}}{{{_number(words.size * 1.2)}}}"
    look = f"anchor={ANCHORS[words.anchor]}, font={font}\\selectfont, text={_colour(words.colour)}"
    return f"\\node[{look}] at {_point(words.x, words.y)} {{{_escape(words.text)}}};"


def _escape(text: str) -> str:
    """Text as LaTeX reads it; letters that its fonts lack become question marks."""
    return "".join(SIGNS.get(c, c if c.isascii() else "?") for c in visible(text))


def _look(stroke: Stroke) -> str:
    parts = [f"fill={_colour(stroke.fill)}"] if stroke.fill != "none" else []
    if stroke.stroke != "none":
        parts += [f"draw={_colour(stroke.stroke)}", f"line width={_number(stroke.width)}bp"]
    if stroke.dashes:
        lengths = [f"{_number(length)}bp" for length in stroke.dashes]
        pairs = zip(lengths[::2], lengths[1::2], strict=True)
        parts.append("dash pattern=" + " ".join(f"on {on} off {off}" for on, off in pairs))
    return ", ".join(parts)


def _colour(written: str) -> str:
    """`#ddd2f3` in xcolor's words."""
    code = written.removeprefix("#")
    code = "".join(digit * 2 for digit in code) if len(code) == 3 else code
    red, green, blue = (int(code[at : at + 2], 16) for at in (0, 2, 4))
    return f"{{rgb,255:red,{red};green,{green};blue,{blue}}}"


def _point(x: float, y: float) -> str:
    return f"({_number(x)},{_number(y)})"


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
