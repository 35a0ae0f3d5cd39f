"""A network at a glance, as text: one line a part, with units, joins, shape and parameters."""

from collections import Counter
from itertools import groupby

from archcompile.analyses import depth, layers, parts, totals
from archcompile.drawing.figure import Group, carried, fold, part_shape
from archcompile.errors import visible
from archcompile.graph import LayerGraph, semantic_hash
from archcompile.ops import show

STEPS = 72  # characters for the steps of a part before the rest is only counted
PERIOD = 6  # longest pattern of steps that is looked for
NUMBERS = "parameters"  # the column that is aligned on the right


def text(graph: LayerGraph) -> str:
    """The drawing, lines without trailing blanks and without colours."""
    groups = {part: list(run) for part, run in groupby(fold(graph), key=lambda group: group.part)}
    rows = [["part", "steps", "joins", "output", NUMBERS]]
    for part in parts(graph):
        own = groups.get(part.name, [])
        rows.append(
            [
                part.name,
                step_words(own),
                join_words(graph, own),
                part_shape(graph, part.name),
                f"{part.totals.params:,}",
            ]
        )
    outputs = list(graph.output_shapes.values())
    rows.append(
        [
            "total",
            f"depth {depth(graph)}",
            _count(len(graph.joins)),
            show(outputs[0]) if len(outputs) == 1 else f"{len(outputs)} outputs",
            f"{totals(layers(graph)).params:,}",
        ]
    )
    head = (
        f"{visible(graph.name)}   {show(graph.input_shape)} -> {rows[-1][3]}   hash "
        f"{semantic_hash(graph)[:12]}"
    )
    return "\n".join([head, "", *_table(rows)]) + "\n"


def step_words(groups: list[Group]) -> str:
    """`basic x3`, or the steps themselves where the part has no units."""
    if all(group.block for group in groups):
        blocks = [group.block or "" for group in groups for _ in group.units]
        return "; ".join(words for words, _ in _repeated(blocks))
    words = _repeated([node.op.label() for group in groups for node in group.nodes])
    shown = next(
        (n for n in range(len(words), 1, -1) if len("; ".join(w for w, _ in words[:n])) <= STEPS), 1
    )
    left = sum(count for _, count in words[shown:])
    return "; ".join([w for w, _ in words[:shown]] + ([f"{left} more"] if left else []))


def _repeated(labels: list[str]) -> list[tuple[str, int]]:
    """Words for the labels with repetitions folded, `(3x3 conv, 64; relu) x2`, and how many labels
    each stands for.
    """
    found = []
    at = 0
    while at < len(labels):
        runs = [(period * _times(labels, at, period), -period) for period in range(1, PERIOD + 1)]
        length, period = max(run for run in runs if run[0] > -run[1] or run[1] == -1)
        words = "; ".join(labels[at : at - period])
        times = length // -period
        found.append(
            (words if times == 1 else f"{words if period == -1 else f'({words})'} x{times}", length)
        )
        at += length
    return found


def _times(labels: list[str], at: int, period: int) -> int:
    """How often the `period` labels from `at` on follow one another."""
    times = 1
    while labels[at + times * period : at + (times + 1) * period] == labels[at : at + period]:
        times += 1
    return times


def join_words(graph: LayerGraph, groups: list[Group]) -> str:
    """`3 joins (2 identity, 1 projection; 1 with conv+bn)`: the rules, and what they put weights or
    a new shape in.
    """
    here = {node.name for group in groups for unit in group.units for node in unit}
    joins = [join for join in graph.joins if join in here]
    if not joins:
        return ""
    rules = Counter(str(graph.nodes[join].origin.rule) for join in joins)
    names = (
        list(rules)
        if len(rules) == 1
        else [f"{count} {rule}" for rule, count in sorted(rules.items())]
    )
    ways = Counter("+".join(node.op.kind for node in carried(graph, join)) for join in joins)
    added = [f"{count} with {kinds}" for kinds, count in sorted(ways.items()) if kinds]
    return f"{_count(len(joins))} ({'; '.join(filter(None, [', '.join(names), ', '.join(added)]))})"


def _count(joins: int) -> str:
    return f"{joins} join{'' if joins == 1 else 's'}" if joins else ""


def _table(rows: list[list[str]]) -> list[str]:
    """Aligned columns; one that is empty below its heading is left out."""
    columns = [[visible(cell) for cell in column] for column in zip(*rows, strict=True)]
    padded = []
    for heading, *column in columns:
        width = max(map(len, [heading, *column]))
        pad = str.rjust if heading == NUMBERS else str.ljust
        padded += [[pad(cell, width) for cell in [heading, *column]]] if any(column) else []
    return ["   ".join(line).rstrip() for line in zip(*padded, strict=True)]
