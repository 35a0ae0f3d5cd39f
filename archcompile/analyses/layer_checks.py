"""Warnings about layers: what a network does that its author may not have meant. Each check reads the graph alone."""

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from math import prod
from typing import Any

from archcompile.errors import Location
from archcompile.graph.check import pools_before_flatten
from archcompile.graph.ir import LayerGraph, Node
from archcompile.ops.base import Pair, show, times
from archcompile.spec.allow import Finding, finding

MEANT_TO_WIDEN = 1.5  # a stage that keeps its map's size and gets this much wider was meant to

Users = Mapping[str, list[Node]]


def layer_findings(graph: LayerGraph) -> list[Finding]:
    """All findings about layers, one for each node concerned."""
    users: dict[str, list[Node]] = {node.name: [] for node in graph}
    for node in graph:
        for source in dict.fromkeys(node.inputs):
            users[source].append(node)
    return [found for check in CHECKS for found in check(graph, users)]


def _told(code: str, node: Node, message: str, hint: str, *notes: tuple[str, Location]) -> Finding:
    origin = node.origin
    used = (("used here", origin.used_at),) if origin.used_at else ()
    return finding(code, message, origin.location, origin.allow, hint, (*notes, *used))


def _bias_before_bn(graph: LayerGraph, users: Users) -> Iterator[Finding]:
    for node in graph:
        if node.op.kind != "bn":
            continue
        source = graph.nodes[node.inputs[0]]
        op: Any = source.op
        if op.weighted and op.bias and not op.activation and len(users[source.name]) == 1:
            message = f"the bias of {source.name} does nothing: the batch norm behind it takes the mean away again"
            hint = f"write `bias: false`, for all of them `defaults: {{{op.kind}: {{bias: false}}}}`"
            yield _told("bias-before-bn", source, message, hint)


def _window(node: Node) -> tuple[Pair, Pair] | None:
    """(size, stride) of an op that slides a window over a map, else None."""
    op: Any = node.op
    stride = getattr(op, "step", None) or getattr(op, "stride", None)
    size: Any = getattr(op, "kernel", None) or getattr(op, "size", (1, 1))
    return (size, stride) if stride else None


def _stride_wider_than_kernel(graph: LayerGraph, users: Users) -> Iterator[Finding]:
    """Windows that step over parts of a map that nothing else looks at either.

    A strided 1x1 projection beside a branch that sees the whole map is silent: nothing is lost there.
    """
    for source in graph:
        windows = [(node, window) for node in users[source.name] if (window := _window(node))]
        if source.shape[:2] == (1, 1):
            continue  # nothing is stepped over: see `_stride_over_one_pixel`
        skipping = [node for node, (size, stride) in windows if stride[0] > size[0] or stride[1] > size[1]]
        if len(skipping) < len(users[source.name]) or source.name in graph.outputs.values():
            continue
        written = [node for node in skipping if hasattr(node.op, "kernel") or hasattr(node.op, "size")]
        if written:  # a `subsample` says what it does
            node = min(written, key=lambda n: n.origin.rule is not None)
            size, stride = _window(node) or ((1, 1), (1, 1))
            seen = prod(min(n, s) / s for n, s in zip(size, stride, strict=True))
            yield _told("stride-wider-than-kernel", node, f"{node.name} strides by {times(stride)} with a {times(size)} window: "
                        f"{1 - seen:.0%} of the {show(source.shape)} map before it reach nothing",
                        "give the stride to a layer with a larger window")  # fmt: skip


def _unseen(graph: LayerGraph, node: Node) -> tuple[int, int]:
    """Rows and columns at the end of a map that a strided window never reaches; zeros of a pad are no loss."""
    window = _window(node)
    if window is None or getattr(node.op, "padding", "same") == "same":
        return 0, 0
    source = graph.nodes[node.inputs[0]]
    zeros: Any = getattr(source.op, "size", (0, 0, 0, 0)) if source.op.kind == "pad" else (0, 0, 0, 0)
    reach: Any = getattr(node.op, "reach", window[0])
    left = [(n - r) % s - max(0, s - r) for n, r, s in zip(source.shape[:2], reach, window[1], strict=True)]
    return max(0, left[0] - zeros[1]), max(0, left[1] - zeros[3])


