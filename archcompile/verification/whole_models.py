"""Two models run as wholes, forwards and backwards."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from archcompile.keras_config import Live, Net
from archcompile.verification.compared_steps import View
from archcompile.verification.judgement import Bounds, as_array, largest, quantity
from archcompile.verification.model_pair import (
    ModelPair,
    VariablePair,
    compare_states,
    keep_state,
    mode_name,
)
from archcompile.verification.operand_order import in_reference_order
from archcompile.verification.output_order import end_name, output_places
from archcompile.verification.report import OTHER_ORDER, Quantity, Verdict

# Of the largest gradient entry of the layer. In the article's nets rounding leaves 4e-6, true
# gradients are above 0.2.
ROUNDING = 1e-4
# A larger difference is no rounding of sums in another order: twelve units with sums of three
# reach 1.2e-2, a wrong wire shows in the first digit.
REORDERED = 1e-1


def compare_wholes(
    models: ModelPair, x: list[tf.Tensor], training: bool, *, tolerance: float, seed: int
) -> list[Quantity]:
    """Outputs, loss, gradients and, in training mode, the moving statistics of both models.

    Where they differ, the candidate runs again with its operands in the reference's order; what
    they differ by in its own order is then one more quantity.
    """
    compare = partial(_compare_runs, models, x=x, training=training, tolerance=tolerance, seed=seed)
    as_built = list(compare(models.candidate, models.pairing.candidate.net))
    different = [q for q in as_built if q.verdict is Verdict.DIFFERENT]
    worst = max(different, key=lambda q: q.difference, default=None)
    if worst is None or worst.difference > REORDERED:
        return as_built
    ordered = in_reference_order(models.candidate, models.pairing)
    if ordered is None:
        return as_built
    return [
        *compare(ordered, ordered.net),
        replace(worst, kind=f"{worst.kind} {OTHER_ORDER}", verdict=Verdict.EQUAL),
    ]


def _compare_runs(
    models: ModelPair,
    candidate: Live,
    net: Net,
    *,
    x: list[tf.Tensor],
    training: bool,
    tolerance: float,
    seed: int,
) -> Iterator[Quantity]:
    """`net` tells the order of the candidate's outputs."""
    reference, view, mode = models.reference, models.pairing.reference, mode_name(training)
    pairs = list(models.variables(True))
    with keep_state(reference), keep_state(candidate):
        run_left = _run(
            reference, view.net, [pair.left for pair in pairs], x=x, training=training, seed=seed
        )
        run_right = _run(
            candidate, net, [pair.right for pair in pairs], x=x, training=training, seed=seed
        )
        yield from _compare_ends(run_left, run_right, view, mode=mode, tolerance=tolerance)
        if training:
            yield from compare_states(models, "state", tolerance)
    floors = _rounding_levels(pairs, run_left.gradients)
    for pair, left, right in zip(pairs, run_left.gradients, run_right.gradients, strict=True):
        bounds = Bounds(
            tolerance=tolerance,
            floor=floors[pair.layer],
            is_zero=pair.layer in models.without_gradient,
        )
        yield quantity("gradient", mode, pair.name, reference=left, candidate=right, bounds=bounds)


def _compare_ends(
    left_run: "_Pass", right_run: "_Pass", view: View, *, mode: str, tolerance: float
) -> Iterator[Quantity]:
    """Outputs and losses of two runs."""
    for place, (left, right) in enumerate(zip(left_run.outputs, right_run.outputs, strict=True)):
        bounds = Bounds(tolerance=tolerance, saturates=_are_probabilities(left))
        name = end_name(view, place)
        yield quantity("output", mode, name, reference=left, candidate=right, bounds=bounds)
    bounds = Bounds(tolerance=tolerance)
    absent = tf.constant(0.0)
    for name in sorted(left_run.losses.keys() | right_run.losses.keys()):
        left, right = left_run.losses.get(name, absent), right_run.losses.get(name, absent)
        yield quantity("loss", mode, name, reference=left, candidate=right, bounds=bounds)


@dataclass(frozen=True, slots=True)
class _Pass:
    """One forward and backward run of a model."""

    outputs: list[tf.Tensor]
    losses: dict[str, tf.Tensor]
    gradients: list[tf.Tensor | None]


def _run(
    side: Live,
    net: Net,
    variables: Sequence[Any],
    *,
    x: list[tf.Tensor],
    training: bool,
    seed: int,
) -> _Pass:
    """The model of a side run as a whole, its outputs in the net's order."""
    model = side.model
    with tf.GradientTape() as tape:
        flat = keras.tree.flatten(model(x if len(x) > 1 else x[0], training=training))
        outputs = [flat[place] for place in output_places(net)]
        # Another seed than that of the images, which a network may return unchanged.
        rng = np.random.default_rng((seed, 1))
        losses = {"misfit": tf.add_n([_misfit(output, rng) for output in outputs])}
        if model.losses:
            losses["penalty"] = tf.add_n(model.losses)
        losses["total"] = tf.add_n(list(losses.values()))
    gradients = tape.gradient(losses["total"], [variable.value for variable in variables])
    return _Pass(outputs, losses, gradients)


def _misfit(output: tf.Tensor, rng: np.random.Generator) -> tf.Tensor:
    """Cross-entropy for vectors of probabilities, else squared error; the targets are random."""
    if _are_probabilities(output):
        classes = rng.integers(0, output.shape[-1], output.shape[0])
        return tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(classes, output))
    return tf.reduce_mean((output - tf.cast(rng.normal(size=output.shape), output.dtype)) ** 2)


def _are_probabilities(output: tf.Tensor) -> bool:
    values = as_array(output)
    return (
        values.ndim == 2
        and bool((values >= 0).all())
        and bool(np.allclose(values.sum(-1), 1, atol=1e-3))
    )


def _rounding_levels(
    variables: Sequence[VariablePair], gradients: list[tf.Tensor | None]
) -> dict[str, float]:
    """For each layer the size below which an entry of its gradients is rounding."""
    levels: dict[str, float] = {}
    for pair, gradient in zip(variables, gradients, strict=True):
        level = 0.0 if gradient is None else ROUNDING * largest(as_array(gradient))
        levels[pair.layer] = max(levels.get(pair.layer, 0.0), level)
    return levels
