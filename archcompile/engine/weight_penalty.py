"""What the squares of weights cost."""

from typing import Any

from archcompile.recipe import Decay, Recipe


def _is_kernel(variable: Any) -> bool:
    """Whether a weight is of a convolution or a dense layer, and no bias; factors are vectors."""
    return bool(variable.name.endswith("kernel") and len(variable.shape) > 1)


def penalty_factor(variable: Any, recipe: Recipe) -> float:
    """The c of the c * w**2 that a weight adds to the loss.

    With `regularisation: spec` it is the L2 factor of the spec's layer; else half of the weight
    decay.
    """
    regularisation = recipe.regularisation
    if isinstance(regularisation, Decay):
        decays = regularisation.of == "all" or _is_kernel(variable)
        return regularisation.weight_decay / 2 if decays else 0.0
    return float(variable.regularizer.l2) if variable.regularizer is not None else 0.0
