"""The parts of a map that a `split` names: so many channels each, or equally many."""

from archcompile.errors import SpecError
from archcompile.ops import Op, SliceChannels, show
from archcompile.spec.check import evaluate_from, mistakes_at_source
from archcompile.spec.expansion.scope import Scope, misfit
from archcompile.spec.expansion.walk_state import State, value_in_scope
from archcompile.spec.expressions import whole
from archcompile.spec.language import Step
from archcompile.spec.yaml import Tree


def slices_of(state: State, step: Step, start: str, *, scope: Scope) -> dict[str, Op]:
    """An op for each part of the map at `start`. Raises SpecError where the parts do not fit."""
    channels = state.network.shape(start)[-1]
    sizes = _sizes(state, step, channels, scope=scope)
    if sum(sizes.values()) != channels:
        raise _misfit(
            step,
            scope,
            f"the parts have {sum(sizes.values())} channels together, the map has {channels}: "
            f"{show(state.network.shape(start))}",
        )
    slices: dict[str, Op] = {}
    first = 0
    for name, size in sizes.items():
        slices[name] = SliceChannels(start=first, channels=size)
        first += size
    return slices


def _sizes(state: State, step: Step, channels: int, *, scope: Scope) -> dict[str, int]:
    """The channels of each part."""
    parts = step.parts or {}
    written = {name: tree for name, tree in parts.items() if tree is not None}
    if written:
        return {name: _size(state, tree, name, scope=scope) for name, tree in written.items()}
    if channels % len(parts):
        raise _misfit(step, scope, f"{len(parts)} equal parts do not fit {channels} channels")
    return dict.fromkeys(parts, channels // len(parts))


def _size(state: State, tree: Tree, name: str, *, scope: Scope) -> int:
    state.note_value(value_in_scope(tree, scope), scope, scope.allow)
    value = evaluate_from(tree, scope.env, scope.sources)
    with mistakes_at_source(tree, scope.sources):
        return whole(value, tree, f"the part '{name}'", least=1, entries=state.entries)


def _misfit(step: Step, scope: Scope, message: str) -> SpecError:
    return misfit("shape-mismatch", f"split: {message}", step.at, used_at=scope.used_at)
