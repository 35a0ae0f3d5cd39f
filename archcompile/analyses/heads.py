"""What a network that classifies outputs: probabilities, logits, one sigmoid for two classes, or a
sigmoid for each class.

Each op says what values its output can have (`Op.span`), and whether it keeps shares that add up to
1 (`Op.is_averaging`). From these the values are followed node by node up to the output, so that a
loss is never given something else than it takes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from archcompile.errors import Diagnostic, Location, SpecError, visible
from archcompile.graph import LayerGraph, Node
from archcompile.ops import Span

HeadOutput = Literal["probabilities", "logits", "sigmoid", "sigmoids"]
BOUNDED: tuple[Span, ...] = ("free", "half", "interval")  # the wider first
SHARES: tuple[Span, ...] = ("softmax", "sigmoid")


@dataclass(frozen=True, kw_only=True)
class Head:
    """What a classifier outputs: `node` is the layer that yields the values.

    Views and averages may stand behind it, of several `sources` too.

    With a sigmoid the one output is the probability of the second of two classes; with several,
    `sigmoids`, each is that of a class by itself. `notes` are warnings.
    """

    output: HeadOutput
    sources: tuple[Node, ...]
    classes: int
    notes: tuple[Diagnostic, ...] = ()

    @property
    def node(self) -> Node:
        return self.sources[0]

    @property
    def has_sigmoids(self) -> bool:
        return self.output in ("sigmoid", "sigmoids")


@dataclass(frozen=True)
class Values:
    """The values of a node's output and the layers they come from; a `spoiler` changes them."""

    span: Span
    sources: tuple[Node, ...]
    spoiler: Node | None = None

    @property
    def source(self) -> Node:
        return self.sources[0]

    @property
    def are_shares(self) -> bool:
        """Whether they come from a softmax or a sigmoid, spoiled or not."""
        return self.span in SHARES


def head(graph: LayerGraph) -> Head:
    """The head of a network with one output vector. Raises SpecError if it fits no loss."""
    end = graph.nodes[next(iter(graph.outputs.values()))]
    if not any(weight.trainable for node in graph for weight in graph.weights(node)):
        raise _head_error(
            end,
            f"{graph.name} has no weights to train",
            "give it a `conv` or a `dense`",
        )
    values: dict[str, Values] = {}
    for node in graph:
        values[node.name] = _values(graph, node, [values[name] for name in node.inputs])
    last = values[end.name]
    units, source = end.shape[0], last.source
    if last.spoiler is not None:
        raise _spoiled_error(last, last.spoiler)
    if last.span == "interval":
        raise _bounded_error(source, units)
    notes: tuple[Diagnostic, ...] = ()
    if not source.op.is_weighted:
        notes = tuple(_warn_of_squashing(source, [values[name] for name in source.inputs]))
    if last.span == "softmax":
        return Head(output="probabilities", sources=last.sources, classes=units, notes=notes)
    if last.span == "sigmoid":
        output: HeadOutput = "sigmoid" if units == 1 else "sigmoids"
        return Head(output=output, sources=last.sources, classes=max(units, 2), notes=notes)
    return Head(
        output="logits",
        sources=last.sources,
        classes=units,
        notes=(_one_sided_warning(source),) if last.span == "half" else (),
    )


def not_two_classes_error(head: Head, label: str, classes: int) -> SpecError:
    """The error for one sigmoid on data that has not two classes."""
    return _head_error(
        head.node,
        f"a single sigmoid separates two classes, but {label} has {classes}",
        f"{_instead(head.node, 'softmax')}, with {classes} units",
    )


def many_sigmoids_error(head: Head) -> SpecError:
    """The error for several sigmoids where nothing says that each class is by itself."""
    return _head_error(
        head.node,
        f"the network ends in {head.classes} independent sigmoids ({head.node.name}), but the data "
        "has one class per image",
        f"{_instead(head.node, 'softmax')}; two classes may also have one unit with a sigmoid; "
        "`loss: {kind: binary}` in the recipe trains each class by itself",
    )


def no_sigmoids_error(head: Head, label: str, classes: int) -> SpecError:
    """The error for a head of one class per image on data with several labels for each."""
    return _head_error(
        head.node,
        f"{label} has several labels per image, and {head.node.name} outputs one class of several",
        f"{_instead(head.node, 'sigmoid')}, with {classes} units",
    )


def one_output_hint(head: Head) -> str:
    """How to mend a single output, no sigmoid, where there are two classes."""
    return f"one output with a sigmoid separates two classes: {_instead(head.node, 'sigmoid')}"


