"""A self-contained HTML page of a network: fold and unfold, search, look at every layer.

The page holds every piece of the network as it is drawn folded and unfolded (`fragments`), and what
is known of each node; the scripts in `page/` put the pieces below one another. It is well-formed
XML, too.
"""

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from archcompile import __version__
from archcompile.analyses import Receptive, layers, receptive, settings
from archcompile.choices import Level
from archcompile.drawing.figure import Box, Size, headline, map_size, part_shape
from archcompile.drawing.formats.page_fragments import Fragment, Fragments, PageSection, fragments
from archcompile.drawing.formats.page_legend import page_legend
from archcompile.drawing.formats.palette import (
    PLAIN,
    Colours,
    box_colours,
    dark_fills,
    size_colours,
)
from archcompile.drawing.formats.svg_drawing import drawing
from archcompile.drawing.formats.svg_markup import ARROW, text
from archcompile.errors import Location
from archcompile.graph import LayerGraph, Node
from archcompile.ops import show
from archcompile.shipped import shipped_folder
from archcompile.spec.yaml import flow

FOLDER = Path(__file__).with_name("page")
SCRIPTS = ("state", "layout", "view", "details", "search", "keys")  # one scope, in this order
MOST_OPEN = 40  # pieces that are shown at first; where there are more, the stages are


def html(graph: LayerGraph, level: Level | None = None, shown: Sequence[str] = ()) -> str:
    """The page; `level` is how far it is unfolded at first."""
    cut = fragments(graph, shown)
    colours = size_colours(cut.sizes)
    drawn = _Fragments()
    parts = [_part(graph, part, drawn, colours=colours) for part in cut.parts]
    data = {
        "level": level or _level(cut),
        "parts": parts,
        "links": [[link.source, link.node, link.target] for link in cut.links],
        "fragments": drawn.data,
        **_nodes(graph),
    }
    return _page(graph, drawn.markup, data, legend=page_legend(cut, colours))


def _level(cut: Fragments) -> Level:
    return "block" if sum(len(part.pieces) for part in cut.parts) <= MOST_OPEN else "stage"


class _Fragments:
    """The drawings of pieces, and what the script must know: extents, ends, the nodes of boxes."""

    def __init__(self) -> None:
        self.markup: list[str] = []
        self.data: list[dict[str, Any]] = []

    def add(self, fragment: Fragment, place: Mapping[str, int]) -> int:
        """The number of a new one; `place` is that of each node within its unit."""
        fig = fragment.placed.figure
        boxes = [box for box in fig.boxes.values() if box.form != "end"]
        places = [_places(box, place) for box in boxes]
        body = drawing(fragment.placed, box_colours(fig))
        self.markup.append("\n".join([f'<g class="fragment {fig.level}">', *body, "</g>"]))
        self.data.append(
            {
                "left": round(fragment.left, 1),
                "right": round(fragment.right, 1),
                "height": round(fragment.height, 1),
                "enters": {name: round(x, 1) for name, x in fragment.enters.items()},
                "leaves": {name: round(x, 1) for name, x in fragment.leaves.items()},
                "boxes": places,
            }
        )
        return len(self.data) - 1


def _places(box: Box, place: Mapping[str, int]) -> list[int]:
    """The places of a box's nodes, as far as they have one."""
    return [place[name] for name in box.nodes if name in place]


def _numbers(nodes: Iterable[Node], number: Mapping[str, int]) -> list[int]:
    return [number[node.name] for node in nodes]


def _part(
    graph: LayerGraph, part: PageSection, drawn: _Fragments, *, colours: Mapping[Size, Colours]
) -> dict[str, Any]:
    """A part of the network as the script of the page reads it."""
    number = {name: at for at, name in enumerate(graph.nodes)}
    pieces = []
    for piece in part.pieces:
        group = piece.group
        place = {node.name: at for at, node in enumerate(group.nodes)}
        units = [_numbers(unit, number) for unit in group.units]
        pieces.append(
            {
                "block": group.block,
                "first": group.nodes[0].origin.unit,
                "units": units,
                "closed": drawn.add(piece.closed, place),
                "open": drawn.add(piece.open, place),
            }
        )
    shape = part_shape(graph, part.name) if part.name in graph.parts else ""
    end = graph.parts.get(part.name, next(iter(graph)).name)
    colour = PLAIN if part.name == "input" else colours.get(map_size(graph.nodes[end].shape), PLAIN)
    return {
        "name": part.name,
        "shape": shape,
        "colour": colour[1],
        "pieces": pieces,
        "closed": drawn.add(part.closed, {}),
    }


