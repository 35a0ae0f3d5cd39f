"""A Keras model as plain data: layers with their settings, and the calls that wire them.

No framework is needed to read it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from archcompile.errors import ArchError

Settings = Mapping[str, Any]  # dotted key -> None, bool, number, text or tuples of these

# Merges of which the order of arguments changes nothing; with three or more it changes the
# rounding.
COMMUTATIVE = frozenset(
    {
        "Add",
        "Multiply",
        "Average",
        "Maximum",
        "Minimum",
        "ops.Add",
        "ops.Multiply",
        "ops.Maximum",
        "ops.Minimum",
    }
)


class UnknownLayers(ArchError):
    """A model holds layers that are not stock Keras.

    `layers` maps each class to the names of its layers.
    """

    exit_code = 2
    code = "unknown-layers"

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        layers: Mapping[str, list[str]] | None = None,
    ):
        super().__init__(message, hint=hint)
        self.layers = layers or {}


class UnreadableModel(ArchError):
    """What should describe a model does not."""

    exit_code = 4
    code = "data"


class UnsupportedModel(UnreadableModel):
    """A model of a kind that cannot be read: a subclassed one, or one of Keras 2."""

    exit_code = 2
    code = "usage"


@dataclass(frozen=True, slots=True)
class Ref:
    """Output number `output` of call number `call`."""

    call: int
    output: int


@dataclass(frozen=True, slots=True)
class Constant:
    """An array among the arguments of a call."""

    dtype: str
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer or operation of keras.ops.

    `path` are the names of the models it lies in and its own; `kind` is its class, `ops.` before an
    operation, with different spellings of one thing made alike, as are `settings`; `module`,
    `class_name`, `config` are as Keras wrote them.
    """

    path: tuple[str, ...]
    kind: str
    settings: Settings
    module: str
    class_name: str
    config: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        return "/".join(self.path)

    @property
    def is_operation(self) -> bool:
        return self.kind.startswith("ops.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One application of a layer.

    `args` and `kwargs` are what it is called with, tensors as Refs; `inputs` are these in order,
    `shapes` theirs without the batch (None where the config does not tell); a size that is not
    fixed is None.
    """

    layer: int
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    inputs: tuple[Ref, ...]
    shapes: tuple[tuple[int | None, ...] | None, ...]


@dataclass(frozen=True, kw_only=True)
class Net:
    """A whole model, with nested models inlined.

    A layer that is called several times is one layer with several calls. `calls` is in topological
    order, the inputs first; whatever leads to no output is left out. `keys` are those of the
    outputs, in order, where the model returns a map.
    """

    name: str
    layers: tuple[Layer, ...]
    calls: tuple[Call, ...]
    outputs: tuple[Ref, ...]
    keys: tuple[str, ...] = ()

    def layer(self, call: int) -> Layer:
        return self.layers[self.calls[call].layer]

    @cached_property
    def uses(self) -> tuple[int, ...]:
        """How often each layer is called."""
        counts = [0] * len(self.layers)
        for call in self.calls:
            counts[call.layer] += 1
        return tuple(counts)

    def readers(self) -> dict[Ref, int]:
        """How often each tensor is read by a call."""
        counts: dict[Ref, int] = {}
        for call in self.calls:
            for ref in call.inputs:
                counts[ref] = counts.get(ref, 0) + 1
        return counts


def refs(value: Any) -> Iterator[Ref]:
    """The tensors in an argument, in order; those of a map by their keys, as Keras takes them."""
    if isinstance(value, Ref):
        yield value
    elif isinstance(value, tuple | list):
        for item in value:
            yield from refs(item)
    elif isinstance(value, Mapping):
        for key in sorted(value):
            yield from refs(value[key])


def fill(value: Any, tensors: Iterator[Any]) -> Any:
    """An argument with its tensors put in, in the order of `refs`."""
    if isinstance(value, Ref):
        return next(tensors)
    if isinstance(value, tuple | list):
        return type(value)(fill(item, tensors) for item in value)
    if isinstance(value, Mapping):
        return {key: fill(value[key], tensors) for key in sorted(value)}
    return value


def with_inputs(call: Call, inputs: tuple[Ref, ...]) -> Call:
    """The same call on other tensors."""
    given = iter(inputs)
    args = tuple(fill(value, given) for value in call.args)
    kwargs = {key: fill(call.kwargs[key], given) for key in sorted(call.kwargs)}
    return replace(call, args=args, kwargs=kwargs, inputs=inputs)


def skeleton(call: Call) -> str:
    """All that a call is given besides tensors, as text."""
    return repr((_bare(call.args), _bare(call.kwargs)))


def _bare(value: Any) -> Any:
    if isinstance(value, Ref):
        return "tensor"
    if isinstance(value, tuple | list):
        return tuple(_bare(item) for item in value)
    if isinstance(value, Mapping):
        return tuple((key, _bare(value[key])) for key in sorted(value))
    return value
