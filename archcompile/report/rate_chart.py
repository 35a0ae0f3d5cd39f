"""The learning rate over a run, as a chart."""

from typing import Any

from matplotlib.ticker import FuncFormatter

from archcompile.recipe import Pace, Recipe, curve, pieces
from archcompile.report.figure_bytes import empty_figure, file_bytes

# from so many times the lowest rate on, a rate that stays and falls in steps is read on a log scale
WIDE = 20


def draw_rates(recipe: Recipe, pace: Pace, suffix: str) -> bytes:
    """The rate of every step, with epochs on a second axis; the bytes of an `svg` or `png` file."""
    canvas = empty_figure((8, 4))
    axes = canvas.subplots()
    points = curve(recipe, pace)
    steps, rates = zip(*points, strict=True)
    flat = all(piece.is_flat for piece in pieces(recipe, pace))
    marker = "o" if len(points) == 1 else ""  # a line needs two points
    axes.plot(
        steps, rates, marker=marker, color="#1f6fb2", drawstyle="steps-post" if flat else "default"
    )
    if flat and max(rates) >= WIDE * min(rates):
        axes.set_yscale("log")
        axes.yaxis.set_minor_formatter("")
    else:
        axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda step, _: f"{step:,.0f}"))
    deep = ""
    if recipe.warmup and recipe.warmup.from_depth > 1:
        deep = f" (warm-up from depth {recipe.warmup.from_depth} on)"
    axes.set_title(
        f"learning rate of {recipe.name}, {pace.total:,} steps{deep}",
        fontsize="medium",
        parse_math=False,
    )
    axes.set_xlabel(f"step, {pace.epoch:,} in an epoch")
    in_epochs: Any = (lambda step: step / pace.epoch, lambda epoch: epoch * pace.epoch)
    epochs = axes.secondary_xaxis("top", functions=in_epochs)
    epochs.set_xlabel("epoch")
    axes.grid(alpha=0.3)
    return file_bytes(canvas, suffix)
