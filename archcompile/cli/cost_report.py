"""The figures of `archc cost` as text."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import groupby
from typing import Any

from archcompile.analyses import (
    CostRow,
    Lengths,
    NetworkCost,
    Receptive,
    TrainingMemory,
    cost_rows,
    field_words,
    last_map,
    layer_figures,
    network_cost,
    path_lengths,
)
from archcompile.choices import Level
from archcompile.cli.console import dim, table
from archcompile.errors import visible
from archcompile.graph import LayerGraph
from archcompile.interface import cost_cells, cost_columns, network_words
from archcompile.ops import ceil_div
from archcompile.report import size
from archcompile.terminal import width_of, wrap

BARS, BAR = 12, 40  # most lines of a histogram, and characters of its longest bar
# shares of paths: whose lengths are printed, and drawn
MOST, SHOWN = Fraction(95, 100), Fraction(999, 1000)
CONVENTIONS = (
    "parameters       as Keras counts them, moving means and variances among them",
    "multiply-adds    of convolutions and dense layers, per image, biases not counted; a "
    "multiply-add is one, not two",
    "attention        multiply-adds of queries with keys and of shares with values, per image; "
    "those of its projections are among the multiply-adds",
    "activations      bytes of a row's tensors that training holds from the forward to the "
    "backward pass, {batch}",
    "memory           estimate: weights, gradients and optimizer in float32, activations in "
    "{precision}; working is what a step needs beside them at its peak, copies within a "
    "convolution's gradients among it; without the framework's own and the images before the "
    "network",
    "receptive field  pixels of the image that reach one pixel of the output, by the narrowest … "
    "the widest path; theoretical: it extends beyond the border; a global pool or flatten sees "
    "its whole map, statistics of norms do not count",
    "paths            from input to output, by the weighted layers (conv, depthwise conv, dense) "
    "on them; a gate is not a path",
)
WIDEST = 120  # columns of a line of words


def text(graph: LayerGraph, level: Level, training: TrainingMemory) -> str:
    """The table and the totals, each figure's convention below."""
    figures = layer_figures(graph, training.precision)
    table_rows = cost_rows(graph, level, figures)
    cost, size_of_batch = network_cost(graph), training.batch
    shown = _fold_units(table_rows) if level == "block" else table_rows
    lines = _table(shown, size_of_batch, cost)
    width = len(lines[0])
    if level != "stage":
        stages = cost_rows(graph, "stage", figures)
        lines += [("",) * width, *_table(stages, size_of_batch, cost)[1:]]
    batch = "one image" if training.batch == 1 else f"{training.batch:,} images"
    conventions = _wrap(
        line.format(batch=batch, precision=training.precision)
        for line in CONVENTIONS
        if cost.attention_macs or not line.startswith("attention")
    )
    return "\n".join(
        [
            table(lines, frozenset(range(3, width - 1)), least=(width - 1, width - 2)),
            "",
            *_wrap(_totals(graph, training, cost, fields=figures.fields)),
            "",
            *map(dim, conventions),
        ]
    )


def _wrap(lines: Iterable[str]) -> Iterator[str]:
    """The lines in the width of the terminal, and of a page where that is wider or none."""
    width = min(WIDEST, width_of(sys.stdout) or WIDEST)
    for line in lines:
        yield from wrap(line, width)


def _table(table_rows: Iterable[CostRow], batch: int, cost: NetworkCost) -> list[tuple[str, ...]]:
    lines: list[tuple[str, ...]] = [("", "", *cost_columns(cost))]
    for row in table_rows:
        what = f"{row.units} x {row.what}" if row.units else row.what
        lines.append((row.name, what, *cost_cells(row, batch, cost)))
    return lines


