"""What a row must keep to while a spec is written out, and where its mistakes are explained."""

from dataclasses import replace

from archcompile.errors import Diagnostic, Location, SpecError
from archcompile.limits import MAX_BLOCK_DEPTH
from archcompile.spec.expansion.scope import MORE_NODES, Scope, misfit
from archcompile.spec.expansion.walk_state import State
from archcompile.spec.language import Row


def check_nesting(row: Row, scope: Scope) -> None:
    """Raises SpecError for a block too deep within others, or that a rule leads to without end."""
    if scope.nesting < MAX_BLOCK_DEPTH:
        return
    if row.at in scope.rows:  # no block contains itself: that has been checked
        raise misfit(
            "cycle",
            f"the rule '{scope.rule}' uses itself: by it joins a block within the rule",
            row.at,
            used_at=scope.used_at,
            hint="choose another rule there, or `shortcut: none`",
        )
    message = f"blocks nested deeper than {MAX_BLOCK_DEPTH} levels"
    raise misfit("too-large", message, row.at, used_at=scope.used_at)


def with_use(error: SpecError, at: Location) -> SpecError:
    """The error with the row at `at`, where the block speaks of what is not known there."""
    note = ("used here", at)

    def explain(diagnostic: Diagnostic) -> Diagnostic:
        if diagnostic.code != "unknown-name" or note in diagnostic.notes:
            return diagnostic
        return replace(diagnostic, notes=(*diagnostic.notes, note))

    return SpecError(list(map(explain, error.diagnostics)))


def check_repeat(
    state: State, repeat: int, at: Location, *, used_at: Location | None = None
) -> None:
    """Raises SpecError for a repetition that alone is larger than a network may be."""
    if repeat > state.max_nodes:
        message = f"`repeat: {repeat}` makes more than {state.max_nodes:,} layers"
        raise misfit("too-large", message, at, hint=MORE_NODES, used_at=used_at)
