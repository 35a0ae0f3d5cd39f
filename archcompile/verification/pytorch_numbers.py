"""What PyTorch computes, held against what Keras computes with the same weights and images.

The layers that were rebuilt from PyTorch's graph are fed the values within that graph, so that each
is compared alone. The candidate as a whole is held against the network itself, both in float64: in
float32 two frameworks round differently, and depth amplifies that until a mistake could hide.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf

from archcompile.keras_config import Live, Ref, apply, build, make_layers
from archcompile.keras_model import inner_name
from archcompile.torch_graph import CarriedWeight, Translated, run, to_keras, to_torch
from archcompile.verification.judgement import Bounds, judge_arrays, largest
from archcompile.verification.match import Pairing
from archcompile.verification.model_pair import keep_state
from archcompile.verification.random_weights import layer_pairs, random_images
from archcompile.verification.report import Quantity
from archcompile.verification.whole_models import ROUNDING

if TYPE_CHECKING:
    from archcompile.verification.pytorch_side import TorchNetwork

# Fractions of the largest entry: of a single operation in float32, whose sums two frameworks add up
# in other orders, and of a whole network in float64. Some constants are of float32 there, too: the
# gradients of MLP-Mixer differ by 2e-8.
EACH, WHOLE = 1e-5, 1e-6
IMAGES = 4  # that the whole networks are given
MODES = ("inference", "training")
NORM = "BatchNormalization"
Arrays = Mapping[str, np.ndarray]


def compare_with_pytorch(
    network: "TorchNetwork", left: Live, right: Live, *, pairing: Pairing, seed: int
) -> list[Quantity]:
    """Quantities of a comparison with PyTorch.

    `left` are the network's layers rebuilt in Keras, `right` is the candidate with the same
    weights. In training, norms take the statistics of the batch on both sides, and dropout is off.
    Raises ArchError where PyTorch fails.
    """
    translated = network.translated
    rng = np.random.default_rng(seed)
    x = random_images(left.model.inputs[0].shape, rng).astype("float32")
    # By the outputs of the pairing: which of PyTorch's it is, and its shape.
    places = places_of(pairing.reference.net.outputs, translated.net.outputs)
    ends = pairing.candidate.net.outputs
    whole = in_float64(right)
    by_ref = dict(zip(right.net.outputs, keras.tree.flatten(whole.model.outputs), strict=True))
    shapes = [tuple(by_ref[ref].shape[1:]) for ref in ends]
    x = x[:IMAGES]
    targets = [rng.normal(size=(len(x), *shape)).astype("float32") for shape in shapes]
    by_place = dict(zip(places, targets, strict=True))
    answers = run(
        network.reference,
        network.shape,
        state_of(translated, left),
        images=channels_first(x),
        targets=[channels_first(by_place[place]) for place in range(len(places))],
        modes=MODES,
        values=[value.node for value in translated.values.values()],
    )
    quantities = list(_ops(translated, left, x, answers=answers))
    pairs = _variables(translated, left, right, whole=whole, pairing=pairing)
    for mode in MODES:
        with keep_state(whole):
            step = _step(whole, ends, x, targets=targets, mode=mode)
            quantities += _whole(step, answers, places, mode=mode, pairs=pairs)
            if mode == "training":
                quantities += _states(step, answers, pairs)
    return quantities


def places_of(refs: Sequence[Ref], outputs: Sequence[Ref]) -> list[int]:
    """Where tensors stand among outputs, in which one may stand twice."""
    left = list(enumerate(outputs))
    places = []
    for ref in refs:
        place = next(entry for entry in left if entry[1] == ref)
        left.remove(place)
        places.append(place[0])
    return places


def channels_first(values: np.ndarray) -> np.ndarray:
    """(N, H, W, C) as (N, C, H, W); others as they are."""
    return values.transpose(0, 3, 1, 2) if values.ndim == 4 else values


def channels_last(values: np.ndarray) -> np.ndarray:
    """(N, C, H, W) as (N, H, W, C); others as they are."""
    return values.transpose(0, 2, 3, 1) if values.ndim == 4 else values


def state_of(translated: Translated, live: Live) -> dict[str, np.ndarray]:
    """The state dict of PyTorch with the weights of the rebuilt layers.

    What inference does not read is NaN, so that the results tell should it be read all the same.
    """
    shapes = translated.graph.state
    state = {key: np.full(shapes[key], np.nan, "float32") for key in translated.unused}
    for weight in translated.weights:
        values = to_torch(weight, variable_of(live.layers[weight.layer], weight).numpy())
        state[weight.tensor] = np.ascontiguousarray(values, "float32")
    return state


def variable_of(layer: Any, weight: CarriedWeight) -> Any:
    """The variable of a layer that a carried weight is."""
    return next(v for v in layer.variables if inner_name(layer, v) == weight.variable)


# ---- each operation alone ------------------------------------------------------------------------


def _ops(
    translated: Translated, left: Live, x: np.ndarray, *, answers: Arrays
) -> Iterator[Quantity]:
    """Each rebuilt layer, fed what PyTorch computed before it, where that is known."""
    batch = translated.graph.input_shape[0]
    values: dict[Ref, Any] = {}
    for number, call in enumerate(left.net.calls):
        ref = Ref(number, 0)
        if not call.inputs:
            values[ref] = tf.constant(x[:batch])
            continue
        inputs = [values[each] for each in call.inputs]
        (result,) = apply(left.net, left.layers, number, tensors=inputs, training=False)
        values[ref] = result
        known = translated.values.get(ref)
        if known is None:
            continue
        expected = answers[f"op/{known.node}"].transpose(known.order)
        if _without_ones(expected.shape) == _without_ones(result.shape):
            expected = expected.reshape(result.shape)  # a map of one pixel held as a vector
        values[ref] = tf.constant(np.ascontiguousarray(expected))
        yield judge_arrays(
            "op",
            "inference in PyTorch",
            f"{left.net.layers[call.layer].name} ({known.node})",
            reference=expected,
            candidate=result.numpy(),
            bounds=Bounds(tolerance=EACH),
        )


def _without_ones(shape: Sequence[int]) -> list[int]:
    return [size for size in shape if size != 1]


# ---- the whole network ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Carried:
    """A tensor of PyTorch, and the variable and the layer of the candidate that hold it."""

    weight: CarriedWeight
    variable: Any
    layer: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """A pass forwards and backwards through the candidate.

    `gradients` are by the variable's id; `counts` of a norm's id are the numbers that each of its
    statistics was taken of, `before` its moving variance in front of the step.
    """

    outputs: Sequence[np.ndarray]
    gradients: Mapping[int, np.ndarray | None]
    counts: Mapping[int, int]
    before: Mapping[int, np.ndarray]


def _variables(
    translated: Translated, left: Live, right: Live, *, whole: Live, pairing: Pairing
) -> list[_Carried]:
    """Which variable of the candidate in float64 holds which tensor of PyTorch."""
    exact = {id(a): b for a, b in zip(right.layers, whole.layers, strict=True)}
    pairs = layer_pairs(left, right, pairing)
    counterparts = {id(a): exact[id(b)] for (_, a), (_, b) in pairs}
    carried = []
    for weight in translated.weights:
        layer = left.layers[weight.layer]
        counterpart = counterparts[id(layer)]
        place = [id(v) for v in layer.variables].index(id(variable_of(layer, weight)))
        carried.append(
            _Carried(weight=weight, variable=counterpart.variables[place], layer=counterpart)
        )
    return carried


def in_float64(side: Live) -> Live:
    """The same layers with the same weights, in float64."""
    layers = (
        replace(layer, config={**layer.config, "dtype": "float64"}) for layer in side.net.layers
    )
    net, objects = make_layers(replace(side.net, layers=tuple(layers)))
    exact = build(net, objects)
    for source, target in zip(side.layers, exact.layers, strict=True):
        for variable, counterpart in zip(
            getattr(source, "weights", ()), getattr(target, "weights", ()), strict=True
        ):
            counterpart.assign(variable.numpy())
    return exact


def _step(
    side: Live, ends: Sequence[Ref], x: np.ndarray, *, targets: Sequence[np.ndarray], mode: str
) -> _Step:
    """The mean squared distance of the outputs to the targets, and its gradient.

    In training the norms alone are trained: dropout draws other numbers in each framework.
    """
    variables = list(side.model.trainable_variables)
    norms = [layer for layer in side.layers if type(layer).__name__ == NORM]
    before = {id(norm): norm.moving_variance.numpy() for norm in norms}
    counts: dict[int, int] = {}
    values: dict[Ref, Any] = {}
    with tf.GradientTape() as tape:
        for number, call in enumerate(side.net.calls):
            if not call.inputs:
                values[Ref(number, 0)] = tf.constant(x, "float64")
                continue
            layer = side.layers[call.layer]
            is_trained = mode == "training" and type(layer).__name__ == NORM
            tensors = [values[ref] for ref in call.inputs]
            results = apply(side.net, side.layers, number, tensors=tensors, training=is_trained)
            if is_trained:
                counts[id(layer)] = prod(tensors[0].shape[:-1])
            values |= {Ref(number, output): value for output, value in enumerate(results)}
        outputs = [values[ref] for ref in ends]
        distances = [
            tf.reduce_mean((output - target) ** 2)
            for output, target in zip(outputs, targets, strict=True)
        ]
        loss = tf.add_n(distances)
    gradients = tape.gradient(loss, [variable.value for variable in variables])
    by_variable = {
        id(variable): None if gradient is None else tf.convert_to_tensor(gradient).numpy()
        for variable, gradient in zip(variables, gradients, strict=True)
    }
    return _Step(
        outputs=[output.numpy() for output in outputs],
        gradients=by_variable,
        counts=counts,
        before=before,
    )


def _whole(
    step: _Step,
    answers: Arrays,
    places: Sequence[int],
    *,
    mode: str,
    pairs: Sequence[_Carried],
) -> Iterator[Quantity]:
    """Outputs and gradients of the candidate beside those of PyTorch."""
    words = f"{mode} in PyTorch"
    bounds = Bounds(tolerance=WHOLE)
    for place, output in zip(places, step.outputs, strict=True):
        expected = channels_last(answers[f"output/{mode}/{place}"])
        name = f"output {place}"
        yield judge_arrays(
            "output", words, name, reference=expected, candidate=output, bounds=bounds
        )
    trained = [pair for pair in pairs if id(pair.variable) in step.gradients]
    gradients = {pair.weight.tensor: _gradient(pair.weight, answers, mode=mode) for pair in trained}
    floors: dict[int, float] = {}
    for pair in trained:
        level = ROUNDING * largest(gradients[pair.weight.tensor])
        floors[id(pair.layer)] = max(floors.get(id(pair.layer), 0.0), level)
    for pair in trained:
        gradient = step.gradients[id(pair.variable)]
        yield judge_arrays(
            "gradient",
            words,
            pair.weight.tensor,
            reference=gradients[pair.weight.tensor],
            candidate=np.zeros(pair.variable.shape) if gradient is None else gradient,
            bounds=Bounds(tolerance=WHOLE, floor=floors[id(pair.layer)]),
        )


def _gradient(weight: CarriedWeight, answers: Arrays, *, mode: str) -> np.ndarray:
    """PyTorch's gradient as it lies in Keras; zeros where there is none."""
    values = answers.get(f"gradient/{mode}/{weight.tensor}")
    return to_keras(weight, np.zeros(weight.shape) if values is None else values)


def _states(step: _Step, answers: Arrays, pairs: Sequence[_Carried]) -> Iterator[Quantity]:
    """The running statistics behind the step.

    PyTorch takes the unbiased variance of a batch of n numbers, n / (n - 1) times the one that
    Keras takes: so much of what the step added is added here, too.
    """
    for pair in pairs:
        name = f"state/training/{pair.weight.tensor}"
        if id(pair.layer) not in step.counts or pair.variable.trainable:
            continue
        value = pair.variable.numpy().astype("float64")
        if pair.weight.variable == "moving_variance":
            kept = pair.layer.momentum * step.before[id(pair.layer)]
            n = step.counts[id(pair.layer)]
            value = kept + (value - kept) * n / (n - 1)
        yield judge_arrays(
            "state",
            "training in PyTorch",
            pair.weight.tensor,
            reference=answers[name],
            candidate=value,
            bounds=Bounds(tolerance=WHOLE),
        )
