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

from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from archcompile.keras_config import Live, Ref
from archcompile.verification.judgement import Bounds, quantity
from archcompile.verification.match import Pairing
from archcompile.verification.model_pair import (
    ModelPair,
    compare_states,
    keep_state,
    mode_name,
)
from archcompile.verification.output_order import ModelsDiffer
from archcompile.verification.random_weights import layer_pairs, random_images, same_variables
from archcompile.verification.report import Quantity, Report
from archcompile.verification.run_steps import run
from archcompile.verification.whole_models import compare_wholes

TOLERANCE = 1e-6  # of the largest entry of a tensor; float32 resolves 1.2e-7


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
    models = ModelPair(reference, candidate, pairing)
    quantities = list(_weights(models, tolerance))
    for training in (False, True):
        with keep_state(reference), keep_state(candidate):
            quantities += _op_by_op(models, x, training, tolerance=tolerance)
        quantities += compare_wholes(models, x, training, tolerance=whole, seed=seed)
    return Report(tuple(quantities), tolerance, whole)


def _weights(models: ModelPair, tolerance: float) -> Iterator[Quantity]:
    bounds = Bounds(tolerance=tolerance)
    for trainable in (True, False):
        for pair in models.variables(trainable):
            yield quantity(
                "weight", "", pair.name, reference=pair.left, candidate=pair.right, bounds=bounds
            )


def _op_by_op(
    models: ModelPair, x: list[tf.Tensor], training: bool, *, tolerance: float
) -> Iterator[Quantity]:
    """Feed each step and its counterpart what the reference's steps before it produced."""
    pairing = models.pairing
    known_left: dict[Ref, tf.Tensor] = {}
    known_right: dict[Ref, tf.Tensor] = {}  # the same tensors under the candidate's numbers
    fed = iter(x)
    pairs_by_layer = {id(pair[0][1]): pair for pair in models.layers}
    for number, target in enumerate(pairing.mapping):
        step, counterpart = pairing.reference.steps[number], pairing.candidate.steps[target]
        if not step.inputs:
            results = [next(fed)]
        else:
            left = [known_left[ref] for ref in step.inputs]
            right = [known_right[ref] for ref in counterpart.inputs]
            results = run(models.reference, step, left, training=training)
            rivals = run(models.candidate, counterpart, right, training=training)
            bounds = Bounds(tolerance=tolerance, is_zero=number in models.silence.zero)
            name = pairing.reference.name(step)
            yield from _outputs_of_step(
                name, results, rivals, mode=mode_name(training), bounds=bounds
            )
            if training:
                layers = [models.reference.layers[n] for n in pairing.reference.layers(step)]
                pairs = [pairs_by_layer[id(each)] for each in layers if id(each) in pairs_by_layer]
                yield from compare_states(models, "op state", tolerance, pairs=pairs)
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
