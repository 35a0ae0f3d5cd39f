"""The loss of a recipe, what weights cost, and what is measured, in words."""

from archcompile.recipe.loss_settings import Loss
from archcompile.recipe.metric_names import metric_words
from archcompile.recipe.model import Recipe
from archcompile.recipe.rates import Pace
from archcompile.recipe.sections import Decay

KINDS = {
    None: "cross-entropy, as the head takes it",
    "categorical": "cross-entropy of one class of several",
    "binary": "binary cross-entropy, each class by itself",
}


def loss_words(recipe: Recipe, pace: Pace) -> str:
    focal = recipe.loss.focal
    if focal is None:
        return KINDS[recipe.loss.kind]
    alpha = "" if focal.alpha is None else f", alpha {focal.alpha:g}"
    return f"{KINDS[recipe.loss.kind]}; focal, gamma {focal.gamma:g}{alpha}"


def class_weight_words(recipe: Recipe, pace: Pace) -> str:
    return _weight_words(recipe.loss)


def _weight_words(loss: Loss) -> str:
    weights = loss.class_weights
    if weights is None:
        return "all count alike"
    if isinstance(weights, str):
        return "balanced: each class counts alike"
    return ", ".join(f"{name} {weight:g}" for name, weight in weights.items()) or "all count alike"


def distill_words(recipe: Recipe, pace: Pace) -> str:
    rule = recipe.distill
    if rule is None:
        return "none"
    return f"{rule.weight:g} of the loss from {rule.teacher}, temperature {rule.temperature:g}"


def measured_words(recipe: Recipe, pace: Pace) -> str:
    names = ["loss", "accuracy", *map(metric_words, recipe.metrics)]
    return ", ".join(names)


def regularisation_words(recipe: Recipe, pace: Pace) -> str:
    rule = recipe.regularisation
    return decay_words(rule) if isinstance(rule, Decay) else "the spec's L2"


def decay_words(rule: Decay) -> str:
    all_weights = "all weights, also biases and the scales and offsets of norms"
    which = "kernels" if rule.of == "kernels" else all_weights
    what = "decoupled weight decay" if rule.decoupled else "weight decay"
    return f"{what} {rule.weight_decay:g} of {which}, instead of the spec's L2"
