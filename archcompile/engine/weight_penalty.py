"""What the sizes of weights cost."""

from dataclasses import dataclass
from typing import Any

from archcompile.recipe import Decay, Recipe


@dataclass(frozen=True, slots=True)
class PenaltyFactors:
    """What a weight w adds to the loss: l1 * |w| + l2 * w**2."""

    l1: float = 0.0
    l2: float = 0.0


def penalty_factors(variable: Any, recipe: Recipe) -> PenaltyFactors:
    """What a weight costs.

    With `regularisation: spec` it is the L1 and L2 of the spec's layer; else half of the weight
    decay.
    """
    regularisation, regularizer = recipe.regularisation, variable.regularizer
    if isinstance(regularisation, Decay):
        decays = regularisation.of == "all" or _is_kernel(variable)
        return PenaltyFactors(l2=regularisation.weight_decay / 2 if decays else 0.0)
    return PenaltyFactors(*(float(getattr(regularizer, name, 0.0)) for name in ("l1", "l2")))


def _is_kernel(variable: Any) -> bool:
    """Whether a weight is of a convolution or a dense layer, and no bias; factors are vectors."""
    return bool(variable.name.endswith("kernel") and len(variable.shape) > 1)
