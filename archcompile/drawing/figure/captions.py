"""The words in drawings: those in a box, and those about the whole network."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from archcompile.analyses import LayerCost, depth, layers, totals
from archcompile.drawing.figure.boxes import Edge, Line
from archcompile.drawing.figure.repeats import UnitGroup
from archcompile.graph import LayerGraph, Node
from archcompile.ops import show

FACTS = ("shapes", "params", "macs")  # what `--show` may add to boxes, in this order
MOST_LINES = 8  # in a box, before the rest is only counted
MOST_BRANCH_LINES = 12  # the same for branches, each a line or more
BESIDE = "\N{PARALLEL TO} "  # in front of a branch that others lie beside
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
    """The shape (H, W, C) that a part ends in, `16x16x32`; or `4 outputs` if it holds several."""
    outputs = count_outputs(graph, part)
    return f"{outputs} outputs" if outputs > 1 else show(graph.nodes[graph.parts[part]].shape)


def count_outputs(graph: LayerGraph, part: str) -> int:
    """How many outputs of the network stand in a part."""
    return sum(graph.nodes[name].origin.part == part for name in graph.outputs.values())


def node_label(graph: LayerGraph, node: Node) -> str:
    """`3x3 conv, 16`, and which output it is where there are several."""
    ends = [
        label
        for label, name in graph.outputs.items()
        if name == node.name and len(graph.outputs) > 1
    ]
    return ARROW.join([node.op.label(), *ends])


def content_lines(labels: Mapping[str, str], edges: Iterable[Edge]) -> list[str]:
    """The lines of a box: the layers of a chain, `3x3 conv, 64 ×2`; of branches, a chain each.

    Branches that need too many lines are only counted, layer by layer.
    """
    chains = _chains(labels, edges)
    rows = [list(map(labels.__getitem__, chain)) for chain in chains]
    if len(rows) == 1:
        return cap_lines([_with_count(label, len(list(run))) for label, run in groupby(rows[0])])
    beside = _branches(chains, edges)
    lines = [
        line
        for chain, row in zip(chains, rows, strict=True)
        for line in chain_lines(row, BESIDE if chain[-1] in beside else "")
    ]
    if len(lines) <= MOST_BRANCH_LINES:
        return lines
    return cap_lines(
        [_with_count(label, times) for label, times in Counter(labels.values()).items()]
    )


def is_chain(labels: Mapping[str, str], edges: Iterable[Edge]) -> bool:
    """Whether these layers follow one another without a fork."""
    return len(_chains(labels, edges)) <= 1


def _with_count(label: str, times: int) -> str:
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
    return _in_order_of_merges(list(chains.values()), inside)


def _in_order_of_merges(chains: list[list[str]], edges: Iterable[Edge]) -> list[list[str]]:
    """The chains, those that lead to one merge in the order of its inputs."""
    ends = {chain[-1]: place for place, chain in enumerate(chains)}
    inputs: dict[str, list[int]] = {}
    for edge in edges:
        if edge.source in ends and ends[edge.source] not in inputs.get(edge.target, ()):
            inputs.setdefault(edge.target, []).append(ends[edge.source])
    ordered = list(chains)
    for places in (places for places in inputs.values() if len(places) > 1):
        for place, chain in zip(sorted(places), [chains[place] for place in places], strict=True):
            ordered[place] = chain
    return ordered


def _branches(chains: Sequence[Sequence[str]], edges: Iterable[Edge]) -> set[str]:
    """The ends of chains that lead to one merge with others of them."""
    ends = {chain[-1] for chain in chains}
    into: dict[str, set[str]] = {}
    for edge in edges:
        if edge.source in ends:
            into.setdefault(edge.target, set()).add(edge.source)
    return set().union(*(sources for sources in into.values() if len(sources) > 1))


def chain_lines(labels: Sequence[str], mark: str = "") -> list[str]:
    """`a → b → c` behind a mark, broken where it gets too wide; further lines are indented."""
    lines = [mark + labels[0]]
    for label in labels[1:]:
        if len(lines[-1]) + len(ARROW) + len(label) <= WIDE:
            lines[-1] += ARROW + label
        else:
            lines.append(ARROW + label)
    return lines


def cap_lines(lines: list[str]) -> list[str]:
    """No more lines than a box takes."""
    if len(lines) <= MOST_LINES:
        return lines
    hidden = len(lines) - MOST_LINES + 1
    return [*lines[: MOST_LINES - 1], f"\N{HORIZONTAL ELLIPSIS} {hidden} more lines"]


def unit_words(groups: Iterable[UnitGroup]) -> str:
    """`basic ×3; down; basic ×2`: the blocks of units that follow one another."""
    blocks = [group.block or "" for group in groups for _ in group.units]
    runs = [(block, len(list(run))) for block, run in groupby(blocks)]
    return "; ".join(_with_count(block, times) for block, times in runs)


def facts(costs: Sequence[LayerCost], shape: str, shown: Sequence[str]) -> list[Line]:
    """The lines that `--show` adds for layers that end in `shape`, without numbers that are 0."""
    sums = totals(costs)
    words_of = {
        "shapes": shape,
        "params": f"{sums.params:,} params" if sums.params else "",
        "macs": f"{short(sums.macs)} macs" if sums.macs else "",
    }
    lines: list[str] = []
    for words in (words_of[fact] for fact in FACTS if fact in shown and words_of[fact]):
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
    lines = [heading, shape]
    if params:
        lines.append(f"{params:,} parameters")
    return "\n".join(lines)
