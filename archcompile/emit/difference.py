"""The difference of two networks as an SVG: what is gone red and dotted, what came green and thick, what changed amber.

Every sign has a stroke and a character beside its colour (Okabe and Ito's colours, which colour-blind readers tell apart).
The drawing is that of one graph that holds the layers of both; its boxes and edges are found by the names they carry.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from archcompile.analyses.diff import Difference
from archcompile.analyses.diff_groups import Sign, change_words
from archcompile.analyses.diff_union import Union, union
from archcompile.emit.figure import figure
from archcompile.emit.route import MARGIN, SMALL, place, text_width
from archcompile.emit.svg import draw
from archcompile.errors import visible
from archcompile.graph.ir import LayerGraph

NAMESPACE = ' xmlns="http://www.w3.org/2000/svg"'
LINE, SAMPLE = 16.0, 40.0  # height of a line of the legend, and the room for its sample


@dataclass(frozen=True, slots=True)
class Look:
    """How a sign is drawn: its character, colours of boxes, and the stroke of boxes and edges."""

    mark: str
    fill: str
    line: str
    stroke: dict[str, str]
    words: str


LOOKS: dict[Sign | None, Look] = {
    "-": Look("\N{MINUS SIGN}", "#f9dccb", "#d55e00", {"stroke-dasharray": "1.5 2.5", "stroke-width": "1.6"}, "only in {a}"),
    "+": Look("+", "#c5ebdf", "#009e73", {"stroke-width": "2.4"}, "only in {b}"),
    "~": Look("~", "#fbe8b8", "#c98a00", {"stroke-width": "1.6"}, "in both, with other settings or inputs"),
    None: Look("", "#f7f7f7", "#8c8c8c", {}, "in both"),
}


def difference(found: Difference) -> str:
    """The SVG document. Edges that only one network has, as where a layer was taken out of a chain, are marked as layers are."""
    both = union(found)
    fig = figure(both.graph, "full")
    boxes = {name: replace(box, tip="\n".join([box.tip, *_told(found, name)])) for name, box in fig.boxes.items()}
    title = f"{found.a.name} \N{RIGHTWARDS ARROW} {found.b.name}"
    root = ElementTree.fromstring(draw(place(replace(fig, title=title, subtitle=_subtitle(found), boxes=boxes))).replace(NAMESPACE, ""))  # noqa: S314 - our own
    for group in root.iter("g"):
        if (name := group.get("data-node")) is not None:
            _mark_box(group, LOOKS[both.layers.get(name)])
    for path in root.iter("path"):
        if (source := path.get("data-from")) is not None:
            sign = both.edges.get((source, path.attrib["data-to"]))
            path.attrib.update({} if sign is None else {"stroke": LOOKS[sign].line, **LOOKS[sign].stroke})
    _legend(root, list(_legend_lines(found, both)))
    root.set("xmlns", "http://www.w3.org/2000/svg")
    return ElementTree.tostring(root, encoding="unicode") + "\n"