def _odd_before_stride(graph: LayerGraph, users: Users) -> Iterator[Finding]:
    for node in graph:
        window = _window(node)
        if window is None or node.origin.rule:
            continue
        shape = graph.nodes[node.inputs[0]].shape
        if shape[:2] == (1, 1):
            continue
        lost = _unseen(graph, node)
        if any(lost):
            code = "pool-does-not-cover" if node.op.role == "pool" else "odd-before-stride"
            yield _told(code, node, f"{node.name} never sees the last {_edge(lost)} of its {show(shape)} map",
                        "choose a size that the windows cover, or `padding: same`")  # fmt: skip
        elif getattr(node.op, "padding", "same") == "same" and any(n % s for n, s in zip(shape, window[1], strict=False)):
            yield _told("odd-before-stride", node, f"{node.name} strides by {times(window[1])} over a {show(shape)} map, which "
                        f"that does not divide: the result, {show(node.shape)}, is rounded up",
                        "choose an input size that stays even up to here")  # fmt: skip


def _stride_over_one_pixel(graph: LayerGraph, users: Users) -> Iterator[Finding]:
    for node in graph:
        window = _window(node)
        if window is None or window[1] == (1, 1) or node.origin.rule:
            continue
        if graph.nodes[node.inputs[0]].shape[:2] == (1, 1):
            message = f"{node.name} strides by {times(window[1])} over a map of one pixel, where there is nothing to step over"
            hint = "stride less before, begin with a larger input, or write `stride: 1`"
            yield _told("stride-over-one-pixel", node, message, hint)


def _kernel_beyond_map(graph: LayerGraph, users: Users) -> Iterator[Finding]:
    """Rows or columns of a kernel that lie on padding wherever the kernel stands: their weights never see a value."""
    for node in graph:
        op: Any = node.op
        if node.op.role != "conv":
            continue
        source = graph.nodes[node.inputs[0]]
        zeros: Any = getattr(source.op, "size", (0, 0, 0, 0)) if source.op.kind == "pad" else (0, 0, 0, 0)
        live = [_live_taps(op, axis, source.shape[axis], node.shape[axis], zeros[2 * axis : 2 * axis + 2]) for axis in (0, 1)]
        idle, extent = prod(op.kernel) - prod(live), (source.shape[0] - sum(zeros[:2]), source.shape[1] - sum(zeros[2:]))
        if idle:
            yield _told("kernel-beyond-map", node, f"{idle} of the {prod(op.kernel)} places of {node.name}'s {times(op.kernel)} "
                        f"kernel only ever lie on padding: the map has {times(extent)} pixels",
                        "choose a smaller kernel, stride less before, or begin with a larger input")  # fmt: skip


