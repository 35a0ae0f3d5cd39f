"""The legend of the page: what colours, lines and folds mean."""

from collections.abc import Iterable, Iterator, Mapping

from archcompile.drawing.figure import Figure, Size
from archcompile.drawing.formats.page_fragments import Fragments
from archcompile.drawing.formats.palette import PLAIN, Colours
from archcompile.drawing.formats.svg_drawing import legend_of
from archcompile.ops import show

NAMESPACE = 'xmlns="http://www.w3.org/2000/svg"'
HANDLE = '<rect x="9" y="1" width="10" height="10" rx="2"/><path d="M11 6h6m-3 -3v6"/>'
FRAME = '<rect x="1" y="1" width="26" height="10" rx="4" stroke-dasharray="1 2.5"/>'


def page_legend(cut: Fragments, colours: Mapping[Size, Colours]) -> str:
    """The legend; a click on its heading closes it."""
    rows = [_sizes(colours), *_lines(_figures(cut)), *_folds(cut)]
    return (
        '<details id="legend" open="open"><summary>legend</summary>'
        f"{''.join(f'<div>{row}</div>' for row in rows)}</details>"
    )


def _figures(cut: Fragments) -> Iterator[Figure]:
    for part in cut.parts:
        yield part.closed.placed.figure
        for piece in part.pieces:
            yield piece.closed.placed.figure
            yield piece.open.placed.figure


def _sizes(colours: Mapping[Size, Colours]) -> str:
    """A field of each colour, and the size of maps that it stands for."""
    names = [(show(size), look) for size, look in colours.items()]
    named = [*names, ("input and vectors", PLAIN)]
    return "".join(f"<span>{_swatch(look)}{name}</span>" for name, look in named)


def _swatch(colours: Colours) -> str:
    fill, line = colours
    field = f'<rect x=".5" y=".5" width="11" height="11" rx="2" fill="{fill}" stroke="{line}"/>'
    return f'<svg {NAMESPACE} class="size" width="12" height="12" aria-hidden="true">{field}</svg>'


def _lines(figures: Iterable[Figure]) -> Iterator[str]:
    """Solid and dashed lines, where there are dashed ones."""
    for words, dashes in legend_of(figures).items():
        stroke = f'<path d="M0 6h28"{dashes}/>'
        yield _sample(stroke) + words


def _folds(cut: Fragments) -> Iterator[str]:
    yield _sample(HANDLE) + "folded: a click shows what is in it"
    if any(len(piece.group.units) > 1 for part in cut.parts for piece in part.pieces):
        yield _sample(FRAME) + "units alike, drawn once, with their number"


def _sample(shape: str) -> str:
    return f'<svg {NAMESPACE} width="28" height="12" aria-hidden="true">{shape}</svg>'
