"""A Keras model as a graph of ops, with every shape inferred anew.

Each layer is an op, or several layers are one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import count
from math import prod
from typing import Any

from archcompile.errors import Location, ShapeError, reason, visible
from archcompile.graph import LayerGraph, Node, Origin
from archcompile.importer.composites import Whole, wholes
from archcompile.importer.inexpressible import Foreign, Inexpressible
from archcompile.importer.layers import WEIGHTED, build_op, check_meant, op_of
from archcompile.keras_config import (
    OPERATORS,
    Call,
    Layer,
    Net,
    Ref,
    Settings,
    pixel_mean,
    rescaling,
)
from archcompile.limits import MAX_PROVEN_PARAMS, MAX_PROVEN_VALUES, MAX_VALUES
from archcompile.ops import Input, Op, Shape, show

ATTENTION = "MultiHeadAttention"
ALIKE_IN_TRAINING = ("Resizing",)  # Keras writes `training=True` into each call of it


def split_shared_layers(net: Net) -> Net:
    """The net with a layer for each call of a layer without weights, as sharing means nothing."""
    layers, calls = list(net.layers), []
    seen: set[int] = set()
    taken = {layer.path for layer in layers}
    for call in net.calls:
        layer, number = net.layers[call.layer], call.layer
        if number in seen and layer.kind not in WEIGHTED and not layer.is_operation:
            path = next(path for path in _further(layer.path) if path not in taken)
            taken.add(path)
            layers.append(replace(layer, path=path))
            number = len(layers) - 1
        seen.add(call.layer)
        calls.append(replace(call, layer=number))
    return replace(net, layers=tuple(layers), calls=tuple(calls))


def _further(path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    return ((*path[:-1], f"{path[-1]}_{number}") for number in count(2))


def open_input(net: Net) -> str:
    """`H,W,3`: the size of an input that leaves its height or width open; empty if none does."""
    shapes = [layer.settings["shape"] for layer in net.layers if layer.kind == "InputLayer"]
    sizes = next((shape for shape in shapes if len(shape) == 3 and None in shape), ())
    pairs = zip("HWC", sizes, strict=False)
    return ",".join(letter if size is None else str(size) for letter, size in pairs)


def with_input(net: Net, shape: tuple[int, int, int]) -> Net:
    """The net with the sizes that its input leaves open set to these (H, W, C).

    Raises Inexpressible where they do not fit.
    """
    layers = (
        _sized_input(layer, shape) if layer.kind == "InputLayer" else layer for layer in net.layers
    )
    return replace(net, layers=tuple(layers))


def _sized_input(layer: Layer, shape: tuple[int, int, int]) -> Layer:
    saved = layer.settings["shape"]
    fits = len(saved) == 3 and all(
        old in (None, new) for old, new in zip(saved, shape, strict=True)
    )
    if not fits:
        reason = f"takes {_size(saved)}, which cannot be turned into {show(shape)}"
        raise Inexpressible([(visible(layer.name), reason)])
    config = {
        key: value
        for key, value in layer.config.items()
        if key not in ("shape", "batch_input_shape")
    }
    return replace(
        layer,
        settings={**layer.settings, "shape": shape},
        config={**config, "batch_shape": [None, *shape]},
    )


def translate(net: Net, label: str, canonical: bool = False) -> tuple[LayerGraph, Net]:
    """The graph of a model of one input, a map of fixed size, and the net with inferred shapes.

    Nodes are called like layers; `label` says where the model comes from. With `canonical`, `x + y`
    counts as a layer `Add`, and layers that do nothing are left out. Raises Inexpressible, which
    names every layer that no spec can express.
    """
    work = _Translation(net, label, canonical)
    graph = work.graph()
    calls = [
        replace(call, shapes=work.shapes.get(number, call.shapes))
        for number, call in enumerate(net.calls)
    ]
    return graph, replace(net, calls=tuple(calls))


def is_said(layer: Layer, settings: Settings) -> bool:
    """Whether a spec can say a layer of weights with these settings."""
    try:
        op_of(layer.kind, settings, (1, 1, 1))
    except Foreign:
        return False
    return True


class _Translation:
    def __init__(self, net: Net, label: str, canonical: bool):
        self.net, self.canonical = net, canonical
        self.origin = Origin(location=Location(file=label, line=1, column=1), part="model")
        self.nodes: dict[str, Node] = {}
        # The node of each tensor; None where its layer is a problem that has been reported.
        self.node_of: dict[Ref, str | None] = {}
        self.shapes: dict[int, tuple[Shape, ...]] = {}  # of the inputs of each call
        self.problems: list[tuple[str, str]] = []
        self.params = self.held = 0

    def graph(self) -> LayerGraph:
        composites = wholes(self.net, self.canonical)
        inner = {call for whole in composites.values() for call in whole.calls}
        for number in range(len(self.net.calls)):
            if number not in inner:
                self.call(number, composites.get(number))
        outputs = self.outputs()
        if len(self.nodes) == 1 and not self.problems:
            self.problems.append(
                (next(iter(self.nodes)), "is the only layer; a spec has at least one more")
            )
        if self.problems:
            raise Inexpressible(list(dict.fromkeys(self.problems)))
        return LayerGraph(name=self.net.name, nodes=self.nodes, outputs=outputs, parts={})

    def call(self, number: int, whole: Whole | None) -> None:
        """Enter the op of a call, or note why there is none."""
        call = self.net.calls[number]
        layer = self.net.layers[call.layer]
        sources = whole.inputs if whole else call.inputs
        try:
            if layer.kind == ATTENTION:
                sources = (source_of_attention(call),)
            inputs = [self.source(ref) for ref in sources]
            op = whole.op if whole else self.op(call, layer, self.shape(call, inputs))
            known = tuple(name for name in inputs if name)
            self.node_of[Ref(number, 0)] = None
            if len(known) < len(inputs):
                if whole is None:
                    _check_fit(op, call)
                return
            if whole is None:
                by_source = dict(zip(sources, known, strict=True))
                names = (by_source[ref] for ref in call.inputs)
                self.shapes[number] = tuple(self.nodes[name].shape for name in names)
            self.node_of[Ref(number, 0)] = known[0] if op is None else self.put(layer, op, known)
        except (Foreign, ShapeError) as error:
            self.node_of[Ref(number, 0)] = None
            self.problems.append((visible(layer.name), visible(reason(error))))

    def source(self, ref: Ref) -> str | None:
        """The node that computes a tensor; None where its layer is a problem already."""
        if ref.output:
            raise Foreign(
                f"reads output {ref.output} of `{self.net.layer(ref.call).name}`; ops have one "
                "output"
            )
        return self.node_of[ref]

    def shape(self, call: Call, inputs: list[str | None]) -> Shape | None:
        """The shape of the first input; behind a layer that no spec can express, the recorded
        one.
        """
        if inputs and inputs[0]:
            return self.nodes[inputs[0]].shape
        recorded = call.shapes[0] if call.shapes else None
        return recorded if recorded and all(recorded) else None  # type: ignore[return-value]

    def op(self, call: Call, layer: Layer, shape: Shape | None) -> Op | None:
        """The op of a call on an input of this shape; None for what may be left out."""
        if not call.inputs:
            return self.input(layer)
        if self.net.uses[call.layer] > 1:
            raise Foreign(
                f"is called {self.net.uses[call.layer]} times with the same weights; every step "
                "has its own"
            )
        kind, settings = layer.kind, layer.settings
        if kind in OPERATORS and len(call.inputs) == 2:
            if not self.canonical:
                raise Foreign(
                    f"is the operation keras.{kind} instead of a layer; --level canonical takes it"
                )
            kind, settings = OPERATORS[kind], {}
        elif line := rescaling(kind, call):
            if not self.canonical:
                raise Foreign(
                    f"is the operation keras.{kind} of a number; --level canonical takes it"
                )
            return build_op("rescale", {"scale": line[0], "offset": line[1]})
        elif pool := pixel_mean(kind, settings, call, shape=shape):
            if not self.canonical:
                raise Foreign(
                    f"is the operation keras.{kind} over the pixels; --level canonical takes it"
                )
            kind, settings = "GlobalAveragePooling2D", pool
        elif layer.is_operation:
            raise Foreign(f"is the operation keras.{kind}, which is not an op of the language")
        if kind == "Identity" or (kind == "Activation" and settings["activation"] == "linear"):
            if self.canonical:
                check_meant(kind, settings)
                return None
            raise Foreign("does nothing, and no op does; --level canonical takes it")
        op = op_of(kind, settings, shape) if shape else None
        if not layer.is_operation:
            check_arguments(call, kind)
        return op

    def input(self, layer: Layer) -> Op:
        """The input. Raises Foreign unless it is one map of fixed size in float32."""
        if layer.kind != "InputLayer":
            raise Foreign(f"is a {layer.kind} without a tensor as input")
        shape, dtype = layer.settings["shape"], layer.settings["dtype"]
        if self.nodes:
            raise Foreign("is a second input; a spec has one")
        if len(shape) != 3 or not all(
            type(size) is int and 0 < size <= MAX_PROVEN_VALUES for size in shape
        ):
            raise Foreign(
                f"takes {_size(shape)}; a spec has a fixed height, width and number of channels"
            )
        if dtype != "float32":
            raise Foreign(f"takes {dtype}; a spec takes float32")
        return Input.model_validate({"dims": shape})

    def put(self, layer: Layer, op: Op, inputs: tuple[str, ...]) -> str:
        """Enter a node. Raises Foreign where the model becomes too large to be proven."""
        shapes = tuple(self.nodes[name].shape for name in inputs)
        shape = _shape_of(op, shapes)
        self.params += sum(prod(weight.shape) for weight in op.weights(*shapes))
        self.held += prod(shape)
        if prod(shape) > MAX_VALUES or self.held > MAX_PROVEN_VALUES:
            raise Foreign(
                f"makes {show(shape)}; with it the model holds more values than can be proven "
                f"equal ({MAX_PROVEN_VALUES:,})"
            )
        if self.params > MAX_PROVEN_PARAMS:
            raise Foreign(
                f"brings the model to {self.params:,} parameters; at most "
                f"{MAX_PROVEN_PARAMS:,} can be proven equal"
            )
        name = layer.name
        while name in self.nodes:
            name += "_"
        self.nodes[name] = Node(name=name, op=op, inputs=inputs, shape=shape, origin=self.origin)
        return name

    def outputs(self) -> Mapping[str, str]:
        """The nodes of the outputs, by the keys of the map that the model returns or by name."""
        outputs: dict[str, str] = {}
        refs = self.net.outputs
        keys = self.net.keys or (None,) * len(refs)
        for ref, key in zip(refs, keys, strict=True):
            name = None
            try:
                name = self.source(ref)
            except Foreign as error:
                self.problems.append((visible(self.net.layer(ref.call).name), str(error)))
            if name is not None:
                if isinstance(self.nodes[name].op, Input) and len(self.nodes) > 1:
                    reason = (
                        "is the input of the model and an output, too; the outputs of a "
                        "spec are layers"
                    )
                    self.problems.append((visible(name), reason))
                if name in outputs.values():
                    self.problems.append(
                        (visible(name), "is two outputs of the model; a spec names each once")
                    )
                outputs[key or name] = name
        return outputs


def _shape_of(op: Op, shapes: tuple[Shape, ...]) -> Shape:
    least, most = op.arity
    if len(shapes) < least or (most is not None and len(shapes) > most):
        raise Foreign(f"has {len(shapes)} inputs, which `{op.kind}` does not take")
    return op.shape(*shapes)


def _check_fit(op: Op | None, call: Call) -> None:
    """Raises Foreign or ShapeError where an op does not take the shapes that the model records.

    That is for a layer behind one that no spec can express.
    """
    if op is not None and all(shape and all(shape) for shape in call.shapes):
        _shape_of(op, call.shapes)  # type: ignore[arg-type]


def _size(shape: Any) -> str:
    return " x ".join("any" if size is None else str(size) for size in shape) or "a single number"


def source_of_attention(call: Call) -> Ref:
    """The tensor that attention looks at from itself. Raises Foreign where it is of several."""
    if len(set(call.inputs)) > 1:
        raise Foreign("attends from one tensor to another; `attention` is of a tensor with itself")
    return call.inputs[0]


def check_arguments(call: Call, kind: str) -> None:
    """Raises Foreign for arguments besides tensors."""
    alike = ("training",) if kind in ALIKE_IN_TRAINING else ()
    extra = {key: value for key, value in call.kwargs.items() if key not in alike}
    tensors = call.args in (tuple(call.inputs), (list(call.inputs),), (tuple(call.inputs),))
    if extra or not tensors:
        words = ", ".join(f"{key}={value!r}" for key, value in sorted(extra.items()))
        raise Foreign(f"is called with {words or 'further arguments'}")
