"""How fast a device convolves in each format: the time of a convolution, forward and back."""

import time
from collections.abc import Callable
from typing import Any

from archcompile.quiet import load_tensorflow

REPEATS = 5
IMAGES, SIDE, CHANNELS = 32, 32, 64  # of the convolution that is timed
LONG = 2.0  # seconds, beyond which one image stands for all of them


def convolution_seconds(device: str, dtype: str) -> float:
    """The least seconds that a 3x3 convolution takes, forward and back.

    Where that is long, it is estimated from a single image.
    """
    estimate = IMAGES * _least_seconds(device, dtype, images=1, repeats=1)
    if estimate > LONG:
        return estimate
    return _least_seconds(device, dtype, images=IMAGES, repeats=REPEATS)


def _least_seconds(device: str, dtype: str, *, images: int, repeats: int) -> float:
    """The least seconds for so many images, the first time not counted."""
    tf = load_tensorflow()
    with tf.device(device):
        pixels = tf.cast(tf.random.stateless_normal([images, SIDE, SIDE, CHANNELS], [0, 0]), dtype)
        kernel = tf.cast(tf.random.stateless_normal([3, 3, CHANNELS, CHANNELS], [0, 1]), dtype)

        def both_ways() -> Any:
            with tf.GradientTape() as tape:
                tape.watch([pixels, kernel])
                out = tf.nn.conv2d(pixels, kernel, 1, "SAME")
            return tape.gradient(out, [pixels, kernel])

        run = tf.function(both_ways)

        def run_and_wait() -> None:
            for gradient in run():
                gradient.numpy()

        run()
        return min(measure_seconds(run_and_wait) for _ in range(repeats))


def measure_seconds(work: Callable[[], Any]) -> float:
    """Seconds that a piece of work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
