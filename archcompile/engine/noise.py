"""Noise that the device draws: the same under every framework, since it is a hash of places.

A number for each pixel of each image would be too much to draw on the host.
"""

from math import pi, prod
from typing import Any

from archcompile.quiet import load_keras

Tensor = Any
# a mixing function of 32 bits: two multiplications and three shifts, found by search (Wellons 2018,
# "Prospecting for hash functions", lowbias32)
MULTIPLIERS, SHIFTS = (0x7FEB352D, 0x846CA68B), (16, 15, 16)
BITS = 24  # of a hash that become a number in [0, 1)


def draw_noise(seeds: Tensor, shape: tuple[int, int, int]) -> Tensor:
    """Normal numbers, float32 (B, H, W, C), by the seed of each image, (B, 1) whole numbers."""
    ops, count = load_keras().ops, prod(shape)
    places = ops.cast(ops.arange(2 * count, dtype="int32"), "uint32")[None]
    hashes = _hash(ops.bitwise_xor(places, _hash(ops.cast(seeds, "uint32"))))
    bits = ops.cast(ops.right_shift(hashes, ops.cast(32 - BITS, "uint32")), "float32")
    uniform = ops.reshape(bits * 2.0**-BITS, (-1, 2, *shape))
    radius = ops.sqrt(-2.0 * ops.log1p(-uniform[:, 0]))  # Box and Muller 1958
    return radius * ops.cos(2.0 * pi * uniform[:, 1])


def _hash(values: Tensor) -> Tensor:
    """Unsigned numbers of 32 bits, mixed."""
    ops = load_keras().ops
    for shift, multiplier in zip(SHIFTS, (*MULTIPLIERS, 1), strict=True):
        values = ops.bitwise_xor(values, ops.right_shift(values, ops.cast(shift, "uint32")))
        values = values * ops.cast(multiplier, "uint32")
    return values
