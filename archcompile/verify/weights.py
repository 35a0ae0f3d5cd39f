"""Weights for a comparison: random everywhere, sized so that signals stay moderate at any depth, and copied over."""

import math
from collections.abc import Mapping

import keras
import numpy as np

from archcompile.verify.wiring import ModelsDiffer, Place, layer_order

PICTURES = 8  # the batch on which the sizes are measured


def randomise(model: keras.Model, seed: int) -> None:
    """Give every weight a random value other than zero: biases, scales and moving statistics too.

    Freshly built models hide differences, because biases are zero and moving statistics are 0 and 1. Each layer is
    sized by what reaches it: kernels so that they neither enlarge nor shrink the signal, moving statistics near those
    of the input, as after training. Nets of any depth then neither overflow nor saturate. The same model and seed give
    the same weights on the same machine.
    """
    rng = np.random.default_rng(seed)
    values: dict[int, keras.KerasTensor] = {}  # id of a symbolic tensor -> what it holds for a random batch
    for place in layer_order(model):
        layer = place.layer
        outputs = keras.tree.flatten(place.node.output_tensors)
        if not place.inputs:
            shape = [PICTURES if size is None else size for size in outputs[0].shape]
            values[id(outputs[0])] = keras.ops.convert_to_tensor(rng.normal(0, 0.5, shape), outputs[0].dtype)
            continue
        received = keras.ops.convert_to_numpy(values[id(place.node.input_tensors[0])]).astype("float64")
        for weight in layer.weights:
            weight.assign(_random(weight, received, rng))
        args, kwargs = place.node.arguments.fill_in(values)
        results = keras.tree.flatten(layer(*args, **kwargs | {"training": False}))
        values |= {id(symbol): result for symbol, result in zip(outputs, results, strict=True)}


def _random(weight: keras.Variable, received: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Random values for one weight of a layer whose first input is `received` (batch, …, channels)."""
    shape = tuple(weight.shape)
    sign: np.ndarray = rng.choice([-1.0, 1.0], shape)
    if weight.name in ("moving_mean", "moving_variance") and shape == received.shape[-1:]:
        per_channel = tuple(range(received.ndim - 1))
        mean, spread = received.mean(per_channel), received.std(per_channel) + 1e-2
        if weight.name == "moving_mean":
            return np.asarray(mean + spread * sign * rng.uniform(0.05, 0.3, shape))
        return np.asarray(spread**2 * rng.uniform(0.7, 1.4, shape))
    if weight.name == "gamma":
        return rng.uniform(0.7, 1.3, shape)
    if len(shape) < 2:
        return sign * rng.uniform(0.05, 0.3, shape)
    depthwise = "depthwise" in weight.name  # (H, W, C, multiplier): each output reads one channel
    fan_in = math.prod(shape[:-2] if depthwise else shape[:-1])
    power = float(np.mean(received**2))
    return sign * rng.uniform(0.2, 1.7, shape) / math.sqrt(fan_in * max(power, 1e-6))  # uniform(.2, 1.7) has power 1.09


def copy_weights(reference: keras.Model, candidate: keras.Model, mapping: Mapping[str, str]) -> None:
    """Copy every variable, the state of random layers included, to the layer that `mapping` names.

    Raises ModelsDiffer where two layers hold different variables.
    """
    for ours, theirs in pairs(reference, candidate, mapping):
        same_variables(ours, theirs)
        for source, target in zip(ours.layer.variables, theirs.layer.variables, strict=True):
            target.assign(source)


def pairs(reference: keras.Model, candidate: keras.Model, mapping: Mapping[str, str]) -> list[tuple[Place, Place]]:
    """Each layer of the reference with its counterpart, every layer behind those it reads."""
    counterpart = {place.layer.name: place for place in layer_order(candidate)}
    return [(place, counterpart[mapping[place.layer.name]]) for place in layer_order(reference)]


def same_variables(ours: Place, theirs: Place) -> None:
    """Raise ModelsDiffer unless the variables of both layers agree in name, shape, type and use."""
    one, other = (
        [(v.name, tuple(v.shape), str(v.dtype), v.trainable) for v in place.layer.variables] for place in (ours, theirs)
    )
    if one != other:
        both = f"the reference's {ours.label} and the candidate's {theirs.label}"
        raise ModelsDiffer(f"{both} hold different variables (name, shape, type, trainable): {one} and {other}")
