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
    `telling`: whether the outputs depend on the image.
    """

    images: int
    difference: float
    relative: float
    equal: int
    telling: bool


def compare(
    reference: Mapping[str, np.ndarray], exported_outputs: Mapping[str, np.ndarray]
) -> Comparison:
    """Compares outputs by label with the expected ones. Raises ArchError where they differ."""
    if reference.keys() != exported_outputs.keys():
        raise ArchError(
            f"the exported network outputs {', '.join(sorted(exported_outputs))}, not "
            f"{', '.join(sorted(reference))}"
        )
    differences, relatives, spreads = [], [], []
    images = len(next(iter(reference.values())))
    equal = np.ones(images, bool)
    for name, right in reference.items():
        exported = exported_outputs[name]
        if exported.shape != right.shape:
            raise ArchError(
                f"`{name}` of the exported network has shape {exported.shape}, not {right.shape}"
            )
        if not (np.isfinite(right).all() and np.isfinite(exported).all()):
            raise ArchError(
                f"`{name}` has numbers that are not finite, so nothing can be compared",
                hint="a very deep network overflows with fresh weights; export a trained run",
            )
        difference, largest = float(np.abs(right - exported).max()), float(np.abs(right).max())
        differences.append(difference)
        relatives.append(difference / largest if largest else difference)
        spreads.append(float(np.abs(right - right.mean(0)).max()) / largest if largest else 0.0)
        same = right.argmax(-1) == exported.argmax(-1)
        equal &= same.reshape(images, -1).all(axis=1)
    result = Comparison(
        images=images,
        difference=max(differences),
        relative=max(relatives),
        equal=int(equal.sum()),
        telling=min(spreads) > TELLING,
    )
    if result.relative > TOLERANCE:
        raise ArchError(
            f"the exported network differs by {result.difference:.1e}, {result.relative:.1e} of "
            "the largest output; "
            f"{result.equal} of {images} images have the same largest output",
            hint="nothing was written; please report it with the spec",
        )
    return result
