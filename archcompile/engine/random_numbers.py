"""Random numbers that every engine uses alike, drawn on the host by NumPy's Philox.

Each kind of number has a stream of its own: the last word of Philox' counter. Order and mirror
masks, in `epoch_order`, have stream 0.
"""

from hashlib import sha256
from math import prod, sqrt
from typing import Any

import numpy as np

AUGMENTATION, WEIGHTS, PICTURES, MIXING = 1, 2, 3, 4  # streams
DRAWS = 5  # numbers per image: move along both axes, flip, place of the crop along both axes

# The normal distribution is cut at two deviations, which makes its own deviation smaller by this.
CUT = 2.0
CUT_DEVIATION = 0.87962566103423978


def draw_augmentation(seed: int, step: int, count: int) -> np.ndarray:
    """Five numbers in [0, 1) for each image of a step's batch, float32 (count, 5)."""
    return generator_of(seed, step, AUGMENTATION).random((count, DRAWS), np.float32)


def set_flips(numbers: np.ndarray, flips: np.ndarray) -> np.ndarray:
    """The numbers (B, 5), changed so that images are mirrored where `flips` (B,) is true."""
    changed = numbers.copy()
    changed[:, 2] = np.where(flips, 0.0, 1.0)
    return changed


def draw_initial(seed: int, name: str, initializer: Any, *, shape: tuple[int, ...]) -> np.ndarray:
    """The initial value of the weight `name`, float32: the distribution of Keras' `initializer`.

    It depends on nothing else, so two networks of one seed have their equal parts in common.
    """
    kind, settings = type(initializer).__name__, initializer.get_config()
    if kind in ("Zeros", "Ones", "Constant"):
        value = {"Zeros": 0.0, "Ones": 1.0}.get(kind, settings.get("value"))
        return np.full(shape, value, np.float32)
    key = int.from_bytes(sha256(name.encode()).digest()[:8])
    generator = generator_of(seed, key, WEIGHTS)
    if kind == "RandomNormal":
        normal = generator.standard_normal(shape, np.float32)
        return normal * np.float32(settings["stddev"]) + np.float32(settings["mean"])
    if kind == "TruncatedNormal":
        return _cut_normal(generator, shape) * np.float32(settings["stddev"]) + np.float32(
            settings["mean"]
        )
    if kind == "RandomUniform":
        low, high = np.float32(settings["minval"]), np.float32(settings["maxval"])
        return generator.random(shape, np.float32) * (high - low) + low
    if kind == "Orthogonal":
        return _draw_orthogonal(generator, shape) * np.float32(settings["gain"])
    # VarianceScaling, and the named ones derived from it
    return _draw_scaled(generator, shape, initializer)


def _draw_scaled(
    generator: np.random.Generator, shape: tuple[int, ...], initializer: Any
) -> np.ndarray:
    """A weight whose variance follows from its fans (He et al. 2015; Glorot and Bengio 2010)."""
    fan_in, fan_out = _fans(shape)
    fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}
    variance = initializer.scale / max(1.0, fan[initializer.mode])
    if initializer.distribution == "uniform":
        limit = sqrt(3.0 * variance)
        return (generator.random(shape, np.float32) * 2.0 - 1.0) * np.float32(limit)
    if initializer.distribution == "untruncated_normal":
        return generator.standard_normal(shape, np.float32) * np.float32(sqrt(variance))
    return _cut_normal(generator, shape) * np.float32(sqrt(variance) / CUT_DEVIATION)


def _cut_normal(generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Normal numbers, drawn anew where they are more than two deviations away."""
    values = generator.standard_normal(prod(shape), np.float32)
    while len(outside := np.flatnonzero(np.abs(values) > CUT)):
        values[outside] = generator.standard_normal(len(outside), np.float32)
    return values.reshape(shape)


def _draw_orthogonal(generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Columns, or rows where these are fewer, at right angles and of length 1; as a matrix a kernel
    has all axes but the last in its rows (Saxe et al. 2014, section 3).
    """
    rows, columns = prod(shape[:-1]), shape[-1]
    long, short = max(rows, columns), min(rows, columns)
    basis, triangle = np.linalg.qr(generator.standard_normal((long, short), np.float32))
    # all directions are equally likely only with the signs of one of the two factors fixed
    basis *= np.sign(np.diagonal(triangle))
    return (basis if rows >= columns else basis.T).reshape(shape)


def _fans(shape: tuple[int, ...]) -> tuple[float, float]:
    """The inputs of an output, and the outputs of an input, of a kernel (…, inputs, outputs)."""
    if len(shape) < 2:
        size = float(prod(shape))
        return size, size
    window = prod(shape[:-2])
    return float(window * shape[-2]), float(window * shape[-1])


def generator_of(seed: int, key: int, stream: int) -> np.random.Generator:
    """What draws the numbers of a stream."""
    words = np.array([seed, key], np.uint64)
    counter = np.array([0, 0, 0, stream], np.uint64)
    return np.random.Generator(np.random.Philox(key=words, counter=counter))
