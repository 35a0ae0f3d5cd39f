"""What each unit of a row is given, and which units are counted."""

from collections.abc import Iterable

from archcompile.spec.expansion.scope import Scope
from archcompile.spec.language import Row, Step, all_steps
from archcompile.spec.yaml import Map, Tree, fail, plain


def unit_row(row: Row, index: int, repeat: int) -> tuple[dict[str, Tree], tuple[Tree, ...]]:
    """The arguments of one unit, and its choices of shortcut, of which the last holds."""
    edges = []
    if row.first and index == 1:
        edges.append(row.first)
    if row.last and index == repeat:
        edges.append(row.last)
    if len(edges) == 2:
        _check_agreement(*edges)
    arguments = dict(row.arguments.items())
    for edge in edges:
        arguments.update({key: value for key, value in edge.items() if key != "shortcut"})
    choices = (row.shortcut, *(edge.get("shortcut") for edge in edges))
    return arguments, tuple(choice for choice in choices if choice is not None)


def _check_agreement(first: Map, last: Map) -> None:
    """Raises SpecError where the arguments of a unit that is both first and last disagree."""
    for key in first.entries:
        if key in last and plain(first[key]) != plain(last[key]):
            raise fail(
                "first-last-conflict",
                f"the only unit is both first and last, which disagree on '{key}'",
                last.entries[key].at,
                notes=(("`first` says", first.entries[key].at),),
            )


def list_overridden(scope: Scope, choices: tuple[Tree, ...]) -> tuple[Tree, ...]:
    """The choices of shortcut that nearer ones replace: of the rows around, then of the row."""
    outer = (scope.shortcut.tree,) if scope.shortcut and choices else ()
    return (*scope.overridden, *outer, *choices[:-1])


def has_join(body: Iterable[Step]) -> bool:
    """Whether a list has a `shortcut` step."""
    return any(step.kind == "shortcut" for step in all_steps(body))