def _values(graph: LayerGraph, node: Node, inputs: Sequence[Values]) -> Values:
    """What a node makes of the values that come in."""
    op = node.op
    if op.is_weighted or not inputs or op.span in SHARES:
        return Values(op.span or "free", (node,))
    shares = [values for values in inputs if values.are_shares]
    others = [values for values in inputs if not values.are_shares]
    if op.span is not None:  # an activation
        if shares:
            return _spoil(node, shares[0])
        return max(inputs[0], Values(op.span, (node,)), key=_narrowness)
    if shares and not others and _keeps_shares(graph, node, inputs):
        return next((values for values in shares if values.spoiler), _combine(shares))
    joined = (
        any(shape[-1] != node.shape[-1] for shape in graph.input_shapes(node)) and len(inputs) > 1
    )
    if shares and (joined or not others):
        return _spoil(node, shares[0])
    return max(others, key=_narrowness) if joined else min(others, key=_narrowness)


def _keeps_shares(graph: LayerGraph, node: Node, inputs: Sequence[Values]) -> bool:
    """Whether shares stay shares behind a node. Sigmoids are independent: any view keeps them."""
    alike = len({values.span for values in inputs}) == 1
    return alike and (
        node.op.is_averaging(*graph.input_shapes(node))
        or (inputs[0].span == "sigmoid" and node.op.is_view)
    )


def _spoil(node: Node, values: Values) -> Values:
    return Values(values.span, values.sources, values.spoiler or node)


def _combine(shares: Sequence[Values]) -> Values:
    sources = {source.name: source for values in shares for source in values.sources}
    return Values(shares[0].span, tuple(sources.values()))


def _narrowness(values: Values) -> int:
    return BOUNDED.index(values.span)


def _warn_of_squashing(node: Node, inputs: Iterable[Values]) -> Iterator[Diagnostic]:
    """A softmax or sigmoid of what has been through one already."""
    for values in inputs:
        if values.are_shares:
            message = (
                f"{node.name} squashes again what {values.source.name} has already squashed: no "
                "class can come close to 1"
            )
            yield Diagnostic(
                code="squashed-twice",
                message=message,
                location=node.origin.location,
                hint="remove one of the two",
                notes=_notes(node, ("squashed here", values.source.origin.location)),
                severity="warning",
            )


def _one_sided_warning(node: Node) -> Diagnostic:
    message = (
        f"{node.name} ends the network in `{_activation(node)}`: its outputs are taken as "
        "logits, and the part it cuts off has no gradient"
    )
    hint = "remove the activation, or add a `softmax` after it where it is meant"
    return Diagnostic(
        code="one-sided-logits",
        message=message,
        location=node.origin.location,
        hint=hint,
        notes=_notes(node),
        severity="warning",
    )


def _bounded_error(node: Node, units: int) -> SpecError:
    activation = _activation(node)
    message = (
        f"{node.name} ends the network in `{activation}`: its outputs are not probabilities, and "
        "bounded where logits must not be"
    )
    two_classes = f"for two classes {_instead(node, 'sigmoid')}"
    meant = two_classes if units == 1 else "add a `softmax` after it"
    return _head_error(node, message, f"leave `{activation}` out, or {meant}")


def _spoiled_error(values: Values, spoiler: Node) -> SpecError:
    source, kind = values.source, spoiler.op.kind
    message = (
        f"{spoiler.name} comes after the {values.span} of {source.name}: its outputs are no "
        "longer probabilities"
    )
    averaged = "; `average` keeps several of them probabilities" if len(spoiler.inputs) > 1 else ""
    return _head_error(
        spoiler,
        message,
        f"remove `{kind}`, or put the {values.span} after it{averaged}",
        (f"the {values.span}", source.origin.location),
    )


def _head_error(node: Node, message: str, hint: str, *notes: tuple[str, Location]) -> SpecError:
    return SpecError(
        [
            Diagnostic(
                code="unclear-head",
                message=message,
                location=node.origin.location,
                hint=hint,
                notes=_notes(node, *notes),
            )
        ]
    )


def _notes(node: Node, *notes: tuple[str, Location]) -> tuple[tuple[str, Location], ...]:
    used_at = node.origin.used_at
    return (*notes, ("used here", used_at)) if used_at else notes


def _activation(node: Node) -> str:
    return getattr(node.op, "activation", None) or node.op.kind


def _instead(node: Node, activation: str) -> str:
    """How to write another activation in the place of a node's."""
    if node.op.is_weighted:
        return f"write `activation: {activation}`"
    return f"write `{activation}` instead of `{node.op.kind}`"


def head_words(head: Head, classes: Sequence[str]) -> Iterator[str]:
    """Notes on a head that does not output a probability for each class."""
    if head.output == "sigmoid":
        first, second = map(visible, classes)
        yield (
            f"one sigmoid: {head.node.name} gives the probability of `{second}`, and 1 minus "
            f"it is that of `{first}`"
        )
    elif head.output == "sigmoids":
        yield f"sigmoids: {head.node.name} gives the probability of each class by itself"
    elif head.output == "logits":
        yield "the network does not end in a softmax: its outputs are taken as logits"