def _nodes(graph: LayerGraph) -> dict[str, Any]:
    """A row for every node, in the order of the graph; equal ops and settings are listed once."""
    number = {name: at for at, name in enumerate(graph.nodes)}
    fields = receptive(graph)
    ops: dict[str, int] = {}
    rows = []
    for node, cost in zip(graph, layers(graph), strict=True):
        op = ops.setdefault(_op_data(node), len(ops))
        origin = node.origin
        used_at = _line(origin.used_at) if origin.used_at else ""
        rows.append(
            [
                *(node.name, node.op.label(), op, show(node.shape)),
                [number[i] for i in node.inputs],
                *(cost.trainable, cost.non_trainable, cost.macs),
                _field(fields[node.name]),
                *(_line(origin.location), used_at, origin.rule or ""),
            ]
        )
    outputs = {number[name]: label for label, name in graph.outputs.items()}
    return {"ops": [json.loads(op) for op in ops], "nodes": rows, "outputs": outputs}


def _op_data(node: Node) -> str:
    """A node's op as JSON: its kind, the settings given and those left at their defaults."""
    values = settings(node)
    given, default = _pairs(values.given), _pairs(values.default)
    return json.dumps({"kind": node.op.kind, "given": given, "default": default})


def _pairs(values: Mapping[str, Any]) -> list[list[str]]:
    return [[key, flow(value)] for key, value in values.items()]


def _field(field: Receptive) -> str:
    """`3x3 to 19x19 pixels, every 2x2`."""
    least, most = show(field.smallest), show(field.largest)
    size = least if least == most else f"{least} to {most}"
    step = "x".join(map(str, field.jump))
    return f"{size} pixels" + ("" if step in ("0x0", "1x1") else f", every {step}")


def _line(place: Location) -> str:
    """`specs/blocks/plain.yaml:11`; shipped files are called alike on every machine."""
    path, folder = Path(place.file), shipped_folder()
    shown = Path("specs") / path.relative_to(folder) if path.is_relative_to(folder) else path
    return f"{shown}:{place.line}"


def _page(graph: LayerGraph, markup: Iterable[str], data: Mapping[str, Any], *, legend: str) -> str:
    """The page: its heading, its drawings as `markup`, and the `data` that its scripts read."""
    scripts = "\n".join((FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)
    script = _inline(f'"use strict";\n(() => {{\n{scripts}}})();\n')
    style = _inline((FOLDER / "page.css").read_text(encoding="utf-8") + dark_fills())
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; img-src data:"
    )
    name, about = text(graph.name), text(headline(graph))
    head = [
        "<!DOCTYPE html>",
        '<html lang="en" xmlns="http://www.w3.org/1999/xhtml"><head><meta charset="utf-8"/>',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}"/>',
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>',
        '<meta name="color-scheme" content="light dark"/><link rel="icon" href="data:,"/>',
        f"<title>{name}</title><style>{style}</style></head><body>",
        f"<header><div><h1>{name}</h1><p>{about}</p></div>{CONTROLS}</header>",
    ]
    canvas = [
        f"<main>{CANVAS}",
        f'<defs>{ARROW}</defs><g id="view"><g id="links"></g>',
        *markup,
        '<g id="marks"></g></g></svg>',
    ]
    foot = [
        f"{legend}{PANEL}</main>",
        NO_SCRIPT,
        f"<footer>archcompile {__version__}</footer>",
        f'<script type="application/json" id="data">{_json(data)}</script>',
        f"<script>{script}</script></body></html>",
    ]
    return "\n".join([*head, *canvas, *foot]) + "\n"


CANVAS = (
    '<svg id="canvas" xmlns="http://www.w3.org/2000/svg" tabindex="0" role="group" '
    'aria-label="The network. Arrow keys move the drawing, plus and minus scale it, '
    'Enter goes to its boxes.">'
)
PANEL = '<aside id="panel" aria-label="Details" aria-live="polite" hidden="hidden"></aside>'
NO_SCRIPT = (
    '<noscript><p class="note">This page needs JavaScript; <code>archc graph -o '
    "FILE.svg</code> does not.</p></noscript>"
)
CONTROLS = """\
<div class="controls"><div role="search"><input id="search" type="search" placeholder="Search name, op or shape" \
aria-label="Search name, op or shape; Enter shows the next" autocomplete="off" spellcheck="false"/>\
<output id="found" for="search"></output></div>\
<div role="toolbar" aria-label="Drawing"><button type="button" data-level="stage">stages</button>\
<button type="button" data-level="block">blocks</button><button type="button" data-level="layer">layers</button>\
<button type="button" id="out" aria-label="smaller">\N{MINUS SIGN}</button>\
<button type="button" id="in" aria-label="larger">+</button><button type="button" id="fit">fit</button></div></div>"""  # noqa: E501 - a text


def _inline(content: str) -> str:
    """A script or a style sheet as it stands in the page, where XML reads it as text."""
    return f"/*<![CDATA[*/\n{content}/*]]>*/"


def _hash(content: str) -> str:
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"


def _json(data: Mapping[str, Any]) -> str:
    """JSON in which nothing can end the element it stands in, or be read as markup."""
    written = json.dumps(data, separators=(",", ":"))
    return written.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
