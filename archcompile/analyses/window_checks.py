"""Warnings about windows: strides, kernels and pools that pass over a part of their map."""

from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from math import prod
from typing import Any

from archcompile.analyses.layer_warning import Readers, warn
from archcompile.graph import LayerGraph, Node, pools_before_flatten
from archcompile.ops import Op, Pair, as_pair, show, times
from archcompile.spec.language import Finding, finding

TRANSPOSED = "conv_transpose"  # its windows lie on its output, not on the map that it reads
SCALING = (TRANSPOSED, "upsample", "depth_to_space")  # by a factor


def stride_wider_than_kernel(graph: LayerGraph, readers: Readers) -> Iterator[Finding]:
    """Windows that step over parts of a map that nothing else reads.

    A strided 1x1 projection beside a branch that sees the whole map is silent: nothing is lost
    there.
    """
    for source in graph:
        windows = [(node, window) for node in readers[source.name] if (window := _window(node))]
        if source.shape[:2] == (1, 1):
            continue  # nothing is stepped over: see `stride_over_one_pixel`
        skipping = [
            (node, size, stride)
            for node, (size, stride) in windows
            if stride[0] > size[0] or stride[1] > size[1]
        ]
        if len(skipping) < len(readers[source.name]) or source.name in graph.outputs.values():
            continue
        written = [
            (node, size, stride)
            for node, size, stride in skipping
            if hasattr(node.op, "kernel") or hasattr(node.op, "size")
        ]
        if written:  # a `subsample` says what it does
            node, size, stride = min(written, key=lambda row: row[0].origin.rule is not None)
            seen = prod(min(n, s) / s for n, s in zip(size, stride, strict=True))
            yield warn(
                "stride-wider-than-kernel",
                node,
                f"{node.name} strides by {times(stride)} with a {times(size)} window: "
                f"{1 - seen:.0%} of the {show(source.shape)} map before it is never read",
                "move the stride to a layer with a larger window",
            )


def odd_before_stride(graph: LayerGraph, readers: Readers) -> Iterator[Finding]:
    """Rows and columns that no window sees, and sizes rounded up that are scaled up again.

    Rounded up alone, nothing is lost: published networks do so at their own sizes.
    """
    scaled = _scaled_up(graph, readers)
    for node in graph:
        window = _window(node)
        if window is None or node.origin.rule:
            continue
        shape = graph.nodes[node.inputs[0]].shape
        if shape[:2] == (1, 1):
            continue
        lost = _count_unreached(graph, node)
        if any(lost):
            code = "pool-does-not-cover" if node.op.role == "pool" else "odd-before-stride"
            yield warn(
                code,
                node,
                f"{node.name} never sees the last {_edge_words(lost)} of its {show(shape)} map",
                "choose a size that the windows cover, or `padding: same`",
            )
        elif (
            node.name in scaled
            and getattr(node.op, "padding", "same") == "same"
            and any(n % s for n, s in zip(shape, window[1], strict=False))
        ):
            scaler = graph.nodes[scaled[node.name]]
            yield warn(
                "odd-before-stride",
                node,
                f"{node.name} strides by {times(window[1])} over a {show(shape)} map, whose size "
                f"it does not divide: the result, {show(node.shape)}, is rounded up, and "
                f"{scaler.name} makes another size of it",
                "choose an input size that is still divisible at this layer, or scale up by "
                "`resize: {with: NAME}`",
                ("scaled up here", scaler.origin.location),
            )


def _scaled_up(graph: LayerGraph, readers: Readers) -> dict[str, str]:
    """The nodes whose map is scaled up by a factor further on, each with the op that does.

    A `resize` names its size, and so makes good what was rounded; a global pool ends a map.
    """
    scaled: dict[str, str] = {}
    for node in reversed(list(graph)):
        for reader in readers[node.name]:
            if reader.op.kind in SCALING:
                scaled[node.name] = reader.name
            elif reader.name in scaled and len(reader.shape) == 3 and reader.shape[:2] != (1, 1):
                scaled[node.name] = scaled[reader.name]
    return scaled


def stride_over_one_pixel(graph: LayerGraph, readers: Readers) -> Iterator[Finding]:
    for node in graph:
        window = _window(node)
        if window is None or window[1] == (1, 1) or node.origin.rule:
            continue
        if graph.nodes[node.inputs[0]].shape[:2] == (1, 1):
            message = (
                f"{node.name} strides by {times(window[1])} over a one-pixel map, where there is "
                "nothing to step over"
            )
            hint = "use less stride before it, a larger input, or `stride: 1`"
            yield warn("stride-over-one-pixel", node, message, hint)


