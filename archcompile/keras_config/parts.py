"""The layers of a model's record, and which calls of them it lists: nothing is called yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from archcompile.errors import visible
from archcompile.keras_config.arguments import Point, Sizes, argument, points, sizes
from archcompile.keras_config.model_records import CalledRecord, PartRecord, damaged_error
from archcompile.keras_config.net import Layer, UnknownLayers, UnreadableModel, UnsupportedModel
from archcompile.keras_config.normal import normalise
from archcompile.keras_config.scale_layers import is_scale_layer, read_scale_layer
from archcompile.keras_config.stock import (
    NO_OP,
    is_augmentation,
    is_model,
    is_named_stock,
    is_operation,
    is_stock_layer,
)
from archcompile.limits import MAX_MODEL_DEPTH, MAX_NODES

UNKNOWN = -1  # in place of the number of a layer that cannot be read
Record = Mapping[str, Any]
Path = tuple[str, ...]  # the names of the models that a layer lies in, and its own
NodeKey = tuple[str, int]  # a layer's name and the number of its call
Node = tuple[tuple[Any, ...], Mapping[str, Any]]  # what a call is given


@dataclass(frozen=True, slots=True, kw_only=True)
class Functional:
    """A model of layers that its record calls: `nodes` are what each call is given."""

    inputs: tuple[Point, ...]
    outputs: tuple[Point, ...]
    parts: Mapping[str, "Part"]
    nodes: Mapping[NodeKey, Node]


@dataclass(frozen=True, slots=True)
class Sequential:
    """A model of layers that are called one behind the other."""

    chain: tuple["Part", ...]
    shape: Sizes | None  # of the input, batch included, where it is known


Part = int | Functional | Sequential  # the number of a layer, or a further model


class PartReader:
    """Reads the records of layers: `layers` are those known, `unknown` the others by class."""

    def __init__(self, takes_augmentation: bool = False) -> None:
        self.takes_augmentation = takes_augmentation
        self.layers: list[Layer] = []
        self.unknown: dict[str, list[str]] = {}  # class -> names

    def model(self, record: Record, path: Path) -> Functional | Sequential:
        """A model at `path`, which is empty for the whole."""
        if not path and not is_model(record):
            self._note_unknown(class_text(record), "the model itself")
        if len(path) > MAX_MODEL_DEPTH:
            raise UnsupportedModel(f"the model nests more than {MAX_MODEL_DEPTH} models")
        config = _layered_config(record)
        if "input_layers" not in config:
            return self._sequential(config, path)
        return self._functional(config, path)

    def _sequential(self, config: Record, path: Path) -> Sequential:
        """A model whose layers are called in turn."""
        records = [
            PartRecord.of(layer, _description(layer, path, number))
            for number, layer in enumerate(config["layers"])
        ]
        pairs = zip(config["layers"], records, strict=True)
        chain = tuple(self.part(layer, checked, path) for layer, checked in pairs)
        return Sequential(chain, sizes(config.get("build_input_shape")))

    def _functional(self, config: Record, path: Path) -> Functional:
        """A model that lists the calls of its layers."""
        parts: dict[str, Part] = {}
        nodes: dict[NodeKey, Node] = {}
        for number, layer in enumerate(config["layers"]):
            checked = CalledRecord.of(layer, _description(layer, path, number))
            name = checked.name
            if name in parts:
                raise UnreadableModel(f"two layers of the model are called `{visible(name)}`")
            parts[name] = self.part(layer, checked, path)
            for node, call in enumerate(checked.inbound_nodes):
                given = {key: value for key, value in call.kwargs.items() if value is not None}
                kwargs = {key: argument(value) for key, value in given.items()}
                nodes[name, node] = (tuple(map(argument, call.args)), kwargs)
        # In `output_layers`, unlike in arguments, Keras counts the node that a Functional model is
        # born with.
        outputs = [
            (name, node - isinstance(parts[name], Functional), output)
            for name, node, output in points(config.get("output_layers"), "output_layers", parts)
        ]
        return Functional(
            inputs=tuple(points(config["input_layers"], "input_layers", parts)),
            outputs=tuple(outputs),
            parts=parts,
            nodes=nodes,
        )

    def part(self, record: Record, checked: PartRecord, path: Path) -> Part:
        """A layer, or a model, of the model at `path`."""
        module, kind, config = checked.module, checked.class_name, checked.config
        part_path = (*path, str(checked.name or config.get("name")))
        if "layers" in config and is_model(record):
            return self.model(record, part_path)
        if is_scale_layer(record):
            self.layers.append(read_scale_layer(kind, config, part_path))
            return len(self.layers) - 1
        is_op = is_operation(module, kind)
        if self.takes_augmentation and is_augmentation(record):
            config = {}  # nothing of it is read: it does nothing without training
        elif not is_op and not is_stock_layer(record):
            text = class_text(record)
            if is_named_stock(record):
                text = f"{text}, {NO_OP}"
            return self._note_unknown(text, "/".join(part_path))
        try:
            spelled, settings = normalise(kind, config)
        except UnknownLayers as error:
            return self._note_unknown(error.message, "/".join(part_path))
        self.layers.append(
            Layer(
                path=part_path,
                kind=f"ops.{kind}" if is_op else spelled,
                settings=settings,
                module=str(module),
                class_name=kind,
                config=config,
            )
        )
        return len(self.layers) - 1

    def _note_unknown(self, text: str, name: str) -> int:
        """Notes a layer that cannot be read, by its class."""
        self.unknown.setdefault(text, []).append(name)
        return UNKNOWN


def _layered_config(record: Record) -> Mapping[str, Any]:
    """The config of a model with a list of layers that is not too long."""
    config = record.get("config")
    if not isinstance(config, Mapping) or "layers" not in config:
        if is_model(record):
            raise damaged_error(f"the {record['class_name']} model has no list of its layers")
        raise UnsupportedModel(
            f"`{record.get('class_name')}` is neither a Functional nor a Sequential model",
            hint="a subclassed model has no description that could be compared",
        )
    if not isinstance(config["layers"], list | tuple):
        raise damaged_error(f"`layers` of `{config.get('name')}` is not a list")
    if len(config["layers"]) > MAX_NODES:
        raise UnsupportedModel(f"the model has more than {MAX_NODES} layers")
    return config


def class_text(record: Record) -> str:
    """A class as the file names it, with the registered name where that is another."""
    module = "" if record.get("module") is None else f"{record['module']}."
    names = [f"{module}{record.get('class_name')}"]
    if record.get("registered_name") not in (None, record.get("class_name")):
        names.append(str(record.get("registered_name")))
    return visible(" registered as ".join(names))


def _description(record: object, path: Path, number: int) -> str:
    """What a message calls the record of a layer."""
    name = record.get("name") if isinstance(record, Mapping) else None
    if isinstance(name, str):
        return f"the layer `{'/'.join((*path, name))}`"
    return f"layer number {number} of the model"
