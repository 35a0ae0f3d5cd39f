"""Two networks as one, for a drawing of their difference: the order and signs of their layers."""

from collections.abc import Mapping

from archcompile.analyses.diff_groups import Sign
from archcompile.analyses.differences import Difference


def signs(difference: Difference) -> Mapping[str, Sign]:
    """The layers that are gone, came or changed, by name."""
    gone: dict[str, Sign] = {node.name: "-" for node in difference.removed}
    come: dict[str, Sign] = {node.name: "+" for node in difference.added}
    return gone | come | {change.before.name: "~" for change in difference.changed}


def order(difference: Difference) -> list[str]:
    """The layers of both: those of b in its order; one of a alone follows what it follows in a."""
    ranks = {name: (place, 0) for place, name in enumerate(difference.b.nodes)}
    at = (-1, 0)
    for name in difference.a.nodes:
        at = ranks.setdefault(name, (at[0], at[1] + 1))
    return sorted(ranks, key=ranks.__getitem__)
