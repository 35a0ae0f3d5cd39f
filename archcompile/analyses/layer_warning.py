"""A warning about one layer, and what the checks of layers read."""

from collections.abc import Callable, Iterator, Mapping

from archcompile.errors import Location
from archcompile.graph import LayerGraph, Node
from archcompile.spec.language import Finding, finding

Readers = Mapping[str, list[Node]]  # the layers that read each layer
Check = Callable[[LayerGraph, Readers], Iterator[Finding]]


def warn(
    code: str,
    node: Node,
    message: str,
    hint: str,
    *notes: tuple[str, Location],
    at: Location | None = None,
) -> Finding:
    """A finding at the step of a layer, or at the value of it that stands at `at`."""
    origin = node.origin
    used = (("used here", origin.used_at),) if origin.used_at else ()
    return finding(
        code, message, at or origin.location, allow=origin.allow, hint=hint, notes=(*notes, *used)
    )
