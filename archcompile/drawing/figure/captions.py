"""The words in drawings: what a box says, and what is said about the whole network."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from archcompile.analyses import LayerCost, depth, layers, totals
from archcompile.drawing.figure.boxes import Edge, Line
from archcompile.drawing.figure.repeats import Group
from archcompile.graph import LayerGraph, Node
from archcompile.ops import show

FACTS = ("shapes", "params", "macs")  # what `--show` may add to boxes, in this order
MOST_LINES = 8  # in a box, before the rest is only counted
WIDE = 40  # characters from which on a line in a box is broken
ARROW = " \N{RIGHTWARDS ARROW} "
TIMES = "\N{MULTIPLICATION SIGN}"


def headline(graph: LayerGraph) -> str:
    """`32x32x3 -> 10, depth 20, 274,442 parameters`."""
    shapes = [show(shape) for shape in graph.output_shapes.values()]
    ends = ", ".join(shapes) if len(shapes) <= 4 else f"{len(shapes)} outputs"
    total = totals(layers(graph)).params
    return f"{show(graph.input_shape)}{ARROW}{ends}, depth {depth(graph)}, {total:,} parameters"


def part_shape(graph: LayerGraph, part: str) -> str:
    """The shape (H, W, C) that a part ends in, `16x16x32`; `4 outputs` where so many outputs lie in
    it.
    """
    own = sum(graph.nodes[name].origin.part == part for name in graph.outputs.values())
    return f"{own} outputs" if own > 1 else show(graph.nodes[graph.parts[part]].shape)


def node_label(graph: LayerGraph, node: Node) -> str:
    """`3x3 conv, 16`, and which output it is where there are several."""
    ends = [
        label
        for label, name in graph.outputs.items()
        if name == node.name and len(graph.outputs) > 1
    ]
    return ARROW.join([node.op.label(), *ends])


def content(labels: Mapping[str, str], edges: Iterable[Edge]) -> list[str]:
    """What is in a box, a line each: the layers of a chain, `3x3 conv, 64 ×2`; where there are
    branches, a chain each.

    Branches that need too many lines are only counted, layer by layer.
    """
    chains = _chains(labels, edges)
    if len(chains) == 1:
        return capped(
            [
                _times(label, len(list(run)))
                for label, run in groupby(labels[name] for name in chains[0])
            ]
        )
    lines = [line for chain in chains for line in in_a_row([labels[name] for name in chain])]
    if len(lines) <= MOST_LINES:
        return lines
    return capped([_times(label, times) for label, times in Counter(labels.values()).items()])


def is_chain(labels: Mapping[str, str], edges: Iterable[Edge]) -> bool:
    """Whether these layers follow one another without a fork."""
    return len(_chains(labels, edges)) <= 1


def _times(label: str, times: int) -> str:
    return label if times == 1 else f"{label} {TIMES}{times}"


def _chains(labels: Mapping[str, str], edges: Iterable[Edge]) -> list[list[str]]:
    """The nodes in paths without a fork, in order."""
    inside = [edge for edge in edges if edge.source in labels and edge.target in labels]
    into, out = Counter(edge.target for edge in inside), Counter(edge.source for edge in inside)
    before = {
        edge.target: edge.source for edge in inside if into[edge.target] == out[edge.source] == 1
    }
    chains: dict[str, list[str]] = {}  # by their last node so far
    for name in labels:
        chain = chains.pop(before.get(name, ""), [])
        chain.append(name)
        chains[name] = chain
    return list(chains.values())


def in_a_row(labels: Sequence[str]) -> list[str]:
    """`a → b → c`, broken where it gets too wide; what goes on is indented."""
    lines = [labels[0]]
    for label in labels[1:]:
        if len(lines[-1]) + len(ARROW) + len(label) <= WIDE:
            lines[-1] += ARROW + label
        else:
            lines.append(ARROW + label)
    return lines


def capped(lines: list[str]) -> list[str]:
    """No more lines than a box takes."""
    left = len(lines) - MOST_LINES + 1
    return (
        lines
        if left <= 1
        else [*lines[: MOST_LINES - 1], f"\N{HORIZONTAL ELLIPSIS} {left} more lines"]
    )


def unit_words(groups: Iterable[Group]) -> str:
    """`basic ×3; down; basic ×2`: the blocks of units that follow one another."""
    blocks = [group.block or "" for group in groups for _ in group.units]
    runs = [(block, len(list(run))) for block, run in groupby(blocks)]
    return "; ".join(_times(block, times) for block, times in runs)


def facts(costs: Sequence[LayerCost], shape: str, shown: Sequence[str]) -> list[Line]:
    """The lines that `--show` adds for layers that end in `shape`; a number that is zero is left
    out.
    """
    sums = totals(costs)
    told = {
        "shapes": shape,
        "params": f"{sums.params:,} params" if sums.params else "",
        "macs": f"{short(sums.macs)} macs" if sums.macs else "",
    }
    lines: list[str] = []
    for words in (told[fact] for fact in FACTS if fact in shown and told[fact]):
        if lines and len(lines[-1]) + len(words) <= WIDE:
            lines[-1] += f", {words}"
        else:
            lines.append(words)
    return [Line(line, "fact") for line in lines]


def short(number: int) -> str:
    """Three digits and a power of a thousand: `950`, `41.2M`."""
    for power, letter in ((9, "G"), (6, "M"), (3, "k")):
        if number >= 0.9995 * 10**power:
            return f"{number / 10**power:.3g}{letter}"
    return str(number)


def tip(heading: str, shape: str, params: int) -> str:
    return "\n".join([heading, shape, *([f"{params:,} parameters"] if params else [])])
