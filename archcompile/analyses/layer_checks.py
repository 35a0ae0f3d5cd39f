"""Warnings about layers: what a network does that its author may not have meant.

Each check reads the graph alone.
"""

from collections.abc import Iterator

from archcompile.analyses.layer_warning import Check, Readers, warn
from archcompile.analyses.window_checks import (
    kernel_beyond_map,
    odd_before_stride,
    pool_does_not_cover,
    stride_in_every_unit,
    stride_over_one_pixel,
    stride_wider_than_kernel,
)
from archcompile.graph import LayerGraph, Node
from archcompile.ops import Kernelled, Op
from archcompile.spec.language import Finding

MEANT_TO_WIDEN = 1.5  # a stage that keeps its map's size and gets this much wider was meant to


def layer_findings(graph: LayerGraph) -> list[Finding]:
    """All findings about layers, one for each node concerned."""
    readers: dict[str, list[Node]] = {node.name: [] for node in graph}
    for node in graph:
        for source in dict.fromkeys(node.inputs):
            readers[source].append(node)
    return [warning for check in CHECKS for warning in check(graph, readers)]


def _bias_before_bn(graph: LayerGraph, readers: Readers) -> Iterator[Finding]:
    for node in graph:
        if node.op.kind != "bn":
            continue
        source = graph.nodes[node.inputs[0]]
        op = source.op
        if _has_bare_bias(op) and len(readers[source.name]) == 1:
            message = (
                f"the bias of {source.name} does nothing: the batch norm after it removes the mean"
            )
            hint = (
                f"write `bias: false`, for all of them `defaults: {{{op.kind}: {{bias: false}}}}`"
            )
            yield warn("bias-before-bn", source, message, hint)


def _has_bare_bias(op: Op) -> bool:
    """Whether a bias is the last thing that a layer adds. Attention has others inside."""
    return isinstance(op, Kernelled) and op.bias and op.activation is None


def _softmax_over_one(graph: LayerGraph, readers: Readers) -> Iterator[Finding]:
    for node in graph:
        if node.shape[-1] > 1:
            continue
        functions = (
            node.op.kind,
            getattr(node.op, "activation", None),
            getattr(node.op, "function", None),
        )
        if "softmax" in functions:
            yield warn(
                "softmax-over-one",
                node,
                f"{node.name} is a softmax over one value, which is always 1: nothing before it "
                "can be trained",
                "for two classes write two units; for one value a `sigmoid`, or no activation",
            )


def _projection_without_need(graph: LayerGraph, readers: Readers) -> Iterator[Finding]:
    for node in graph:
        if not (node.origin.rule and node.op.role == "conv"):
            continue
        source = graph.nodes[node.inputs[0]]
        before, after = source.shape[-1], node.shape[-1]
        if (
            source.shape[:2] == node.shape[:2]
            and before != after < MEANT_TO_WIDEN * before
            and not source.origin.rule
        ):
            yield warn(
                "projection-without-need",
                node,
                f"{node.name} is a projection although {node.origin.part} keeps the "
                f"map's size: {before} channels come in, {after} go out",
                "make both widths equal if no projection is meant",
                (f"{before} channels come from {source.name}", source.origin.location),
            )


def _no_softmax(graph: LayerGraph, readers: Readers) -> Iterator[Finding]:
    for name in graph.outputs.values():
        node = graph.nodes[name]
        is_scores = node.op.kind == "dense" and len(node.shape) == 1
        if is_scores and getattr(node.op, "activation", None) is None:
            activation = "softmax" if node.shape[0] > 1 else "sigmoid"
            yield warn(
                "no-softmax",
                node,
                f"{name} ends the network without a {activation}: its outputs are not "
                "probabilities",
                f"write `activation: {activation}`, or `allow: [no-softmax]` where logits are "
                "wanted",
            )


def _no_final_norm(graph: LayerGraph, readers: Readers) -> Iterator[Finding]:
    """A net of pre-activated units (a norm follows their joins) whose last join is not normed."""
    joins = set(graph.joins)
    if not any(node.op.role == "norm" and node.inputs[0] in joins for node in graph):
        return
    for name in graph.outputs.values():
        node, behind = graph.nodes[name], None
        while len(node.inputs) == 1 and node.op.role not in ("norm", "conv"):
            behind, node = node, graph.nodes[node.inputs[0]]
        if node.name in joins and behind is not None:
            yield warn(
                "no-final-norm",
                behind,
                f"{behind.name} reads {node.name} without norm and activation, which earlier "
                "units have before their convolutions",
                "start the head with `bn` and `relu`",
                ("the last join", node.origin.location),
            )


def _l2_is_twice_decay(graph: LayerGraph, readers: Readers) -> Iterator[Finding]:
    for node in graph:
        l2 = vars(node.op).get("l2", 0.0)
        if l2:
            message = (
                f"`l2: {l2:g}` adds {l2:g} times the sum of squares to the loss: the pull "
                f"of a weight decay of {2 * l2:g}"
            )
            yield warn(
                "l2-is-twice-decay",
                node,
                message,
                f"for a weight decay of {l2:g} write `l2: {l2 / 2:g}`",
                at=node.origin.l2_at,
            )


CHECKS: tuple[Check, ...] = (
    _bias_before_bn,
    stride_wider_than_kernel,
    odd_before_stride,
    stride_over_one_pixel,
    kernel_beyond_map,
    pool_does_not_cover,
    stride_in_every_unit,
    _projection_without_need,
    _softmax_over_one,
    _no_softmax,
    _no_final_norm,
    _l2_is_twice_decay,
)
