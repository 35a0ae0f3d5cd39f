"""Two networks that are compared as one, for a drawing: an order of the layers of both, and the
sign of each.
"""

from collections.abc import Mapping

from archcompile.analyses.diff_groups import Sign
from archcompile.analyses.differences import Difference


def signs(found: Difference) -> Mapping[str, Sign]:
    """The layers that are gone, came or changed, by name."""
    gone: dict[str, Sign] = {node.name: "-" for node in found.removed}
    come: dict[str, Sign] = {node.name: "+" for node in found.added}
    return gone | come | {change.before.name: "~" for change in found.changed}


def order(found: Difference) -> list[str]:
    """The layers of both: those of b in its order; what only a has follows what it follows
    there.
    """
    ranks = {name: (place, 0) for place, name in enumerate(found.b.nodes)}
    at = (-1, 0)
    for name in found.a.nodes:
        at = ranks.setdefault(name, (at[0], at[1] + 1))
    return sorted(ranks, key=ranks.__getitem__)
