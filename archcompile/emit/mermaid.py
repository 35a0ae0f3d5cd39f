"""A network for Mermaid at the level of blocks: runs of equal units as one box, their shortcut beside it."""

from dataclasses import dataclass
from itertools import groupby

from archcompile.emit.figure import headline, part_shape
from archcompile.emit.fold import Group, fold
from archcompile.emit.palette import PLAIN, part_colours
from archcompile.emit.shortcuts import carried, named
from archcompile.emit.text import join_words, step_words
from archcompile.errors import UsageError, visible
from archcompile.graph.ir import LayerGraph, Node

MOST_LINKS, MOST_CHARACTERS = 500, 50_000  # Mermaid's defaults of maxEdges and maxTextSize


def mermaid(graph: LayerGraph) -> str:
    """The flow chart: a box for each run of equal units; for each stage where those would be too many for Mermaid.

    Raises UsageError where the stages are too many as well.
    """
    groups = fold(graph)
    for chart in (_Chart(graph, groups, split=True), _Chart(graph, _by_part(groups), split=False)):
        if len(chart.links) <= MOST_LINKS and len(chart.text) <= MOST_CHARACTERS:
            return chart.text
    raise UsageError("this network has more parts than Mermaid can show", hint="write .svg or .dot instead")


def _by_part(groups: list[Group]) -> list[Group]:
    parts = groupby(groups, key=lambda group: group.part)
    return [Group(part, tuple(unit for group in run for unit in group.units)) for part, run in parts]


@dataclass(frozen=True, slots=True)
class _Link:
    source: str
    target: str
    words: str = ""
    dashed: bool = False

    def __str__(self) -> str:
        arrow = "-.->" if self.dashed else "-->"
        return f"  {self.source} {arrow}{f'|{_quoted(self.words)}|' if self.words else ''} {self.target}"


class _Chart:
    """`split`: units that end in one join have it drawn as a box of its own, with the shortcut leading there."""

    def __init__(self, graph: LayerGraph, groups: list[Group], split: bool):
        self.graph, self.groups = graph, groups
        self.place = {node.name: i for i, group in enumerate(groups) for unit in group.units for node in unit}
        ends = set(graph.joins)
        joins = [[node for node in group.nodes if node.name in ends] for group in groups]
        self.join: list[Node | None] = [own[0] if split and len(own) == 1 else None for own in joins]
        self.links = list(dict.fromkeys(link for i in range(len(groups)) for link in self._links(i)))
        self.text = self._text()

    def _links(self, i: int) -> list[_Link]:
        join = self.join[i]
        links, skips = [], []
        for node in self.groups[i].nodes:
            for source in node.inputs:
                if self.place[source] != i and join and node.origin.rule is not None:
                    skips.append(self._skip(self.place[source], i, join))
                elif self.place[source] != i:
                    links.append(_Link(self._exit(self.place[source]), f"g{i}"))
        if join and not skips:  # the shortcut starts at a point inside the unit
            skips = [self._skip(i - 1, i, join)]
        return [*links, *([_Link(f"g{i}", f"g{i}j")] if join else []), *skips]

    def _skip(self, source: int, i: int, join: Node) -> _Link:
        labels = [node.op.label() for node in carried(self.graph, join.name)]
        return _Link(self._exit(source), f"g{i}j", "; ".join(labels) or named(self.graph, join.name), bool(labels))

    def _exit(self, i: int) -> str:
        return f"g{i}j" if self.join[i] else f"g{i}"

    def _text(self) -> str:
        colours = part_colours(self.graph.parts)
        lines = ["---", f"title: {_yaml(self.graph.name)}", "---", "flowchart TD", f"  %% {headline(self.graph)}"]
        parts = groupby(range(len(self.groups)), key=lambda i: self.groups[i].part)
        for n, (part, run) in enumerate(parts):
            boxes = [line for i in run for line in self._boxes(i)]
            shape = part_shape(self.graph, part) if part in self.graph.parts else ""
            fill, line = colours.get(part, PLAIN)
            if shape:
                lines += [f"  subgraph p{n}[{_quoted(f'{part}   {shape}')}]", *(f"  {box}" for box in boxes), "  end",
                          f"  style p{n} fill:{fill},stroke:{line}"]  # fmt: skip
            else:
                lines += boxes
        return "\n".join([*lines, *map(str, self.links)]) + "\n"

    def _boxes(self, i: int) -> list[str]:
        group, join = self.groups[i], self.join[i]
        words = step_words([group])
        if not join:
            words = "; ".join(filter(None, (words, join_words(self.graph, [group]))))
        return [f"  g{i}[{_quoted(words)}]", *([f"  g{i}j(({_quoted(join.op.label())}))"] if join else [])]


def _quoted(text: str) -> str:
    """A Mermaid string: what could end it, or be read as markup, as character codes."""
    plain = (c if c.isalnum() or c in " .,:+-/_()" else f"#{ord(c)};" for c in visible(text))
    return '"' + "".join(plain) + '"'


def _yaml(text: str) -> str:
    return "'" + visible(text).replace("'", "''") + "'"
