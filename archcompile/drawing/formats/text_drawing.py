"""A network at a glance, as text: one line a part, with units, joins, shape and parameters."""

from collections import Counter
from itertools import groupby

from archcompile.analyses import depth, layers, parts, totals
from archcompile.drawing.figure import UnitGroup, changing_layers, fold, part_shape
from archcompile.errors import visible
from archcompile.graph import LayerGraph, semantic_hash
from archcompile.ops import show
from archcompile.terminal import table

STEPS = 72  # characters for the steps of a part before the rest is only counted
PERIOD = 6  # longest pattern of steps that is looked for
NUMBERS = "parameters"  # the column that is aligned on the right
GAP = "   "


def text(graph: LayerGraph, width: int | None = None, colour: bool = False) -> str:
    """The drawing, lines without trailing blanks, in as many columns as there are."""
    head, rows = glance(graph)
    right = frozenset((rows[0].index(NUMBERS),))
    lines = table(rows, right, width=width, colour=colour, gap=GAP)
    return "\n".join([head, "", *lines]) + "\n"


def glance(graph: LayerGraph) -> tuple[str, list[list[str]]]:
    """The line about the network, and the table's rows: its heading, a row a part and the total."""
    groups = {part: list(run) for part, run in groupby(fold(graph), key=lambda group: group.part)}
    rows = [["part", "steps", "joins", "output", NUMBERS]]
    for part in parts(graph):
        members = groups.get(part.name, [])
        steps, joins = step_words(members), join_words(graph, members)
        params = f"{part.totals.params:,}"
        rows.append([part.name, steps, joins, part_shape(graph, part.name), params])
    shapes = list(graph.output_shapes.values())
    output = show(shapes[0]) if len(shapes) == 1 else f"{len(shapes)} outputs"
    params = f"{totals(layers(graph)).params:,}"
    rows.append(["total", f"depth {depth(graph)}", _join_count(len(graph.joins)), output, params])
    head = (
        f"{visible(graph.name)}   {show(graph.input_shape)} -> {output}   hash "
        f"{semantic_hash(graph)[:12]}"
    )
    return head, _without_empty_columns(rows)


def step_words(groups: list[UnitGroup]) -> str:
    """`basic x3`, or the steps themselves where the part has no units."""
    if all(group.block for group in groups):
        blocks = [group.block or "" for group in groups for _ in group.units]
        return "; ".join(words for words, _ in _fold_repeats(blocks))
    folded = _fold_repeats([node.op.label() for group in groups for node in group.nodes])
    words = [step for step, _ in folded]
    fitting = (n for n in range(len(words), 1, -1) if len("; ".join(words[:n])) <= STEPS)
    shown = next(fitting, 1)
    hidden = sum(count for _, count in folded[shown:])
    return "; ".join(words[:shown] + ([f"{hidden} more"] if hidden else []))


def _fold_repeats(labels: list[str]) -> list[tuple[str, int]]:
    """Words for labels, repeats folded: `(3x3 conv, 64; relu) x2`; and how many each stands for."""
    folded = []
    at = 0
    while at < len(labels):
        # (length, -period), so that of equally long runs the shortest period is taken
        runs = [(period * _times(labels, at, period), -period) for period in range(1, PERIOD + 1)]
        length, negative = max(run for run in runs if run[0] > -run[1] or run[1] == -1)
        period = -negative
        folded.append((_repeat_words(labels[at : at + period], length // period), length))
        at += length
    return folded


def _repeat_words(pattern: list[str], times: int) -> str:
    words = "; ".join(pattern)
    if times == 1:
        return words
    return f"{words} x{times}" if len(pattern) == 1 else f"({words}) x{times}"


def _times(labels: list[str], at: int, period: int) -> int:
    """How often the `period` labels from `at` on follow one another."""
    times = 1
    while labels[at + times * period : at + (times + 1) * period] == labels[at : at + period]:
        times += 1
    return times


def join_words(graph: LayerGraph, groups: list[UnitGroup]) -> str:
    """`3 joins (2 identity, 1 projection; 1 with conv+bn)`: the rules, and the layers they add."""
    inside = {node.name for group in groups for unit in group.units for node in unit}
    joins = [join for join in graph.joins if join in inside]
    if not joins:
        return ""
    rules = Counter(str(graph.nodes[join].origin.rule) for join in joins)
    if len(rules) == 1:
        names = list(rules)
    else:
        names = [f"{count} {rule}" for rule, count in sorted(rules.items())]
    kinds_of = Counter(_changing_kinds(graph, join) for join in joins)
    added = [f"{count} with {kinds}" for kinds, count in sorted(kinds_of.items()) if kinds]
    details = "; ".join(filter(None, [", ".join(names), ", ".join(added)]))
    return f"{_join_count(len(joins))} ({details})"


def _changing_kinds(graph: LayerGraph, join: str) -> str:
    return "+".join(node.op.kind for node in changing_layers(graph, join))


def _join_count(joins: int) -> str:
    if joins == 1:
        return "1 join"
    return f"{joins} joins" if joins else ""


def _without_empty_columns(rows: list[list[str]]) -> list[list[str]]:
    """The rows without the columns that are empty below their heading."""
    columns = [column for column in zip(*rows, strict=True) if any(column[1:])]
    return [list(row) for row in zip(*columns, strict=True)]
