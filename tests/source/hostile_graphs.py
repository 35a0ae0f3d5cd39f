"""Graphs whose names, places and texts are such as no spec could have, to break out of a source."""

from dataclasses import replace

from archcompile.api import LayerGraph, compile_text
from archcompile.errors import Location

HOSTILE = [
    '"""\nimport os\n"""',
    "a\\",
    "a\nb",
    "\r\n# x",
    "{name}",
    "%s",
    "'); import os; ('",
    '"); import os; ("',
    "\u202e\u2028\x00\x85",
    "class",
    "keras",
    "layers",
    "model",
    "range",
    "x y",
    "é",
    "\ud800",
    "]",
    "inputs",
    "x",
    "unit",
    "stage",
]
NET = """\
archc: 1
input: [8, 8, 3]
blocks:
  pair:
    args: {filters: int}
    body: [conv: {filters: $filters, kernel: 1}, bn]
stem: [relu]
stages:
  s1: {block: pair, repeat: 3, filters: 4}
  s2: {block: pair, repeat: 3, filters: 5}
head: [flatten, dense: {units: 2}]
"""


def hostile_graph(text: str) -> LayerGraph:
    """A network with loops and two outputs, in which everything is called like `text`."""
    graph = compile_text(NET)
    renamed = {
        name: f"{text}{name}" if place % 2 else name + text
        for place, name in enumerate(graph.nodes)
    }
    if text.isidentifier():
        renamed[next(iter(graph.nodes))] = text

    def hostile(place: Location | None) -> Location | None:
        return place and replace(place, file=text)

    nodes = {}
    for name, node in graph.nodes.items():
        origin = replace(
            node.origin,
            location=hostile(node.origin.location),
            used_at=hostile(node.origin.used_at),
            part=text + node.origin.part,
            row=node.origin.row and text,
        )
        nodes[renamed[name]] = replace(
            node, name=renamed[name], inputs=tuple(renamed[i] for i in node.inputs), origin=origin
        )
    ends = [renamed[name] for name in graph.nodes][-2:]
    return replace(
        graph,
        name=text,
        about=text,
        nodes=nodes,
        outputs={text: ends[1], "b": ends[0]},
        parts={},
        joins=(),
    )
