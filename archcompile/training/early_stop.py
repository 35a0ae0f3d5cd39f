"""A run that its recipe ends before its last step."""

from archcompile.recipe import Recipe, is_stopped
from archcompile.run_folder import State


def is_stopped_early(state: State, recipe: Recipe) -> bool:
    """Whether the recipe ends a run where its history stands."""
    rule = recipe.early_stop
    if rule is None or state.is_finished or state.step > state.epoch_start:
        return False
    return is_stopped([getattr(row, rule.monitor) for row in state.history], rule)


def is_over(state: State, recipe: Recipe) -> bool:
    """Whether there is nothing left to train."""
    return state.is_finished or is_stopped_early(state, recipe)
