"""Keras' description of a model -> Net. Works on the JSON alone: no framework, no code run, no
recursion over layers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from archcompile.errors import visible
from archcompile.keras_config.net import (
    Call,
    Constant,
    Layer,
    Net,
    Ref,
    UnknownLayers,
    UnreadableModel,
    UnsupportedModel,
    refs,
)
from archcompile.keras_config.normal import normalised, plain
from archcompile.keras_config.records import CalledRecord, PartRecord, TensorRecord, damaged
from archcompile.keras_config.stock import (
    NO_OP,
    is_model,
    is_named_stock,
    is_operation,
    is_stock_layer,
)
from archcompile.limits import MAX_NODES

DTYPES = (
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float16",
    "float32",
    "float64",
)
MAX_NESTING = 20  # models in models; each level is a few Python frames
Record = Mapping[str, Any]
Point = tuple[str, int, int]  # layer's name, number of its call, number of the output


@dataclass(frozen=True, slots=True, kw_only=True)
class _Functional:
    """A model whose layers are known but not yet called: `parts` are layer numbers or further
    models.
    """

    inputs: tuple[Point, ...]
    outputs: tuple[Point, ...]
    parts: Mapping[str, "int | _Functional | _Sequential"]
    nodes: Mapping[tuple[str, int], tuple[tuple[Any, ...], Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class _Sequential:
    chain: tuple["int | _Functional | _Sequential", ...]
    shape: tuple[int | None, ...] | None  # of the input, batch included, where it is known


@dataclass(frozen=True, slots=True)
class _Tensor:
    """A tensor among arguments, before it is known which call makes it."""

    point: Point
    shape: tuple[int | None, ...] | None


def read_model(record: Record) -> Net:
    """The net that a record `{class_name, config, …}` describes.

    Raises UnknownLayers listing every layer that is not stock Keras, UnsupportedModel for what
    describes no Functional or Sequential model of Keras 3, or one of more than 20,000 calls,
    UnreadableModel for what is damaged.
    """
    if _of_keras_2(record):
        raise UnsupportedModel(
            "the model is described as Keras 2 does it: only files of Keras 3 can be read",
            hint="save it as `.h5`, load that in Keras 3, and save it as a `.keras` file",
        )
    reader = _Reader()
    try:
        model = reader.model(record, ())
        if reader.unknown:
            lines = [
                f"{what}: {len(names)}, the first is `{names[0]}`"
                for what, names in sorted(reader.unknown.items())
            ]
            raise UnknownLayers(
                "\n  ".join(["the model holds layers that cannot be read:", *lines]),
                hint="no code of a file is ever run: only stock layers that archc knows are read",
                layers=reader.unknown,
            )
        outputs = reader.top(model)
    except (
        KeyError,
        TypeError,
        ValueError,
        IndexError,
        AttributeError,
        OverflowError,
        RecursionError,
    ) as error:
        raise damaged(
            f"the model's config is not as Keras 3 writes it ({type(error).__name__}: {error})"
        ) from error
    config = record["config"]
    ends = config.get("output_layers")
    keys = (
        tuple(map(str, sorted(ends)))
        if isinstance(ends, Mapping) and len(ends) == len(outputs)
        else ()
    )
    return Net(
        name=str(config.get("name")),
        layers=tuple(reader.layers),
        calls=tuple(reader.calls),
        outputs=outputs,
        keys=keys,
    )


def _of_keras_2(record: Record) -> bool:
    """Whether a record, or a layer of it, has the form of Keras 2: no module, or calls that are
    bare lists.
    """
    config = record.get("config")
    layers = config.get("layers") if isinstance(config, Mapping) else None
    if not isinstance(layers, list | tuple):
        return False
    if "module" not in record and "class_name" in record:
        return True
    calls = (layer.get("inbound_nodes") for layer in layers if isinstance(layer, Mapping))
    return any(isinstance(nodes, list) and nodes and isinstance(nodes[0], list) for nodes in calls)


class _Reader:
    def __init__(self) -> None:
        self.layers: list[Layer] = []
        self.calls: list[Call] = []
        self.unknown: dict[str, list[str]] = {}  # class -> names
        self.applied = 0

    # ---- layers ----------------------------------------------------------------------------------

    def model(self, record: Record, path: tuple[str, ...]) -> "_Functional | _Sequential":
        if not path and not is_model(record):
            self.unknown.setdefault(_class(record), []).append("the model itself")
        if len(path) > MAX_NESTING:
            raise UnsupportedModel(f"the model nests more than {MAX_NESTING} models")
        config = record.get("config")
        if not isinstance(config, Mapping) or "layers" not in config:
            if is_model(record):
                raise damaged(f"the {record['class_name']} model has no list of its layers")
            raise UnsupportedModel(
                f"`{record.get('class_name')}` is neither a Functional nor a Sequential model",
                hint="a subclassed model has no description that could be compared",
            )
        if not isinstance(config["layers"], list | tuple):
            raise damaged(f"`layers` of `{config.get('name')}` is no list")
        if len(config["layers"]) > MAX_NODES:
            raise UnsupportedModel(f"the model has more than {MAX_NODES} layers")
        if "input_layers" not in config:
            records = [
                PartRecord.of(each, _whose(each, path, number))
                for number, each in enumerate(config["layers"])
            ]
            chain = tuple(
                self.part(each, found, path)
                for each, found in zip(config["layers"], records, strict=True)
            )
            return _Sequential(chain, _sizes(config.get("build_input_shape")))
        parts: dict[str, int | _Functional | _Sequential] = {}
        nodes = {}
        for number, each in enumerate(config["layers"]):
            called = CalledRecord.of(each, _whose(each, path, number))
            name = called.name
            if name in parts:
                raise UnreadableModel(f"two layers of the model are called `{visible(name)}`")
            parts[name] = self.part(each, called, path)
            for node, call in enumerate(called.inbound_nodes):
                kwargs = {
                    key: _argument(value) for key, value in call.kwargs.items() if value is not None
                }
                nodes[name, node] = (tuple(map(_argument, call.args)), kwargs)
        ends = _points(config.get("output_layers"), "output_layers", parts)
        # In `output_layers`, unlike in arguments, Keras counts the node that a Functional model is
        # born with.
        ends = [
            (name, node - isinstance(parts[name], _Functional), out) for name, node, out in ends
        ]
        return _Functional(
            inputs=tuple(_points(config["input_layers"], "input_layers", parts)),
            outputs=tuple(ends),
            parts=parts,
            nodes=nodes,
        )

    def part(
        self, record: Record, found: PartRecord, path: tuple[str, ...]
    ) -> "int | _Functional | _Sequential":
        """A layer, or a model, of the model at `path`; `found` is what has been checked of its
        record.
        """
        module, kind, config = found.module, found.class_name, found.config
        here = (*path, str(found.name or config.get("name")))
        if "layers" in config and is_model(record):
            return self.model(record, here)
        operation = is_operation(module, kind)
        if not operation and not is_stock_layer(record):
            known = f"{_class(record)}, {NO_OP}" if is_named_stock(record) else _class(record)
            self.unknown.setdefault(known, []).append("/".join(here))
            return -1
        try:
            spelled, settings = normalised(kind, config)
        except UnknownLayers as error:
            self.unknown.setdefault(error.message, []).append("/".join(here))
            return -1
        self.layers.append(
            Layer(
                path=here,
                kind=f"ops.{kind}" if operation else spelled,
                settings=settings,
                module=str(module),
                class_name=kind,
                config=config,
            )
        )
        return len(self.layers) - 1

    # ---- calls -----------------------------------------------------------------------------------

    def call(
        self, layer: int, args: tuple[Any, ...], kwargs: Mapping[str, Any], *, shapes: Sequence[Any]
    ) -> Ref:
        if len(self.calls) >= MAX_NODES:
            raise UnsupportedModel(f"the model makes more than {MAX_NODES} calls")
        if (
            self.layers[layer].kind == "Dropout" and kwargs.get("training") is False
        ):  # so Keras writes that none was given
            kwargs = {key: value for key, value in kwargs.items() if key != "training"}
        self.calls.append(
            Call(
                layer=layer,
                args=args,
                kwargs=kwargs,
                inputs=(*refs(args), *refs(kwargs)),
                shapes=tuple(shapes),
            )
        )
        return Ref(len(self.calls) - 1, 0)

    def top(self, model: "_Functional | _Sequential") -> tuple[Ref, ...]:
        if isinstance(model, _Functional):
            heads = [model.parts[name] for name, _, _ in model.inputs]
        else:
            heads = (
                [model.chain[0]]
                if model.chain and self._is_input(model.chain[0])
                else [self._new_input(model)]
            )
        inputs = []
        for head in heads:
            if not isinstance(head, int) or not self._is_input(head):
                raise UnsupportedModel("an input of the model is no InputLayer")
            inputs.append(self.call(head, (), {}, shapes=()))
        shapes = [
            (None, *self.layers[self.calls[ref.call].layer].settings["shape"]) for ref in inputs
        ]
        return tuple(
            ref for ref, _ in self.apply(model, list(zip(inputs, shapes, strict=True)), None)
        )

    def _is_input(self, part: Any) -> bool:
        return isinstance(part, int) and self.layers[part].kind == "InputLayer"

    def _new_input(self, model: _Sequential) -> int:
        if model.shape is None:
            raise UnsupportedModel(
                "the Sequential model has no input shape", hint="build it before it is saved"
            )
        config = {"batch_shape": list(model.shape), "dtype": "float32", "name": "input"}
        kind, settings = normalised("InputLayer", config)
        self.layers.append(
            Layer(
                path=("input",),
                kind=kind,
                settings=settings,
                module="keras.layers",
                class_name="InputLayer",
                config=config,
            )
        )
        return len(self.layers) - 1

    def apply(
        self, part: Any, given: list[tuple[Ref, Any]], training: bool | None
    ) -> list[tuple[Ref, Any]]:
        """Call a model on tensors (with their shapes, where known); `training` is what the caller
        has fixed.
        """
        self.applied += 1
        if (
            self.applied > MAX_NODES
        ):  # models in models that hold no layer make no call, and as many as you like
            raise UnsupportedModel(f"the model makes more than {MAX_NODES} calls of models")
        if isinstance(part, _Functional):
            return self.functional(part, given, training)
        for each in part.chain:
            if isinstance(each, int):
                if not self._is_input(each):
                    fixed = {} if training is None else {"training": training}
                    given = [
                        (self.call(each, (given[0][0],), fixed, shapes=[_inner(given[0][1])]), None)
                    ]
            else:
                given = self.apply(each, given, training)
        return given

    def functional(
        self, model: _Functional, given: list[tuple[Ref, Any]], training: bool | None
    ) -> list[tuple[Ref, Any]]:
        if len(given) != len(model.inputs):
            raise UnreadableModel(
                f"a model of {len(model.inputs)} inputs is called with {len(given)}"
            )
        made: dict[tuple[str, int], list[tuple[Ref, Any]] | Ref] = {
            (name, node): [pair] for (name, node, _), pair in zip(model.inputs, given, strict=True)
        }
        open_: set[tuple[str, int]] = set()
        stack = [(name, node) for name, node, _ in reversed(model.outputs)]
        while stack:
            key = stack[-1]
            if key in made:
                stack.pop()
                continue
            if key not in model.nodes:
                raise damaged(
                    f"the output of call {key[1]} of a layer `{key[0]}` is used, and the model "
                    "holds no such call"
                )
            args, kwargs = model.nodes[key]
            waiting = [
                tensor.point[:2]
                for tensor in _tensors((args, kwargs))
                if tensor.point[:2] not in made
            ]
            if waiting:
                if key in open_:
                    raise UnreadableModel(f"the layer `{key[0]}` feeds itself")
                open_.add(key)
                stack += reversed(waiting)
                continue
            made[key] = self._node(model.parts[key[0]], args, kwargs, made=made, training=training)
            stack.pop()
        return [(_ref(made, point), None) for point in model.outputs]

    def _node(self, part: Any, args: Any, kwargs: Any, *, made: Any, training: bool | None) -> Any:
        if isinstance(part, int):
            if training is not None and not self.layers[part].is_operation:
                kwargs = {"training": training, **kwargs}
            shapes = [_inner(tensor.shape) for tensor in _tensors((args, kwargs))]
            return self.call(part, _resolved(args, made), _resolved(kwargs, made), shapes=shapes)
        given = [(_ref(made, tensor.point), tensor.shape) for tensor in _tensors((args, kwargs))]
        return self.apply(part, given, kwargs.get("training", training))


def _ref(made: Mapping[tuple[str, int], Any], point: Point) -> Ref:
    found = made[point[:2]]
    if isinstance(found, Ref):
        return Ref(found.call, point[2])
    ref: Ref = found[point[2]][0]
    return ref


def _resolved(value: Any, made: Any) -> Any:
    if isinstance(value, _Tensor):
        return _ref(made, value.point)
    if isinstance(value, tuple | list):
        return type(value)(_resolved(item, made) for item in value)
    if isinstance(value, dict):
        return {key: _resolved(item, made) for key, item in value.items()}
    return value


def _tensors(value: Any) -> list[_Tensor]:
    """In the order of `net.refs`."""
    if isinstance(value, _Tensor):
        return [value]
    if isinstance(value, tuple | list):
        return [tensor for item in value for tensor in _tensors(item)]
    if isinstance(value, dict):
        return [tensor for key in sorted(value) for tensor in _tensors(value[key])]
    return []


def _class(record: Record) -> str:
    """A class as the file names it, the registered name too where it says another."""
    module = "" if record.get("module") is None else f"{record['module']}."
    names = [f"{module}{record.get('class_name')}"]
    if record.get("registered_name") not in (None, record.get("class_name")):
        names.append(str(record.get("registered_name")))
    return visible(" registered as ".join(names))


def _argument(value: Any) -> Any:
    """An argument of a call, as Keras writes it, as plain data."""
    if isinstance(value, list | tuple):
        return [_argument(item) for item in value]
    if not isinstance(value, Mapping):
        return plain(value)
    kind: Any = value.get("class_name")
    config: Any = value.get("config")
    if kind == "__keras_tensor__":
        return _Tensor(
            TensorRecord.of(config, "a tensor among the arguments").keras_history,
            _sizes(config.get("shape")),
        )
    if kind == "__tuple__":
        return tuple(_argument(item) for item in value.get("items", config))
    if kind == "__ellipsis__":
        return ...
    if kind == "__slice__":
        return slice(*(_argument(config[key]) for key in ("start", "stop", "step")))
    if kind in ("__numpy__", "__tensor__"):
        if config["dtype"] not in DTYPES:
            raise UnsupportedModel(
                f"a call has an array of {visible(str(config['dtype']))} among its arguments"
            )
        return Constant(config["dtype"], plain(config["value"]))
    if kind is not None:
        raise UnsupportedModel(
            f"a call has an argument of class {value.get('module')}.{kind}, which is not supported"
        )
    return {str(key): _argument(item) for key, item in value.items()}


def _points(value: Any, key: str, parts: Mapping[str, Any]) -> list[Point]:
    """The `[name, node, output]` triples in any structure, maps by their keys."""
    if isinstance(value, Mapping):
        return [point for inner in sorted(value) for point in _points(value[inner], key, parts)]
    if not isinstance(value, list | tuple):
        raise damaged(f"`{key}` of the model is no list of [layer, call, output]")
    if len(value) == 3 and isinstance(value[0], str):
        point = TensorRecord.of({"keras_history": value}, f"`{key}` of the model").keras_history
        if point[0] not in parts:
            raise damaged(f"`{key}` names a layer `{point[0]}` that the model does not hold")
        return [point]
    return [point for item in value for point in _points(item, key, parts)]


def _whose(record: object, path: tuple[str, ...], number: int) -> str:
    """What a message calls the record of a layer."""
    name = record.get("name") if isinstance(record, Mapping) else None
    return (
        f"the layer `{'/'.join((*path, name))}`"
        if isinstance(name, str)
        else f"layer number {number} of the model"
    )


def _sizes(value: Any) -> tuple[int | None, ...] | None:
    """A shape with its batch; None where it is not one."""
    ok = isinstance(value, list | tuple) and all(
        size is None or isinstance(size, int) for size in value
    )
    return tuple(value) if ok else None


def _inner(shape: tuple[int | None, ...] | None) -> tuple[int | None, ...] | None:
    return None if shape is None else tuple(shape[1:])
