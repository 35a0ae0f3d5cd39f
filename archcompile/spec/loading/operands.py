"""Which ops take `with` and `branches`, and which must have one of them."""

from archcompile.errors import Location
from archcompile.ops import REGISTRY
from archcompile.spec.yaml import Map, Seq, fail


def check_operands(kind: str, attributes: Map, at: Location) -> None:
    """Raises SpecError unless a merge has either `with` or `branches`, and another op neither.

    An op that may be sized by a point has `with` instead of its size.
    """
    size = REGISTRY[kind].sized_by
    if size and "with" in attributes:
        _check_size(kind, size, attributes)
        attributes = attributes.without("with")
    merges = REGISTRY[kind].arity[0] > 1
    if merges and "with" in attributes and "branches" in attributes:
        raise fail(
            "unknown-key",
            f"'{kind}' takes either `with` or `branches`, not both",
            attributes.entries["branches"].at,
            hint="remove one of them",
        )
    if merges and "with" not in attributes and "branches" not in attributes:
        raise fail(
            "missing-key",
            f"'{kind}' needs either `with` or `branches`",
            at,
            hint="`with: NAME` names the other operand",
        )
    for key in ("with", "branches"):
        if key in attributes and not merges:
            raise fail(
                "unknown-attribute",
                f"'{kind}' takes one input, so it has no `{key}`",
                attributes.entries[key].at,
            )


def _check_size(kind: str, size: str, attributes: Map) -> None:
    """Raises SpecError unless `with` names one point, and the `size` is not given as well."""
    if size in attributes:
        raise fail(
            "unknown-key",
            f"'{kind}' takes either `{size}` or `with`, not both",
            attributes.entries["with"].at,
            hint="remove one of them",
        )
    points = attributes["with"]
    if isinstance(points, Seq) and len(points.items) != 1:
        raise fail(
            "wrong-type",
            f"`with` of '{kind}': expected the name of one point, got {len(points.items)} names",
            points.at,
        )