def _live_taps(op: Any, axis: int, extent: int, outputs: int, zeros: Pair) -> int:
    """How many of a kernel's places along an axis lie on the map at some step; `zeros` of the extent are padding already."""
    stride, dilation = op.stride[axis], op.dilation[axis]
    reach = (op.kernel[axis] - 1) * dilation + 1
    before = max(((outputs - 1) * stride + reach - extent) // 2, 0) if op.padding == "same" else 0
    first, last = zeros[0], extent - zeros[1] - 1
    places = range(-before, reach - before, dilation)  # of the kernel at its first step
    return sum(any(first <= place + step * stride <= last for step in range(outputs)) for place in places)


def _softmax_over_one(graph: LayerGraph, users: Users) -> Iterator[Finding]:
    for node in graph:
        functions = (node.op.kind, getattr(node.op, "activation", None), getattr(node.op, "function", None))
        if "softmax" in functions and node.shape[-1] == 1:
            yield _told("softmax-over-one", node, f"{node.name} is a softmax over one value, which is 1 whatever comes in: "
                        "nothing before it can be trained",
                        "for two classes write two units; for one value a `sigmoid`, or no activation")  # fmt: skip


def _edge(lost: tuple[int, int]) -> str:
    words = [f"{n} {word}{'s' if n > 1 else ''}" for n, word in zip(lost, ("row", "column"), strict=True) if n]
    return " and ".join(words)


def _pool_does_not_cover(graph: LayerGraph, users: Users) -> Iterator[Finding]:
    """In front of a flatten this is an error unless it is allowed; told here so that the `allow` counts as needed."""
    for node, reason in pools_before_flatten(graph):
        yield _told("pool-does-not-cover", node, f"{node.name}: {reason}", "use `global_avg_pool`")


def _stride_in_every_unit(graph: LayerGraph, users: Users) -> Iterator[Finding]:
    stages: dict[str, dict[int, list[Node]]] = {}
    for node in graph:
        if node.origin.unit is not None:
            stages.setdefault(node.origin.part, {}).setdefault(node.origin.unit, []).append(node)
    for part, units in stages.items():
        shapes = {unit: nodes[-1].shape for unit, nodes in units.items()}
        shrinking = [unit for before, unit in pairwise(units)  # a unit may have no layers
                     if shapes[unit][:-1] < shapes[before][:-1] and any(_strides(node) for node in units[unit])]  # fmt: skip
        striding = len(shrinking) + any(_strides(node) for node in units[next(iter(units))])
        if shrinking and striding > 1:
            nodes = units[shrinking[0]]
            node = next((n for n in nodes if _strides(n) and n.origin.block == n.origin.row), nodes[0])
            at = node.origin.used_at or node.origin.location
            yield finding("stride-in-every-unit", f"{striding} of the {len(units)} units of {part} stride: the map shrinks to "
                          f"{show(shapes[max(units)])}", at, node.origin.allow,
                          "all units get the row's arguments; `first: {stride: 2}` strides in the first unit alone",
                          (("strides here", node.origin.location),))  # fmt: skip


def _strides(node: Node) -> bool:
    window = _window(node)
    return window is not None and window[1] != (1, 1) and node.op.role == "conv"


def _projection_without_need(graph: LayerGraph, users: Users) -> Iterator[Finding]:
    for node in graph:
        if not (node.origin.rule and node.op.role == "conv"):
            continue
        source = graph.nodes[node.inputs[0]]
        before, after = source.shape[-1], node.shape[-1]
        if source.shape[:2] == node.shape[:2] and before != after < MEANT_TO_WIDEN * before and not source.origin.rule:
            yield _told("projection-without-need", node, f"{node.name} is a projection although {node.origin.part} keeps the "
                        f"map's size: {before} channels come in, {after} go out",
                        "make both widths equal if no projection is meant", (f"{before} channels come from {source.name}",
                                                                             source.origin.location))  # fmt: skip


def _no_softmax(graph: LayerGraph, users: Users) -> Iterator[Finding]:
    for name in graph.outputs.values():
        node = graph.nodes[name]
        if node.op.kind == "dense" and getattr(node.op, "activation", None) is None:
            wanted = "softmax" if node.shape[0] > 1 else "sigmoid"
            yield _told("no-softmax", node, f"{name} ends the network without a {wanted}: its outputs are no probabilities",
                        f"write `activation: {wanted}`, or `allow: [no-softmax]` where logits are wanted")  # fmt: skip


def _no_final_norm(graph: LayerGraph, users: Users) -> Iterator[Finding]:
    """A net of pre-activated units, known by joins that a norm follows, whose last join is not normed."""
    joins = set(graph.joins)
    if not any(node.op.role == "norm" and node.inputs[0] in joins for node in graph):
        return
    for name in graph.outputs.values():
        node, behind = graph.nodes[name], None
        while len(node.inputs) == 1 and node.op.role not in ("norm", "conv"):
            behind, node = node, graph.nodes[node.inputs[0]]
        if node.name in joins and behind is not None:
            yield _told("no-final-norm", behind, f"{behind.name} reads {node.name} without norm and activation, which the units "
                        "before it have in front of their convolutions", "begin the head with `bn` and `relu`",
                        ("the last join", node.origin.location))  # fmt: skip


def _l2_is_twice_decay(graph: LayerGraph, users: Users) -> Iterator[Finding]:
    for node in graph:
        l2 = getattr(node.op, "l2", 0.0)
        if l2:
            message = f"`l2: {l2:g}` adds {l2:g} times the sum of squares to the loss: the pull of a weight decay of {2 * l2:g}"
            yield _told("l2-is-twice-decay", node, message, f"for a weight decay of {l2:g} write `l2: {l2 / 2:g}`")


CHECKS: tuple[Callable[[LayerGraph, Users], Iterator[Finding]], ...] = (
    _bias_before_bn, _stride_wider_than_kernel, _odd_before_stride, _stride_over_one_pixel, _kernel_beyond_map,
    _pool_does_not_cover, _stride_in_every_unit, _projection_without_need, _softmax_over_one, _no_softmax, _no_final_norm,
    _l2_is_twice_decay,
)  # fmt: skip
