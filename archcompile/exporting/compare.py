"""Whether an exported network computes what the Keras model did."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from archcompile.errors import ArchError

# A fraction of the largest entry of an output: runtimes add up in different orders, and depth
# amplifies that.
TOLERANCE = 1e-4
# The fraction by which some image's output must differ from the mean, or equality says little.
TELLING = 1e-3


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """`difference` is the largest of all outputs, `relative` a fraction of the largest entry.

    `equal` counts images whose outputs are largest in the same place, at every pixel of a map.
    `is_telling`: whether the outputs depend on the image. `is_precise`: whether both programs
    computed in float64.
    """

    images: int
    difference: float
    relative: float
    equal: int
    is_telling: bool
    is_precise: bool = False

    @property
    def is_close(self) -> bool:
        return self.relative <= TOLERANCE


@dataclass(frozen=True, kw_only=True)
class _OutputComparison:
    """`relative` and `spread`, the difference to the mean, are fractions of the largest entry.

    `equal` (images,): whether an image's outputs are largest in the same place.
    """

    difference: float
    relative: float
    spread: float
    equal: np.ndarray


def compare(
    reference: Mapping[str, np.ndarray], exported_outputs: Mapping[str, np.ndarray]
) -> Comparison:
    """Compares outputs by label with the expected ones. Raises ArchError where they differ."""
    result = measure(reference, exported_outputs)
    check_close(result)
    return result


def measure(
    reference: Mapping[str, np.ndarray], exported_outputs: Mapping[str, np.ndarray]
) -> Comparison:
    """How outputs by label compare with the expected ones.

    Raises ArchError where they cannot be compared: for labels, shapes, and what is not finite.
    """
    if reference.keys() != exported_outputs.keys():
        raise ArchError(
            f"outputs of the exported network: expected {', '.join(sorted(reference))}, got "
            f"{', '.join(sorted(exported_outputs))}"
        )
    outputs = []
    for name, expected in reference.items():
        _check_comparable(name, expected, exported_outputs[name])
        outputs.append(_compare_output(expected, exported_outputs[name]))
    equal = np.logical_and.reduce([output.equal for output in outputs])
    images = len(equal)
    return Comparison(
        images=images,
        difference=max(output.difference for output in outputs),
        relative=max(output.relative for output in outputs),
        equal=int(equal.sum()),
        is_telling=min(output.spread for output in outputs) > TELLING,
    )


def check_close(result: Comparison) -> None:
    """Raises ArchError where outputs differ."""
    if not result.is_close:
        raise ArchError(
            f"the exported network differs by {result.difference:.1e}, {result.relative:.1e} of "
            "the largest output; "
            f"{result.equal} of {result.images} images have the same largest output",
            hint="nothing was written; please report it with the spec",
        )


def _check_comparable(name: str, expected: np.ndarray, exported: np.ndarray) -> None:
    if exported.shape != expected.shape:
        raise ArchError(
            f"`{name}` of the exported network: expected shape {expected.shape}, got "
            f"{exported.shape}"
        )
    if not (np.isfinite(expected).all() and np.isfinite(exported).all()):
        raise ArchError(
            f"`{name}` has numbers that are not finite, so nothing can be compared",
            hint="a very deep network overflows with fresh weights; export a trained run",
        )


def _compare_output(expected: np.ndarray, exported: np.ndarray) -> _OutputComparison:
    difference, largest = float(np.abs(expected - exported).max()), float(np.abs(expected).max())
    spread = float(np.abs(expected - expected.mean(0)).max())
    same = expected.argmax(-1) == exported.argmax(-1)
    return _OutputComparison(
        difference=difference,
        relative=difference / largest if largest else difference,
        spread=spread / largest if largest else 0.0,
        equal=same.reshape(len(expected), -1).all(axis=1),
    )
