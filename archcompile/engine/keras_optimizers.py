"""The optimizer a recipe asks for."""

from collections.abc import Sequence
from typing import Any

from archcompile.engine.weight_costs import WeightFactors
from archcompile.quiet import load_keras
from archcompile.recipe import Recipe


def make_optimizer(
    recipe: Recipe, weights: Sequence[Any] = (), factors: Sequence[WeightFactors] = ()
) -> Any:
    """A Keras optimizer with the recipe's settings, whose learning rate each step sets.

    It is built for the weights, if there are any; `factors`, one for each, say which decay, and
    their rates. In float16 it scales the loss.
    """
    optimizers = load_keras().optimizers
    # only now: they are classes of Keras, which must have been started
    from archcompile.engine.lamb import Lamb
    from archcompile.engine.muon import Muon
    from archcompile.engine.part_rates import with_part_rates
    from archcompile.engine.rmsprop import RMSprop

    kinds = {
        "adam": optimizers.Adam,
        "lamb": Lamb,
        "lion": optimizers.Lion,
        "muon": Muon,
        "rmsprop": RMSprop,
        "sgd": optimizers.SGD,
    }
    values = recipe.optimizer.model_dump(exclude={"kind"})
    kind = kinds[recipe.optimizer.kind]
    rates = [each.rate for each in factors]
    optimizer = kind(**values) if set(rates) <= {1.0} else with_part_rates(kind, rates)(**values)
    _set_decay(optimizer, weights, factors)
    if recipe.precision == "mixed_float16":
        optimizer = optimizers.LossScaleOptimizer(optimizer)
    if weights:
        optimizer.build(weights)
    return optimizer


def _set_decay(optimizer: Any, weights: Sequence[Any], factors: Sequence[WeightFactors]) -> None:
    """The decay of those that decay, which all have the same."""
    decays = {each.decay for each in factors} - {0.0}
    if not decays:
        return
    (optimizer.weight_decay,) = decays
    pairs = zip(weights, factors, strict=True)
    optimizer.exclude_from_weight_decay([weight for weight, each in pairs if not each.decay])
