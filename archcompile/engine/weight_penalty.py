"""What the sizes of weights cost."""

from dataclasses import dataclass
from typing import Any

from archcompile.recipe import Decay, Recipe


@dataclass(frozen=True, slots=True)
class PenaltyFactors:
    """What a weight w adds to the loss: l1 * |w| + l2 * w**2.

    `decay` adds nothing: each step takes the rate times `decay` * w off the weight.
    """

    l1: float = 0.0
    l2: float = 0.0
    decay: float = 0.0


def penalty_factors(variable: Any, recipe: Recipe) -> PenaltyFactors:
    """What a weight costs.

    With `regularisation: spec` it is the L1 and L2 of the spec's layer; else half of the weight
    decay, or the decay itself where it is decoupled.
    """
    regularisation, regularizer = recipe.regularisation, variable.regularizer
    if isinstance(regularisation, Decay):
        if regularisation.of == "kernels" and not _is_kernel(variable):
            return PenaltyFactors()
        if regularisation.decoupled:
            return PenaltyFactors(decay=regularisation.weight_decay)
        return PenaltyFactors(l2=regularisation.weight_decay / 2)
    return PenaltyFactors(*(float(getattr(regularizer, name, 0.0)) for name in ("l1", "l2")))


def _is_kernel(variable: Any) -> bool:
    """Whether a weight is of a convolution or a dense layer, and no bias; factors are vectors."""
    return bool(variable.name.endswith("kernel") and len(variable.shape) > 1)
