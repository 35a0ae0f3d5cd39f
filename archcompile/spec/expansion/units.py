"""What each unit of a row is given, and which units are counted."""

from collections.abc import Iterable

from archcompile.spec.expansion.scope import Scope
from archcompile.spec.language import Row, Step
from archcompile.spec.yaml import Tree, fail, plain


def unit_row(row: Row, index: int, repeat: int) -> tuple[dict[str, Tree], tuple[Tree, ...]]:
    """The arguments and the choices of shortcut of one unit, the last of which holds: the row's,
    then `first`, `last`.
    """
    given = dict(row.arguments.items())
    edges = [
        edge
        for edge, here in ((row.first, index == 1), (row.last, index == repeat))
        if edge and here
    ]
    if len(edges) == 2:
        for key in (key for key in edges[0].entries if key in edges[1]):
            if plain(edges[0][key]) != plain(edges[1][key]):
                raise fail(
                    "first-last-conflict",
                    f"the one unit is both first and last, which disagree on '{key}'",
                    edges[1].entries[key].at,
                    notes=(("`first` says", edges[0].entries[key].at),),
                )
    for edge in edges:
        given.update({key: value for key, value in edge.items() if key != "shortcut"})
    choices = (row.shortcut, *(edge.get("shortcut") for edge in edges))
    return given, tuple(choice for choice in choices if choice is not None)


def overridden(scope: Scope, choices: tuple[Tree, ...]) -> tuple[Tree, ...]:
    """The choices of shortcut that nearer ones took the place of: of the rows around, and of a
    row's own all but the last.
    """
    outer = (scope.shortcut.tree,) if scope.shortcut and choices else ()
    return (*scope.overridden, *outer, *choices[:-1])


def has_join(body: Iterable[Step]) -> bool:
    return any(
        step.kind == "shortcut" or any(has_join(b) for b in (step.branches or {}).values())
        for step in body
    )
