"""Weights for a comparison: random ones, and their copies.

They are sized so that signals stay moderate at any depth.
"""

import math
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from archcompile.keras_config import Live, Ref, apply, is_channel_scale
from archcompile.keras_model import inner_name
from archcompile.verification.match import Pairing
from archcompile.verification.output_order import ModelsDiffer
from archcompile.verification.run_steps import holders

BATCH = 8  # the batch on which the sizes are measured


def randomise(side: Live, seed: int) -> None:
    """Give every weight a random value other than zero: biases, scales and moving statistics too.

    Freshly built models hide differences, because biases are zero and moving statistics are 0 and
    1. Each layer is sized by what reaches it: kernels so that they neither enlarge nor shrink the
    signal, moving statistics near those of the input, as after training. Nets of any depth then
    neither overflow nor saturate. The same model and seed give the same weights on the same
    machine.
    """
    rng = np.random.default_rng(seed)
    values: dict[Ref, Any] = {}  # what each output of each call holds for a random batch
    filled: set[int] = set()
    readers = side.net.readers()
    for number, call in enumerate(side.net.calls):
        layer = side.layers[call.layer]
        if not call.inputs:
            results = [
                keras.ops.convert_to_tensor(random_images(layer.batch_shape, rng), layer.dtype)
            ]
        else:
            if call.layer not in filled and getattr(layer, "variables", None):
                received = keras.ops.convert_to_numpy(values[call.inputs[0]]).astype("float64")
                # The state of random layers, too, so that the seed settles everything.
                for weight in layer.variables:
                    weight.assign(_random(weight, received, rng, layer=layer))
                filled.add(call.layer)
            results = apply(
                side.net,
                side.layers,
                number,
                tensors=[values[ref] for ref in call.inputs],
                training=False,
            )
        values |= {Ref(number, output): result for output, result in enumerate(results)}
        for ref in call.inputs:
            readers[ref] -= 1
            if not readers[ref]:
                values.pop(ref, None)


def random_images(shape: tuple[int | None, ...], rng: np.random.Generator) -> np.ndarray:
    """A batch of random inputs for an InputLayer of this shape; what is not fixed is 8."""
    return rng.normal(0, 0.5, [BATCH, *(size or BATCH for size in shape[1:])])


def _random(
    weight: keras.Variable, received: np.ndarray, rng: np.random.Generator, *, layer: Any
) -> np.ndarray:
    """Random values for a weight of a layer that reads `received` (batch, …, channels) first."""
    shape = tuple(weight.shape)
    if "int" in str(weight.dtype):
        return rng.integers(1, 100, shape)
    sign: np.ndarray = rng.choice([-1.0, 1.0], shape)
    if (
        weight.name in ("moving_mean", "mean", "moving_variance", "variance")
        and shape == received.shape[-1:]
    ):
        per_channel = tuple(range(received.ndim - 1))
        mean, spread = received.mean(per_channel), received.std(per_channel) + 1e-2
        if weight.name in ("moving_mean", "mean"):
            return np.asarray(mean + spread * sign * rng.uniform(0.05, 0.3, shape))
        return np.asarray(spread**2 * rng.uniform(0.7, 1.4, shape))
    if weight.name == "gamma":
        return rng.uniform(0.7, 1.3, shape)
    if len(shape) < 2 or weight.name == "bias":
        return sign * rng.uniform(0.05, 0.3, shape)
    # Depthwise kernels are (H, W, C, multiplier): each output reads one channel.
    depthwise = isinstance(layer, keras.layers.DepthwiseConv2D) or "depthwise" in weight.name
    fan_in = math.prod(shape[:-2] if depthwise else shape[:-1])
    if isinstance(layer, keras.layers.Conv2DTranspose):  # whose kernels are (H, W, filters, C)
        fan_in = math.prod(shape) // shape[-2]
    power = float(np.mean(received**2))
    # uniform(.2, 1.7) has power 1.09
    return sign * rng.uniform(0.2, 1.7, shape) / math.sqrt(fan_in * max(power, 1e-6))


def copy_weights(reference: Live, candidate: Live, pairing: Pairing) -> None:
    """Copy every variable, the state of random layers included, to the layer in the same place.

    Raises ModelsDiffer where two layers hold different variables.
    """
    for (name, left), (counterpart, right) in layer_pairs(reference, candidate, pairing):
        same_variables(name, left, counterpart, right=right)
        for source, target in zip(left.variables, right.variables, strict=True):
            target.assign(source)


NamedLayer = tuple[str, Any]  # a layer that holds variables, with its name


def layer_pairs(
    reference: Live, candidate: Live, pairing: Pairing
) -> list[tuple[NamedLayer, NamedLayer]]:
    """The layers that hold variables with their counterparts, in the reference's order."""
    return list(_layer_pairs(reference, candidate, pairing))


def _layer_pairs(
    reference: Live, candidate: Live, pairing: Pairing
) -> Iterator[tuple[NamedLayer, NamedLayer]]:
    seen: set[int] = set()
    for step, counterpart in pairing.pairs:
        left = holders(reference, pairing.reference, step)
        right = holders(candidate, pairing.candidate, counterpart)
        if len(left) != len(right):
            raise ModelsDiffer(
                f"the reference's {pairing.reference.label(step)} and the candidate's "
                f"{pairing.candidate.label(counterpart)} do not both hold variables"
            )
        for a, b in zip(left, right, strict=True):
            if id(a[1]) not in seen:
                seen.add(id(a[1]))
                yield a, b


def same_variables(name: str, layer: Any, counterpart: str, *, right: Any) -> None:
    """Raise ModelsDiffer unless the variables of both layers agree in name, shape, type and use."""
    facts, others = _variable_facts(layer), _variable_facts(right)
    if facts != others:
        both = f"the reference's `{name}` and the candidate's `{counterpart}`"
        raise ModelsDiffer(
            f"{both} hold different variables (name, shape, type, trainable): {facts} and {others}"
        )


def _variable_facts(layer: Any) -> list[tuple[str, tuple[int, ...], str, bool]]:
    """A LayerScale stands for a layer whose one variable is a kernel."""
    is_scale = is_channel_scale(layer)
    return [
        (
            "kernel" if is_scale else inner_name(layer, variable),
            tuple(variable.shape),
            str(variable.dtype),
            variable.trainable,
        )
        for variable in layer.variables
    ]
