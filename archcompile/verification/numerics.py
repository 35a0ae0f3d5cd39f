"""Do two Keras models compute the same numbers?

Layer by layer, and as a whole: outputs, state, loss and gradients.

    reference, candidate = live(reference_model), live(candidate_model)
    pairing = match(exact_view(reference.net), exact_view(candidate.net))
    randomise(reference, seed=0)
    copy_weights(reference, candidate, pairing)
    report = compare(reference, candidate, pairing, seed=0)

Layer by layer as well, because whole networks are poor witnesses: two that differ in one epsilon
can agree to 1e-4 at the output. The tolerance is narrow enough that the order in which sums are
added up shows, so the caller sets TensorFlow to one thread before it starts
(`TF_NUM_INTRAOP_THREADS=1`, `TF_NUM_INTEROP_THREADS=1`, or `tf.config.threading`) and leaves
float32 at full precision where a device would shorten it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from archcompile.keras_config import Live, Ref
from archcompile.keras_model import inner_name
from archcompile.verification.compared_steps import View
from archcompile.verification.judgement import Bounds, as_array, largest, quantity
from archcompile.verification.match import Pairing
from archcompile.verification.output_order import ModelsDiffer, end_name, output_places
from archcompile.verification.random_weights import layer_pairs, random_images, same_variables
from archcompile.verification.report import Quantity, Report
from archcompile.verification.run_steps import run
from archcompile.verification.zeros import Silence, silence

TOLERANCE = 1e-6  # of the largest entry of a tensor; float32 resolves 1.2e-7
# Of the largest gradient entry of the layer. In the article's nets rounding leaves 4e-6, true
# gradients are above 0.2.
ROUNDING = 1e-4


def compare(
    reference: Live,
    candidate: Live,
    pairing: Pairing,
    *,
    seed: int,
    tolerance: float = TOLERANCE,
    whole: float = TOLERANCE,
) -> Report:
    """Compare two models with the weights they have, on random inputs.

    `tolerance` holds for weights and single ops, `whole` for the models run as wholes. Both models
    are left as they were found. Raises ModelsDiffer where two layers hold different variables.
    """
    for (name, left), (counterpart, right) in layer_pairs(reference, candidate, pairing):
        same_variables(name, left, counterpart, right=right)
    rng = np.random.default_rng(seed)
    x = [
        tf.cast(random_images(tensor.shape, rng), tensor.dtype) for tensor in reference.model.inputs
    ]
    sides = _Sides(reference, candidate, pairing)
    quantities = list(_weights(sides, tolerance))
    for training in (False, True):
        with _keep_state(reference), _keep_state(candidate):
            quantities += _op_by_op(sides, x, training, tolerance=tolerance)
        with _keep_state(reference), _keep_state(candidate):
            quantities += _as_wholes(sides, x, training, tolerance=whole, seed=seed)
    return Report(tuple(quantities), tolerance, whole)


class _Sides:
    """Both models, and which of their variables belong together."""

    def __init__(self, reference: Live, candidate: Live, pairing: Pairing):
        self.reference, self.candidate, self.pairing = reference, candidate, pairing
        self.layers = layer_pairs(reference, candidate, pairing)
        self.silence = _common_silence(pairing)
        view = pairing.reference
        silent = (view.layers(view.steps[number]) for number in self.silence.without_gradient)
        layers = chain.from_iterable(silent)
        self.without_gradient = {reference.net.layers[layer].name for layer in layers}

    def variables(self, trainable: bool, of: Sequence[Any] | None = None) -> Iterator["_Pair"]:
        """The variables of both, in the reference's order."""
        for (name, left), (_, right) in self.layers if of is None else of:
            for variable, counterpart in zip(left.variables, right.variables, strict=True):
                if variable.trainable == trainable:
                    yield _Pair(
                        layer=name,
                        inner=inner_name(left, variable),
                        left=variable,
                        right=counterpart,
                    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """A variable of the reference and its counterpart; `layer` and `inner` name the former."""

    layer: str
    inner: str
    left: Any
    right: Any

    @property
    def name(self) -> str:
        return f"{self.layer}/{self.inner}"


def _common_silence(pairing: Pairing) -> Silence:
    """What is zero, or gets no gradient, in both models; by the reference's numbers."""
    left, right = silence(pairing.reference), silence(pairing.candidate)
    both = list(enumerate(pairing.mapping))
    return Silence(
        frozenset(n for n, m in both if n in left.zero and m in right.zero),
        frozenset(n for n, m in both if n in left.without_gradient and m in right.without_gradient),
    )


@contextmanager
def _keep_state(side: Live) -> Iterator[None]:
    """Put back, at the end, what calls in training mode change."""
    layers = [layer for layer in side.layers if isinstance(layer, keras.Layer)]
    before = [
        (variable, variable.numpy())
        for layer in layers
        for variable in layer.variables
        if not variable.trainable
    ]
    try:
        yield
    finally:
        for variable, value in before:
            variable.assign(value)


def _weights(sides: _Sides, tolerance: float) -> Iterator[Quantity]:
    bounds = Bounds(tolerance=tolerance)
    for trainable in (True, False):
        for pair in sides.variables(trainable):
            yield quantity(
                "weight", "", pair.name, reference=pair.left, candidate=pair.right, bounds=bounds
            )


def _mode(training: bool) -> str:
    return "training" if training else "inference"


def _op_by_op(
    sides: _Sides, x: list[tf.Tensor], training: bool, *, tolerance: float
) -> Iterator[Quantity]:
    """Feed each step and its counterpart what the reference's steps before it produced."""
    pairing = sides.pairing
    known_left: dict[Ref, tf.Tensor] = {}
    known_right: dict[Ref, tf.Tensor] = {}  # the same tensors under the candidate's numbers
    fed = iter(x)
    pairs_by_layer = {id(pair[0][1]): pair for pair in sides.layers}
    for number, target in enumerate(pairing.mapping):
        step, counterpart = pairing.reference.steps[number], pairing.candidate.steps[target]
        if not step.inputs:
            results = [next(fed)]
        else:
            left = [known_left[ref] for ref in step.inputs]
            right = [known_right[ref] for ref in counterpart.inputs]
            results = run(sides.reference, step, left, training=training)
            rivals = run(sides.candidate, counterpart, right, training=training)
            bounds = Bounds(tolerance=tolerance, is_zero=number in sides.silence.zero)
            name = pairing.reference.name(step)
            yield from _outputs_of_step(name, results, rivals, mode=_mode(training), bounds=bounds)
            if training:
                layers = [sides.reference.layers[n] for n in pairing.reference.layers(step)]
                pairs = [pairs_by_layer[id(each)] for each in layers if id(each) in pairs_by_layer]
                yield from _states(sides, "op state", tolerance, pairs=pairs)
        known_left |= {Ref(number, output): value for output, value in enumerate(results)}
        known_right |= {Ref(target, output): value for output, value in enumerate(results)}


def _outputs_of_step(
    name: str, results: list[Any], rivals: list[Any], *, mode: str, bounds: Bounds
) -> Iterator[Quantity]:
    if len(results) != len(rivals):
        raise ModelsDiffer(f"`{name}` has {len(results)} outputs, its counterpart {len(rivals)}")
    for index, (result, rival) in enumerate(zip(results, rivals, strict=True)):
        label = f"{name}:{index}" if index else name
        yield quantity("op", mode, label, reference=result, candidate=rival, bounds=bounds)


def _states(
    sides: _Sides, kind: str, tolerance: float, *, pairs: Sequence[Any] | None = None
) -> Iterator[Quantity]:
    """The moving statistics after a call in training mode, of some layers or of all."""
    bounds = Bounds(tolerance=tolerance)
    for pair in sides.variables(False, pairs):
        yield quantity(
            kind, "training", pair.name, reference=pair.left, candidate=pair.right, bounds=bounds
        )


@dataclass(frozen=True, slots=True)
class _Pass:
    """One forward and backward run of a model."""

    outputs: list[tf.Tensor]
    losses: dict[str, tf.Tensor]
    gradients: list[tf.Tensor | None]


def _run(
    side: Live,
    view: View,
    variables: Sequence[Any],
    *,
    x: list[tf.Tensor],
    training: bool,
    seed: int,
) -> _Pass:
    """The model of a side run as a whole, its outputs in the view's order."""
    model = side.model
    with tf.GradientTape() as tape:
        flat = keras.tree.flatten(model(x if len(x) > 1 else x[0], training=training))
        outputs = [flat[place] for place in output_places(view.net)]
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


def _as_wholes(
    sides: _Sides, x: list[tf.Tensor], training: bool, *, tolerance: float, seed: int
) -> Iterator[Quantity]:
    """Outputs, loss, gradients and, in training mode, the moving statistics of both models."""
    pairing, mode = sides.pairing, _mode(training)
    variables = list(sides.variables(True))
    left_variables = [pair.left for pair in variables]
    right_variables = [pair.right for pair in variables]
    run_left = _run(
        sides.reference, pairing.reference, left_variables, x=x, training=training, seed=seed
    )
    run_right = _run(
        sides.candidate, pairing.candidate, right_variables, x=x, training=training, seed=seed
    )
    for place, (left, right) in enumerate(zip(run_left.outputs, run_right.outputs, strict=True)):
        bounds = Bounds(tolerance=tolerance, saturates=_are_probabilities(left))
        name = end_name(pairing.reference, place)
        yield quantity("output", mode, name, reference=left, candidate=right, bounds=bounds)
    bounds = Bounds(tolerance=tolerance)
    absent = tf.constant(0.0)
    for name in sorted(run_left.losses.keys() | run_right.losses.keys()):
        left, right = run_left.losses.get(name, absent), run_right.losses.get(name, absent)
        yield quantity("loss", mode, name, reference=left, candidate=right, bounds=bounds)
    if training:
        yield from _states(sides, "state", tolerance)
    floors = _rounding_levels(variables, run_left.gradients)
    for pair, left, right in zip(variables, run_left.gradients, run_right.gradients, strict=True):
        bounds = Bounds(
            tolerance=tolerance,
            floor=floors[pair.layer],
            is_zero=pair.layer in sides.without_gradient,
        )
        yield quantity("gradient", mode, pair.name, reference=left, candidate=right, bounds=bounds)


def _rounding_levels(
    variables: Sequence[_Pair], gradients: list[tf.Tensor | None]
) -> dict[str, float]:
    """For each layer the size below which an entry of its gradients is rounding."""
    levels: dict[str, float] = {}
    for pair, gradient in zip(variables, gradients, strict=True):
        level = 0.0 if gradient is None else ROUNDING * largest(as_array(gradient))
        levels[pair.layer] = max(levels.get(pair.layer, 0.0), level)
    return levels
