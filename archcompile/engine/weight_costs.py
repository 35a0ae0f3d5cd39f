"""What the sizes of weights cost, and how long their steps are."""

from dataclasses import dataclass, replace
from typing import Any

from archcompile.graph import LayerGraph
from archcompile.keras_model import calls
from archcompile.recipe import Decay, Recipe

PART_RATE = "part_rate"  # an attribute of variables, beside Keras' `regularizer`


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightFactors:
    """What a weight w adds to the loss: l1 * |w| + l2 * w**2.

    `decay` adds nothing: each step takes the rate times `decay` * w off the weight. The weight's
    own rate is `rate` times that of the step.
    """

    l1: float = 0.0
    l2: float = 0.0
    decay: float = 0.0
    rate: float = 1.0


def weight_factors(variable: Any, recipe: Recipe) -> WeightFactors:
    """What a weight costs, and its rate, which `set_part_rates` has given it.

    With `regularisation: spec` it is the L1 and L2 of the spec's layer; else half of the weight
    decay, or the decay itself where it is decoupled.
    """
    return replace(_penalty(variable, recipe), rate=rate_of(variable))


def rate_of(variable: Any) -> float:
    """The multiple of the rate that a variable's steps have."""
    return float(getattr(variable, PART_RATE, 1.0))


def set_part_rates(model: Any, graph: LayerGraph, recipe: Recipe) -> None:
    """Gives the weights of parts of a network the multiples of the rate that the recipe says."""
    for call in calls(graph) if recipe.part_rates else ():
        rate = recipe.part_rates.get(call.node.origin.part)
        if rate is not None and not call.is_function:
            for variable in model.get_layer(call.name).trainable_variables:
                setattr(variable, PART_RATE, rate)


def _penalty(variable: Any, recipe: Recipe) -> WeightFactors:
    regularisation, regularizer = recipe.regularisation, variable.regularizer
    if isinstance(regularisation, Decay):
        if regularisation.of == "kernels" and not _is_kernel(variable):
            return WeightFactors()
        if regularisation.decoupled:
            return WeightFactors(decay=regularisation.weight_decay)
        return WeightFactors(l2=regularisation.weight_decay / 2)
    l1, l2 = (float(getattr(regularizer, name, 0.0)) for name in ("l1", "l2"))
    return WeightFactors(l1=l1, l2=l2)


def _is_kernel(variable: Any) -> bool:
    """Whether a weight is of a convolution or a dense layer, and no bias; factors are vectors."""
    return bool(variable.name.endswith("kernel") and len(variable.shape) > 1)
