"""Warnings and remarks about a recipe, as `archc recipe lint` prints them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from archcompile.errors import Diagnostic
from archcompile.recipe.codes import REMARKS
from archcompile.recipe.lint_checks import CHECKS
from archcompile.recipe.lint_subject import LintSubject
from archcompile.recipe.model import Recipe
from archcompile.recipe.network_parts import check_parts
from archcompile.recipe.rates import pace_on
from archcompile.spec.yaml import Map

if TYPE_CHECKING:
    from archcompile.graph import LayerGraph

# codes that may go unreported without a network, or without the number of images
WITH_SPEC = ("decay-halves-l2", "l2-is-twice-decay", "decay-through-adam", "averages-lag")
WITH_IMAGES = ("boundary-after-end", "warmup-outlasts-run", "plateau-never-fires", "averages-lag")


def lint(
    recipe: Recipe, tree: Map, graph: "LayerGraph | None" = None, *, images: int | None = None
) -> list[Diagnostic]:
    """Warnings and remarks (severity `note`) about a recipe, in the order of its lines.

    What `allow` names is a note too. The network it is for, and the number of training images, make
    more checks possible. Raises UsageError where these are fewer than the recipe keeps for
    validation, SpecError at a part that the network does not have.
    """
    if graph is not None:
        check_parts(recipe, tree, graph)
    about = LintSubject(
        recipe=recipe,
        tree=tree,
        graph=graph,
        images=images,
        pace=None if images is None else pace_on(recipe, images),
    )
    warnings = [warning for check in CHECKS for warning in check(about)]
    warnings += _unused_allow(about, {warning.code for warning in warnings})
    graded = (_grade(warning, recipe) for warning in warnings)
    return sorted(graded, key=lambda item: item.location)


def _grade(warning: Diagnostic, recipe: Recipe) -> Diagnostic:
    """A warning; as a note where it is true of good recipes too or the recipe allows it."""
    if warning.code in recipe.allow:
        message = f"{warning.message} (meant, says `allow`)"
        return replace(warning, severity="note", message=message)
    return replace(warning, severity="note") if warning.code in REMARKS else warning


def _unused_allow(about: LintSubject, given: set[str]) -> Iterator[Diagnostic]:
    unknown = (*(() if about.graph else WITH_SPEC), *(() if about.pace else WITH_IMAGES))
    for i, code in enumerate(about.recipe.allow):
        if code not in (*given, *unknown, "unused-allow"):
            yield about.warn(
                "unused-allow",
                ("allow", i),
                message=f"`allow: [{code}]` silences nothing",
                hint="remove it",
            )
