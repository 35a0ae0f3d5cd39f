"""The words in drawings: those in a box, and those about the whole network."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby

from archcompile.analyses import LayerCost, depth, layers, totals
from archcompile.drawing.figure.boxes import Edge, Line
from archcompile.drawing.figure.chains import (
    ARROW,
    BESIDE,
    branch_ends,
    find_chains,
    fold_nested,
)
from archcompile.drawing.figure.repeats import UnitGroup
from archcompile.graph import LayerGraph, Node
from archcompile.ops import show

FACTS = ("shapes", "params", "macs")  # what `--show` may add to boxes, in this order
MOST_LINES = 8  # in a box, before the rest is only counted
MOST_BRANCH_LINES = 12  # the same for branches, each a line or more, and for their layers
# whole numbers in labels, but for sizes and strides: `3x3`, `/2`, `0.5`
_NUMBER = re.compile(r"(?<![\w/.])\d+(?![\w.])")
WIDE = 40  # characters from which on a line in a box is broken
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

    Branches within a branch stand in brackets. Branches that need too many lines are only counted,
    layer by layer; if that needs too many, layers that differ in numbers count together.
    """
    folded, ways = fold_nested(labels, edges)
    chains = find_chains(folded, ways)
    rows = [list(map(folded.__getitem__, chain)) for chain in chains]
    if len(rows) == 1:
        return cap_lines([with_count(label, len(list(run))) for label, run in groupby(rows[0])])
    beside = branch_ends(chains, ways)
    lines = [
        line
        for chain, row in zip(chains, rows, strict=True)
        for line in chain_lines(row, BESIDE if chain[-1] in beside else "")
    ]
    if len(lines) <= MOST_BRANCH_LINES:
        return lines
    counted = _count_lines(labels.values(), str)
    if len(counted) > MOST_BRANCH_LINES:
        counted = _count_lines(labels.values(), lambda label: _NUMBER.sub("", label))
    return cap_lines(counted, MOST_BRANCH_LINES)


def _count_lines(labels: Iterable[str], kind: Callable[[str], str]) -> list[str]:
    """The labels of each kind with their count, numbers in which they differ as a range."""
    kinds: dict[str, list[str]] = {}
    for label in labels:
        kinds.setdefault(kind(label), []).append(label)
    return [with_count(_range_words(alike), len(alike)) for alike in kinds.values()]


def _range_words(labels: Sequence[str]) -> str:
    """`3x3 conv, 18 to 144`, of labels that differ in numbers at most."""
    columns = zip(*(map(int, _NUMBER.findall(label)) for label in labels), strict=True)
    ranges = ((min(column), max(column)) for column in columns)
    words = iter(str(low) if low == high else f"{low} to {high}" for low, high in ranges)
    return _NUMBER.sub(lambda _: next(words), labels[0])


def is_chain(labels: Mapping[str, str], edges: Iterable[Edge]) -> bool:
    """Whether these layers follow one another without a fork."""
    return len(find_chains(labels, edges)) <= 1


def with_count(label: str, times: int) -> str:
    return label if times == 1 else f"{label} {TIMES}{times}"


def chain_lines(labels: Sequence[str], mark: str = "") -> list[str]:
    """`a → b → c` behind a mark, broken where it gets too wide; further lines are indented."""
    lines = [mark + labels[0]]
    for label in labels[1:]:
        if len(lines[-1]) + len(ARROW) + len(label) <= WIDE:
            lines[-1] += ARROW + label
        else:
            lines.append(ARROW + label)
    return lines


def cap_lines(lines: list[str], most: int = MOST_LINES) -> list[str]:
    """No more lines than a box takes."""
    if len(lines) <= most:
        return lines
    hidden = len(lines) - most + 1
    return [*lines[: most - 1], f"\N{HORIZONTAL ELLIPSIS} {hidden} more lines"]


def unit_words(groups: Iterable[UnitGroup]) -> str:
    """`basic ×3; down; basic ×2`: the blocks of units that follow one another."""
    blocks = [group.block or "" for group in groups for _ in group.units]
    runs = [(block, len(list(run))) for block, run in groupby(blocks)]
    return "; ".join(with_count(block, times) for block, times in runs)


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
