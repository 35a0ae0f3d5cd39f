"""Two recipes, part by part, in words; and value by value."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from archcompile.recipe.descriptions import PARTS
from archcompile.recipe.loss_words import decay_words
from archcompile.recipe.model import Recipe
from archcompile.recipe.rates import pace_on
from archcompile.recipe.sections import Decay
from archcompile.recipe.spec_l2 import layer_count, spec_l2

if TYPE_CHECKING:
    from archcompile.graph import LayerGraph

NAMES = {"archc", "name", "about", "allow"}  # keys that say nothing about training


@dataclass(frozen=True, slots=True, kw_only=True)
class PartDifference:
    """A part in which two recipes differ, in words; `note` says what the words alone do not."""

    group: str
    part: str
    a: str
    b: str
    note: str = ""


def differences(
    a: Recipe, b: Recipe, images: int, *, graph: "LayerGraph | None" = None
) -> list[PartDifference]:
    """How two recipes differ on so many training images, and for a network if one is given.

    Raises UsageError where there are fewer images than one of them keeps for validation.
    """
    paces = pace_on(a, images), pace_on(b, images)
    parts_differing = []
    for group, parts in PARTS.items():
        for part, words in parts.items():
            words_a, words_b = words(a, paces[0]), words(b, paces[1])
            if words_a != words_b:
                parts_differing.append(PartDifference(group=group, part=part, a=words_a, b=words_b))
    return [
        _with_strength(item, a, b, graph=graph) if item.part == "L2" else item
        for item in parts_differing
    ]


def _with_strength(
    difference: PartDifference, a: Recipe, b: Recipe, *, graph: "LayerGraph | None"
) -> PartDifference:
    """The difference in L2 with how strongly each pulls: Keras' `l2: d` is a weight decay of 2d."""
    rules = [recipe.regularisation for recipe in (a, b)]
    (decay, *more) = [rule.weight_decay for rule in rules if isinstance(rule, Decay)]
    if more:
        return difference
    if graph is None:
        note = (
            f"a spec's `l2: {decay:g}` is a weight decay of {2 * decay:g}, twice as strong as "
            f"one of {decay:g}"
        )
        return replace(difference, note=note if decay else "")
    of_spec = spec_l2(graph)
    parts = [
        f"l2: {l2:g} in {layer_count(nodes)} = weight decay {2 * l2:g}"
        for l2, nodes in of_spec.items()
    ]
    l2_words = f"the L2 of {graph.name}: {'; '.join(parts) or 'none'}"
    words_a, words_b = (
        decay_words(rule) if isinstance(rule, Decay) else l2_words for rule in rules
    )
    ratios = [2 * l2 / decay for l2 in of_spec] if decay else []
    note = ""
    if len(ratios) == 1:
        note = f"the spec's L2 is {ratios[0]:.4g} times as strong as the weight decay"
    return replace(difference, a=words_a, b=words_b, note=note)


def values(a: Recipe, b: Recipe) -> list[tuple[str, Any, Any]]:
    """(dotted path, value of `a`, value of `b`) wherever they differ; None stands for no value."""
    left, right = (dict(leaves(recipe.model_dump(mode="json", exclude=NAMES))) for recipe in (a, b))
    paths = dict.fromkeys([*left, *right])
    return [
        (path, left.get(path), right.get(path))
        for path in paths
        if left.get(path) != right.get(path)
    ]


def leaves(value: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """(dotted path, value) of all that is no map itself."""
    for key, inner in value.items():
        if isinstance(inner, dict):
            yield from leaves(inner, f"{path}{key}.")
        else:
            yield f"{path}{key}", inner