def _fold_units(unit_rows: Sequence[CostRow]) -> Iterator[CostRow]:
    """Units of a stage that follow one another and cost the same as one row, with their sums."""

    def key(row: CostRow) -> tuple[Any, ...]:
        return (
            row.part,
            row.what,
            row.shape,
            row.trainable,
            row.non_trainable,
            row.macs,
            row.attention_macs,
            row.activations,
        )

    for _, run in groupby(unit_rows, key=key):
        first, *others = run
        if not others:
            yield first
            continue
        count, last = 1 + len(others), others[-1]
        yield replace(
            last,
            name=f"{first.name}…b{last.unit}",
            units=count,
            macs=count * first.macs,
            attention_macs=count * first.attention_macs,
            trainable=count * first.trainable,
            non_trainable=count * first.non_trainable,
            activations=count * first.activations,
        )


def _totals(
    graph: LayerGraph,
    training: TrainingMemory,
    cost: NetworkCost,
    *,
    fields: Mapping[str, Receptive],
) -> Iterator[str]:
    memory = training.memory
    yield visible(network_words(graph, cost))
    yield f"parameters       {cost.params:,} ({cost.trainable:,} trainable)"
    yield f"multiply-adds    {cost.macs:,}"
    if cost.attention_macs:
        yield f"attention        {cost.attention_macs:,}"
    held = f"activations {size(memory.activations)}, working {size(memory.working)}"
    fixed = (
        f"weights {size(memory.weights)}, gradients {size(memory.gradients)}, "
        f"{training.optimizer} {size(memory.optimizer)}"
    )
    yield (
        f"memory           {size(memory.total)} to train at batch {training.batch:,}: {held}, "
        f"{fixed}"
    )
    seen = last_map(graph)
    field = fields[seen.name]
    whole = (
        f"the largest {'covers' if field.covers(graph.input_shape) else 'is less than'} the image"
    )
    what = "tokens" if len(seen.shape) == 2 else "map"
    yield f"receptive field  {field_words(field)} at {seen.name}, the last {what}; {whole}"
    lengths_of = path_lengths(graph)
    for label, lengths in lengths_of.items():
        yield (
            "paths            "
            f"{path_words(lengths, f' to {visible(label)}' if len(lengths_of) > 1 else '')}"
        )
    if len(lengths_of) == 1 and lengths.total > 1:
        yield from _histogram(lengths)


def path_words(lengths: Lengths, to: str = "") -> str:
    """`512, of 4 to 20 weighted layers, 12.0 on average; 95% have 7 to 17`."""
    if lengths.total == 1:
        return f"1{to}, of {lengths.longest} weighted layers"
    low, high = lengths.middle(MOST)
    return (
        f"{number(lengths.total)}{to}, of {lengths.shortest} to {lengths.longest} weighted layers, "
        f"{float(lengths.mean):.1f} on average; {float(MOST):.0%} have {low} to {high}"
    )


def _histogram(lengths: Lengths) -> Iterator[str]:
    bins = _bins(lengths)
    widest = max(len(words) for words, _ in bins)
    highest = max(count for _, count in bins)
    for words, count in bins:
        bar = "#" * (BAR * count // highest) or ("." if count else "")
        yield f"  {words.rjust(widest)}  {_share(count, lengths.total)}  {bar}".rstrip()


def _bins(lengths: Lengths) -> list[tuple[str, int]]:
    """The lengths of nearly all paths with their numbers, neighbours joined into few lines."""
    low, high = lengths.middle(SHOWN)
    lengths_shown = high - low + 1
    width = ceil_div(lengths_shown, BARS)  # lengths per bar
    bins = []
    for first in range(low, high + 1, width):
        last = min(first + width - 1, high)
        counts = lengths.counts[first - lengths.shortest : last - lengths.shortest + 1]
        bins.append((str(first) if first == last else f"{first}-{last}", sum(counts)))
    return bins


def number(count: int) -> str:
    """A number in full up to 19 digits, else its power of ten; a float would not hold it."""
    digits = str(count)
    return f"{count:,}" if len(digits) <= 19 else f"{digits[0]}.{digits[1:3]}e{len(digits) - 1}"


def _share(count: int, total: int) -> str:
    return f"{float(Fraction(100 * count, total)):6.2f} %"
