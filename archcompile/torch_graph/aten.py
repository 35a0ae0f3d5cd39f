"""The graph of a network as PyTorch's exporter writes it: ATen operations in order.

Read from the JSON of `torch_process`; no framework is needed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from archcompile.errors import ArchError, visible

Sizes = tuple[int, ...]


class Untranslatable(ArchError):
    """Operations of PyTorch that stock Keras layers do not do.

    `places` are the modules with the reasons.
    """

    exit_code = 2
    code = "unknown-layers"

    def __init__(self, message: str, *, places: Sequence[tuple[str, str]] = ()):
        super().__init__(
            message, hint="archc reads convolutional networks of plain operations (docs/pytorch.md)"
        )
        self.places = tuple(places)


@dataclass(frozen=True, slots=True)
class Tensor:
    """A parameter or a running statistic: its name in the state dict, and its shape."""

    name: str
    shape: Sizes


@dataclass(frozen=True, slots=True, kw_only=True)
class AtenNode:
    """One operation.

    `operation` has no package, overload or underscore (`aten.relu_.default` is `relu`);
    `is_in_place` says that it writes its result over its first argument. `module` is the path of
    the module that it stands in. `shape` is that of the result, the batch included; `shapes` those
    of several results.
    """

    name: str
    operation: str
    overload: str
    is_in_place: bool
    module: str
    arguments: Mapping[str, Any]
    shape: Sizes
    shapes: tuple[Sizes, ...] = ()

    @property
    def reads(self) -> tuple[str, ...]:
        """The nodes that are read, in the order of the arguments."""
        return tuple(node_names(list(self.arguments.values())))

    @property
    def place(self) -> str:
        """What a message calls it."""
        return visible(self.module or self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class AtenGraph:
    """A traced network.

    `tensors` are the parameters and statistics by the names that nodes call them; `state` holds
    the shape of every tensor of the state dict, also of those that inference does not use. `input`
    and `outputs` are names of nodes; `keys` are those of a map that the network returns.
    """

    versions: Mapping[str, str]
    input: str
    input_shape: Sizes
    tensors: Mapping[str, Tensor]
    state: Mapping[str, Sizes]
    nodes: tuple[AtenNode, ...]
    outputs: tuple[str, ...]
    keys: tuple[str, ...] = ()
    preprocessing: Mapping[str, Any] | None = None

    @property
    def image_shape(self) -> Sizes:
        """(H, W, C) of an image."""
        _, channels, height, width = self.input_shape
        return height, width, channels


def aten_graph(record: Mapping[str, Any]) -> AtenGraph:
    """The graph that a record holds."""
    tensors = {
        key: Tensor(value["name"], tuple(value["shape"]))
        for key, value in record["tensors"].items()
    }
    return AtenGraph(
        versions=dict(record["versions"]),
        input=record["input"],
        input_shape=tuple(record["input_shape"]),
        tensors=tensors,
        state={key: tuple(shape) for key, shape in record["state"].items()},
        nodes=tuple(map(_node, record["nodes"])),
        outputs=tuple(record["outputs"]),
        keys=tuple(record["keys"]),
        preprocessing=record["preprocessing"],
    )


def _node(record: Mapping[str, Any]) -> AtenNode:
    _, _, rest = str(record["operation"]).rpartition("aten.")
    operation, _, overload = rest.partition(".")
    shape = record["shape"] or []
    is_several = bool(shape) and isinstance(shape[0], list)
    return AtenNode(
        name=record["name"],
        operation=operation.rstrip("_"),
        overload=overload,
        is_in_place=operation.endswith("_"),
        module=record["module"],
        arguments=record["arguments"],
        shape=() if is_several else tuple(shape),
        shapes=tuple(map(tuple, shape)) if is_several else (),
    )


def node_names(argument: Any) -> Iterator[str]:
    """The nodes that an argument names, in order."""
    if isinstance(argument, Mapping):
        if "node" in argument:
            yield argument["node"]
    elif isinstance(argument, list | tuple):
        for item in argument:
            yield from node_names(item)
