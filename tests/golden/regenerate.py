"""Goldens: every shipped spec's graph as text, in which a unit that is built like the one before it
is one line.

`make golden` writes them anew; read the difference before it is committed.
"""

from itertools import groupby
from pathlib import Path

import archcompile
from archcompile.analyses.cost import summary
from archcompile.api import LayerGraph
from archcompile.graph.ir import Node
from archcompile.graph.text import settings_text
from archcompile.ops import show
from archcompile.shipped import shipped_specs
from tests.golden import drawings, sources

FOLDER = Path(__file__).parent
MOST_NODES = 500  # above, figures only


def text(graph: LayerGraph) -> str:
    """Figures and hash, then the nodes, folded."""
    figures = summary(graph)
    lines = [
        f"{key}: {figures[key]}"
        for key in (
            "hash",
            "depth",
            "params",
            "macs",
            "joins",
            "nodes",
            "input_shape",
            "output_shape",
        )
    ]
    return "\n".join([*lines, *(_nodes(graph) if len(graph) <= MOST_NODES else ())]) + "\n"


def _nodes(graph: LayerGraph) -> list[str]:
    result: list[str] = []
    before: list[str] = []
    for (part, unit), nodes in groupby(
        graph, key=lambda node: (node.origin.part, node.origin.unit)
    ):
        lines = [_line(node) for node in nodes]
        if unit is None:
            result += lines
            continue
        prefix, previous = f"{part}_b{unit}_", f"{part}_b{unit - 1}_"
        neutral = [line.replace(prefix, "@").replace(previous, "<") for line in lines]
        result += [f"{part}_b{unit} like {part}_b{unit - 1}"] if neutral == before else lines
        before = neutral
    return result


def _line(node: Node) -> str:
    return (
        f"{node.name} = {node.op.kind}({', '.join(node.inputs)}) {settings_text(node)}".rstrip()
        + f" -> {show(node.shape)}"
    )


def main() -> None:
    names = shipped_specs()
    for name in names:
        (FOLDER / f"{name}.txt").write_text(text(archcompile.compile(name)))
    for stale in FOLDER.glob("*.txt"):
        if stale.stem not in names:
            stale.unlink()
    drawings.write()
    sources.write()


if __name__ == "__main__":
    main()
