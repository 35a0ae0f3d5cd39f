"""What the values of a row see, and what the body of its block sees in each unit or turn."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from archcompile.spec.expansion import changed_meaning
from archcompile.spec.expansion.row_units import list_overridden
from archcompile.spec.expansion.scope import Scope, Written
from archcompile.spec.expansion.walk_state import State
from archcompile.spec.language import Row
from archcompile.spec.yaml import Tree, submap


def unit_scope(
    state: State,
    row: Row,
    choices: tuple[Tree, ...],
    *,
    written: Written,
    scope: Scope,
    is_stage: bool,
) -> Scope:
    """What the body of a block sees in one unit or turn of a row, apart from its arguments."""
    lasting = partial(_lasting, written=written, state=state, is_stage=is_stage)
    return replace(
        scope,
        block=row.block,
        used_at=row.at,
        rows=(*scope.rows, row.at),
        defaults=(*scope.defaults, lasting(row.defaults)) if row.defaults else scope.defaults,
        nesting=scope.nesting + 1,
        allow=(*scope.allow, *row.allow, *state.spec.blocks[row.block].allow),
        row=row.block if is_stage else scope.row,
        shortcut=lasting(choices[-1]) if choices else scope.shortcut,
        overridden=list_overridden(scope, choices),
        before=changed_meaning.in_body(written.before, scope.unit_env),
    )


def written_for_unit(
    row: Row, unit_env: Mapping[str, int], cursor: str, *, state: State
) -> Written:
    """A stage's row, whose values see the variables, the unit's place and its shape."""
    env = {**state.variables, **unit_env, **state.network.facts(cursor)}
    return Written(tree=row.arguments, env=env, sources=state.sources)


def written_for_turn(row: Row, turn: int, turns: int, *, scope: Scope) -> Written:
    """A block step, whose values see what the list around it sees, and the turn."""
    env = {**scope.env, "turn": turn, "turns": turns}
    is_counted = row.repeat is not None
    before = changed_meaning.in_step(scope, env, turn, turns=turns, counted=is_counted)
    return Written(tree=row.arguments, env=env, sources=scope.sources, before=before)


def written_for_stage(tree: Tree, state: State) -> Written:
    """Defaults or a choice of shortcut of the spec or a stage, which see the variables."""
    return Written(tree=tree, env=state.variables, sources=state.sources)


def _lasting(tree: Tree, *, written: Written, state: State, is_stage: bool) -> Written:
    """Defaults or a choice of shortcut of a row; a block step's see what all its values see."""
    if is_stage:
        return written_for_stage(tree, state)
    before = changed_meaning.in_choice(written.env, state.variables)
    return replace(written, tree=tree, before=before)


def defaults_of_block(name: str, defaults: tuple[Written, ...]) -> dict[str, Written]:
    return {
        key: replace(level, tree=tree)
        for level in defaults
        for key, tree in submap(level.tree, name).items()
    }
