"""What a card can do at most: a large product of matrices in bfloat16, and a large copy.

    python benchmarks/on_gpu/rates.py FRAMEWORK DEVICE SIDE BYTES

prints one line of JSON: operations and bytes a second, the most of a few turns. The copy adds one
to each of its numbers, so that no compiler leaves it out; what it reads and what it writes both
count. The frameworks are measured each in a process of its own.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

TURNS, WORKS = 5, 20  # the works of a turn are waited for together


@dataclass(frozen=True, kw_only=True)
class Works:
    """A product of matrices, a copy and how to wait for what they return; `built` says by what."""

    multiply: Callable[[], Any]
    copy: Callable[[], Any]
    wait: Callable[[Any], Any]
    built: str


def works_of_jax(device: str, side: int, numbers: int) -> Works:
    import jax
    import jax.numpy as jnp

    where = jax.devices(device)[0]
    with jax.default_device(where):
        matrix = jnp.ones((side, side), jnp.bfloat16)
        source = jnp.zeros(numbers, jnp.float32)
    multiply, copy = jax.jit(jnp.matmul), jax.jit(lambda x: x + 1)
    return Works(
        multiply=lambda: multiply(matrix, matrix),
        copy=lambda: copy(source),
        wait=jax.block_until_ready,
        built=f"jax {jax.__version__}, {where.device_kind}",
    )


def works_of_torch(device: str, side: int, numbers: int) -> Works:
    import torch

    where = torch.device("cuda" if device == "gpu" else "cpu")
    matrix = torch.ones(side, side, dtype=torch.bfloat16, device=where)
    source = torch.zeros(numbers, device=where)
    product, target = torch.empty_like(matrix), torch.empty_like(source)
    is_card = where.type == "cuda"
    name = torch.cuda.get_device_name() if is_card else "cpu"
    return Works(
        multiply=lambda: torch.mm(matrix, matrix, out=product),
        copy=lambda: torch.add(source, 1, out=target),
        wait=lambda _: torch.cuda.synchronize() if is_card else None,
        built=f"torch {torch.__version__}, {name}",
    )


def works_of_tensorflow(device: str, side: int, numbers: int) -> Works:
    from archcompile.quiet import load_tensorflow

    tf = load_tensorflow()
    if not tf.config.list_physical_devices(device.upper()):
        raise RuntimeError(f"TensorFlow sees no {device.upper()}")
    with tf.device(f"{device.upper()}:0"):
        matrix = tf.ones((side, side), tf.bfloat16)
        source = tf.zeros(numbers)

    def multiply() -> Any:
        with tf.device(f"{device.upper()}:0"):
            return tf.matmul(matrix, matrix)

    def copy() -> Any:
        with tf.device(f"{device.upper()}:0"):
            return source + 1

    return Works(
        multiply=multiply,
        copy=copy,
        wait=lambda result: result[..., :1].numpy(),
        built=f"tensorflow {tf.__version__}, {device.upper()}",
    )


FRAMEWORKS: dict[str, Callable[[str, int, int], Works]] = {
    "jax": works_of_jax,
    "torch": works_of_torch,
    "tensorflow": works_of_tensorflow,
}


def least_seconds(work: Callable[[], Any], wait: Callable[[Any], Any]) -> float:
    """The least seconds that a work takes, of a few turns."""
    wait(work())
    turns = []
    for _ in range(TURNS):
        began = time.perf_counter()
        for _ in range(WORKS):
            result = work()
        wait(result)
        turns.append((time.perf_counter() - began) / WORKS)
    return min(turns)


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Operations of bfloat16 and bytes, a second."""

    operations_per_second: float
    bytes_per_second: float
    built: str


def measure(framework: str, device: str, side: int, *, copied: int) -> Rates:
    works = FRAMEWORKS[framework](device, side, copied // 4)
    return Rates(
        operations_per_second=2 * side**3 / least_seconds(works.multiply, works.wait),
        bytes_per_second=2 * copied / least_seconds(works.copy, works.wait),
        built=works.built,
    )


def main() -> None:
    framework, device, side, copied = sys.argv[1:]
    print(json.dumps(asdict(measure(framework, device, int(side), copied=int(copied)))))


if __name__ == "__main__":
    main()
