"""A graph as a sequence of modules and functions of PyTorch, in the form of `keras_model.calls`.

So units, functions and loops are found by the code that finds them for Keras.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from archcompile.graph import LayerGraph, Node
from archcompile.keras_model import NamedCall
from archcompile.ops import Call, Conv, DepthwiseConv, Pad, SeparableConv, Windowed
from archcompile.source.torch_forms import torch_form
from archcompile.source.torch_pieces import Carried, TorchPiece, identity, module
from archcompile.source.torch_signatures import STRIDED

PREPROCESSING = "preprocessing"  # the module in front of the first layer, where there is one
FEEDS = ("mean", "std")  # its numbers: by `preprocessing/mean`, they are no node's weights


@dataclass(frozen=True, kw_only=True)
class PixelScaling:
    """What a network's images go through, in shapes that meet (N, C, H, W)."""

    scale: float
    mean: tuple[int, ...]
    std: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class TorchCalls:
    """`calls` in order, the first one being the input.

    `ends` names the call that is a node's value; `carried` says what each module's parameters and
    buffers are made of, by the name of its call, each as NODE/WEIGHT and how it is turned.
    """

    calls: tuple[NamedCall, ...]
    ends: Mapping[str, str]
    carried: Mapping[str, Mapping[str, tuple[str, Carried]]]


@dataclass(frozen=True)
class _Zeros:
    """The node of zeros in front of a convolution: how many above and below, left and right."""

    pad: str
    sides: tuple[int, int]


def torch_calls(graph: LayerGraph, scaling: PixelScaling | None = None) -> TorchCalls:
    """The modules and functions of every node, behind `scaling` where that is given."""
    calls: list[NamedCall] = []
    ends: dict[str, str] = {}
    carried: dict[str, Mapping[str, tuple[str, Carried]]] = {}
    taken = set(graph.nodes)
    zeros = _zeros_of_convolutions(graph)
    gone = {each.pad for each in zeros.values()}
    for node in graph:
        if node.name in gone:
            ends[node.name] = ends[node.inputs[0]]
            continue
        for piece, call in _calls_of(graph, node, ends, taken=taken, scaling=scaling, zeros=zeros):
            calls.append(call)
            ends[node.name] = call.name
            owner = PREPROCESSING if node.op.kind == "input" else node.name
            if piece.carried:
                carried[call.name] = {
                    key: (f"{owner}/{weight.weight}", weight)
                    for key, weight in piece.carried.items()
                }
    return TorchCalls(calls=tuple(_alike(calls)), ends=ends, carried=carried)


def _calls_of(
    graph: LayerGraph,
    node: Node,
    ends: Mapping[str, str],
    *,
    taken: set[str],
    scaling: PixelScaling | None,
    zeros: Mapping[str, _Zeros],
) -> Iterator[tuple[TorchPiece, NamedCall]]:
    """The pieces of a node as calls. The one without a suffix is called like the node."""
    names: dict[int | str, str] = {place: ends[source] for place, source in enumerate(node.inputs)}
    pieces = _pieces(graph, node, scaling)
    if node.name in zeros:
        pieces = _with_zeros(pieces, zeros[node.name])
    for piece in pieces:
        name = f"{node.name}_{piece.suffix}" if piece.suffix else node.name
        while piece.suffix and name in taken:
            name += "_"
        taken.add(name)
        yield (
            piece,
            NamedCall(
                name=name,
                call=_with_scalars(piece.call),
                sources=tuple(names[source] for source in piece.sources),
                node=node,
            ),
        )
        names[piece.suffix] = name


def _pieces(graph: LayerGraph, node: Node, scaling: PixelScaling | None) -> Sequence[TorchPiece]:
    if node.op.kind != "input":
        return torch_form(node.op, graph.input_shapes(node))
    start = TorchPiece(suffix="", call=Call("input", {}), sources=())
    if scaling is None:
        return (start,)
    settings = {"scale": scaling.scale, "mean_shape": scaling.mean, "std_shape": scaling.std}
    feeds = {name: Carried(name, identity) for name in FEEDS}
    scaled = module("Preprocessing", "", suffix=PREPROCESSING, carried=feeds, **settings)
    return (start, scaled)


def _zeros_of_convolutions(graph: LayerGraph) -> dict[str, _Zeros]:
    """The zeros that a convolution's own `padding` puts in front of it, by its name.

    PyTorch's convolution puts them there itself, where there are as many on both sides.
    """
    ends = set(graph.outputs.values())
    readers = Counter(name for node in graph for name in node.inputs)
    zeros = {}
    for node in graph:
        if not isinstance(node.op, Conv | DepthwiseConv | SeparableConv):
            continue
        pad = graph.nodes[node.inputs[0]]
        is_own = pad.origin.location == node.origin.location and readers[pad.name] == 1
        if not isinstance(pad.op, Pad) or not is_own or pad.name in ends:
            continue
        top, bottom, left, right = pad.op.size
        if node.op.padding == "valid" and (top, left) == (bottom, right):
            zeros[node.name] = _Zeros(pad.name, (top, left))
    return zeros


def _with_zeros(pieces: Sequence[TorchPiece], zeros: _Zeros) -> Sequence[TorchPiece]:
    """The pieces of a convolution, of which the first puts zeros around the map."""
    first, *rest = pieces
    call = Call(first.call.path, {**first.call.kwargs, "padding": zeros.sides})
    return (replace(first, call=call), *rest)


def _with_scalars(call: Call) -> Call:
    """Pairs of equal numbers as one number, where PyTorch takes that."""
    if not call.path.startswith("nn.") and call.path not in STRIDED:
        return call
    return Call(call.path, {key: _scalar(value) for key, value in call.kwargs.items()})


def _scalar(value: Any) -> Any:
    is_equal_pair = isinstance(value, tuple) and len(value) == 2 and value[0] == value[1]
    return value[0] if is_equal_pair else value


def _alike(calls: Sequence[NamedCall]) -> Iterator[NamedCall]:
    """One class for all convolutions of a network with `same`, if any needs uneven zeros.

    Else a unit with a stride would have another class than the units behind it.
    """
    is_uneven = any(call.call.path == "SameConv2d" for call in calls)
    for call in calls:
        op, settings = call.node.op, dict(call.call.kwargs)
        is_same = isinstance(op, Windowed) and op.padding == "same" and op.reach != (1, 1)
        is_window = call.call.path in ("nn.Conv2d", "SameConv2d") and settings["kernel_size"] != 1
        if is_uneven and is_same and is_window:
            del settings["padding"]
            yield replace(call, call=Call("SameConv2d", settings))
        else:
            yield call
