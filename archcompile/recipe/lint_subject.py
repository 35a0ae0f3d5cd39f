"""What the checks of a recipe look at: the recipe, where it was written, and what else is known."""

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from archcompile.errors import Diagnostic, plural
from archcompile.recipe.codes import Code
from archcompile.recipe.model import Recipe
from archcompile.recipe.rates import Pace
from archcompile.recipe.resolved import place
from archcompile.recipe.schedules import Unit
from archcompile.spec.yaml import Map, Tree

if TYPE_CHECKING:
    from archcompile.graph import LayerGraph


@dataclass(frozen=True, slots=True, kw_only=True)
class LintSubject:
    """A recipe and the tree it was read from.

    Where known, also the network, the number of training images and the pace of training.
    """

    recipe: Recipe
    tree: Map
    graph: "LayerGraph | None"
    images: int | None
    pace: Pace | None

    def end(self, unit: Unit) -> int | None:
        """Where the run ends, in steps or epochs begun; None if that depends on an unknown pace.

        Steps without a pace are at most as many epochs, since each epoch has one at least.
        """
        given = self.recipe.epochs if unit == "epochs" else self.recipe.steps
        if given is not None:
            return given
        if self.pace is None:
            return self.recipe.steps
        if unit == "steps":
            return self.pace.total
        epochs_begun = ceil(self.pace.total / self.pace.epoch)
        return epochs_begun

    def length(self, unit: Unit) -> str:
        """`end` in words, with the pace it depends on."""
        end = self.end(unit)
        if unit == "epochs" and self.recipe.epochs is None and self.pace is None:
            steps, epochs = plural(f"{end:,}", "step"), plural(f"{end:,}", "epoch")
            return f"the run has {steps}, and so {epochs} at most"
        given = self.recipe.epochs if unit == "epochs" else self.recipe.steps
        pace = f" (at {self.pace.epoch:,} steps per epoch)" if given is None and self.pace else ""
        return f"the run has {plural(f'{end:,}', unit[:-1])}{pace}"

    def has_key(self, *path: str) -> bool:
        tree: Tree | None = self.tree
        for part in path:
            tree = tree.get(part) if isinstance(tree, Map) else None
        return tree is not None

    def warn(
        self, code: Code, path: tuple[str | int, ...], *, message: str, hint: str
    ) -> Diagnostic:
        """A warning at the place of a key."""
        return Diagnostic(
            code=code,
            message=message,
            location=place(self.tree, *path),
            hint=hint,
            severity="warning",
        )