def kernel_beyond_map(graph: LayerGraph, readers: Readers) -> Iterator[Finding]:
    """Rows or columns of a kernel that only ever lie on padding: their weights see no value."""
    for node in graph:
        op: Any = node.op
        if node.op.role != "conv" or op.kind == TRANSPOSED:
            continue
        source = graph.nodes[node.inputs[0]]
        rows, columns = _padding_of(source)
        live = prod(
            _live_taps(op, axis, source.shape[axis], outputs=node.shape[axis], zeros=zeros)
            for axis, zeros in enumerate((rows, columns))
        )
        places = prod(op.kernel)
        extent = source.shape[0] - sum(rows), source.shape[1] - sum(columns)
        if live < places:
            yield warn(
                "kernel-beyond-map",
                node,
                f"{places - live} of the {places} places of {node.name}'s {times(op.kernel)} "
                f"kernel only ever see padding: the map has {times(extent)} pixels",
                "use a smaller kernel, less stride before it, or a larger input",
            )


def pool_does_not_cover(graph: LayerGraph, readers: Readers) -> Iterator[Finding]:
    """An error in front of a flatten unless allowed; reported too, so that the `allow` counts."""
    for node, reason in pools_before_flatten(graph):
        yield warn("pool-does-not-cover", node, f"{node.name}: {reason}", "use `global_avg_pool`")


def stride_in_every_unit(graph: LayerGraph, readers: Readers) -> Iterator[Finding]:
    stages: dict[str, dict[int, list[Node]]] = {}
    for node in graph:
        if node.origin.unit is not None:
            stages.setdefault(node.origin.part, {}).setdefault(node.origin.unit, []).append(node)
    for part, units in stages.items():
        shapes = {unit: nodes[-1].shape for unit, nodes in units.items()}
        striding_units = {unit for unit, nodes in units.items() if any(map(_has_stride, nodes))}
        shrinking = [
            unit
            for before, unit in pairwise(units)  # a unit may have no layers
            if shapes[unit][:-1] < shapes[before][:-1] and unit in striding_units
        ]
        striding = len(shrinking) + (next(iter(units)) in striding_units)
        if shrinking and striding > 1:
            nodes = units[shrinking[0]]
            of_block = (n for n in nodes if _has_stride(n) and n.origin.block == n.origin.row)
            node = next(of_block, nodes[0])
            at = node.origin.used_at or node.origin.location
            yield finding(
                "stride-in-every-unit",
                f"{striding} of the {len(units)} units of {part} stride: the map shrinks to "
                f"{show(shapes[max(units)])}",
                at,
                allow=node.origin.allow,
                hint="all units get the row's arguments; `first: {stride: 2}` strides in the first "
                "unit alone",
                notes=(("strides here", node.origin.location),),
            )


def _window(node: Node) -> tuple[Pair, Pair] | None:
    """(size, stride) of an op that slides a window over a map, else None."""
    if not _has_window(type(node.op)):
        return None
    op: Any = node.op
    stride = getattr(op, "step", None) or getattr(op, "stride", None)
    size: Any = getattr(op, "kernel", None) or getattr(op, "size", (1, 1))
    return (as_pair(size), stride) if stride else None


@cache
def _has_window(kind: type[Op]) -> bool:
    """Asked of a class, once: an op without these attributes takes long to say so."""
    names = (
        name for name in ("step", "stride") if name in kind.model_fields or hasattr(kind, name)
    )
    return kind.kind != TRANSPOSED and any(names)


def _count_unreached(graph: LayerGraph, node: Node) -> tuple[int, int]:
    """Rows and columns at the end of a map that a strided window never reaches, padding aside."""
    window = _window(node)
    if window is None or getattr(node.op, "padding", "same") == "same":
        return 0, 0
    source = graph.nodes[node.inputs[0]]
    (_, below), (_, right) = _padding_of(source)
    reach: Any = getattr(node.op, "reach", window[0])
    rows, columns = (
        (extent - size) % stride - max(0, stride - size)
        for extent, size, stride in zip(source.shape[:2], reach, window[1], strict=True)
    )
    return max(0, rows - below), max(0, columns - right)


def _padding_of(node: Node) -> tuple[Pair, Pair]:
    """The zeros that a `pad` adds: above and below, left and right; none for other layers."""
    size: Any = getattr(node.op, "size", None) if node.op.kind == "pad" else None
    top, bottom, left, right = size or (0, 0, 0, 0)
    return (top, bottom), (left, right)


def _live_taps(op: Any, axis: int, extent: int, *, outputs: int, zeros: Pair) -> int:
    """How many of a kernel's places along an axis lie on the map at some step.

    `zeros` of the extent are padding already, at its beginning and its end.
    """
    stride, dilation = op.stride[axis], op.dilation[axis]
    reach = (op.kernel[axis] - 1) * dilation + 1
    before = max(((outputs - 1) * stride + reach - extent) // 2, 0) if op.padding == "same" else 0
    first, last = zeros[0], extent - zeros[1] - 1
    places = range(-before, reach - before, dilation)  # of the kernel at its first step

    def is_live(place: int) -> bool:
        return any(first <= place + step * stride <= last for step in range(outputs))

    return sum(map(is_live, places))


def _edge_words(lost: tuple[int, int]) -> str:
    words = [
        f"{n} {word}{'s' if n > 1 else ''}"
        for n, word in zip(lost, ("row", "column"), strict=True)
        if n
    ]
    return " and ".join(words)


def _has_stride(node: Node) -> bool:
    window = _window(node)
    return window is not None and window[1] != (1, 1) and node.op.role == "conv"
