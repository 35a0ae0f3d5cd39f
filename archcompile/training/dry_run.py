"""What a training would do, in words, with its speed measured on a few steps; writes nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from archcompile.analyses import summary
from archcompile.engine import WholeBatches, memory_of, slots_of
from archcompile.messages import to_stderr
from archcompile.recipe import pace, rate_rows
from archcompile.report import duration, size
from archcompile.run_files import FILES, RUNS
from archcompile.training.api import count_images, describe, epoch_words
from archcompile.training.limit import now
from archcompile.training.plan import Plan
from archcompile.training.preparation import prefix_of, prepare
from archcompile.training.request import TrainingRequest
from archcompile.training.session import statistics_of, trainer_of

STEPS = 20  # that are timed
WARM = 3  # steps before them; the first includes the building of the step


def dry(request: TrainingRequest) -> str:
    """The text of `archc train --dry-run`. Raises as `train` does."""
    plan, resumed = prepare(request, to_stderr, may_be_absent=True)
    named = (
        request.run_dir or RUNS / f"{prefix_of(plan.graph, plan.recipe, plan.options.seed)}-TIME"
    )
    place = resumed.path if resumed else Path(named)
    lines = [
        *_facts(plan),
        *_time(plan),
        *_rates(plan),
        f"would write to {place}:",
        *(f"  {name}" for name in sorted(FILES)),
        "",
        "# the recipe, with every value",
        plan.recipe.text(),
    ]
    return "\n".join(lines)


def _facts(plan: Plan) -> Iterator[str]:
    counts, course = summary(plan.graph), pace(plan.recipe, len(plan.data.train))
    batch, optimizer = plan.recipe.batch_size, slots_of(plan.recipe)
    yield (
        f"{plan.graph.name}   {_shape(counts['input_shape'])} -> "
        f"{_shape(counts['output_shape'])}   hash {plan.graph.hash[:12]}"
    )
    yield (
        f"parameters      {counts['params']['total']:,} ({counts['params']['trainable']:,} "
        "trainable)"
    )
    yield f"multiply-adds   {counts['macs']:,} per image"
    yield f"images          {count_images(plan)}"
    yield (
        f"steps           {course.epoch:,} per epoch of batch {batch}, {course.total:,} in all "
        f"({epoch_words(course)})"
    )
    held = memory_of(plan.graph, plan.recipe, plan.recipe.images_at_once)
    parts = {
        "weights": held.weights,
        "gradients": held.gradients,
        optimizer: held.optimizer,
        "activations": held.activations,
        "working": held.working,
    }
    yield (
        f"memory          {size(held.total)} estimated: "
        f"{', '.join(f'{name} {size(n)}' for name, n in parts.items())}"
    )
    yield from describe(plan)


def _rates(plan: Plan) -> Iterator[str]:
    yield "learning rate"
    rows = rate_rows(plan.recipe, pace(plan.recipe, len(plan.data.train)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        yield f"  {'  '.join(cells)}".rstrip()


def _time(plan: Plan) -> Iterator[str]:
    """The speed of a few steps, and how long the whole would take at it."""
    if not plan.data.is_present:
        yield "expected time   not measured: the images are not on this machine"
        return
    trainer = trainer_of(plan, statistics_of(plan))
    course = pace(plan.recipe, len(plan.data.train))
    steps = WholeBatches(trainer, rate=0.0)  # which changes no weight
    steps.run(WARM)
    began = now()
    steps.run(STEPS)
    step_seconds = (now() - began) / STEPS
    yield (
        f"expected time   {duration(course.total * step_seconds)} for the steps, from {STEPS} "
        f"steps of {1000 * step_seconds:.0f} ms "
        f"({plan.recipe.batch_size / step_seconds:.0f} images/s); plus evaluations"
    )


def _shape(shape: Any) -> str:
    return "x".join(map(str, shape))
