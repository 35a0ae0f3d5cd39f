"""The net of Keras layers that a graph of PyTorch becomes, layer by layer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from archcompile.keras_config import Call, Layer, Net, Ref
from archcompile.torch_graph.aten import Tensor
from archcompile.torch_graph.stored import Flattened, Sizes, Stored
from archcompile.torch_graph.weight_turns import CarriedWeight, TurnKind


class Unfit(Exception):
    """Why stock layers do not do an operation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWeight:
    """A variable of a layer that is added: Keras' name for it, PyTorch's tensor, how it lies."""

    variable: str
    tensor: Tensor
    turn: TurnKind = "as_is"
    flattened: Flattened | None = None
    multiplier: int = 1


class NetBuilder:
    """Collects layers, calls and carried weights.

    `state` are the shapes of PyTorch's tensors; `module` is where the operation stands now.
    """

    def __init__(self, name: str, state: Mapping[str, Sizes]):
        self.name, self.state = name, state
        self.layers: list[Layer] = []
        self.calls: list[Call] = []
        self.weights: list[CarriedWeight] = []
        self.taken: set[str] = set()
        # a module that is called twice is one layer
        self.by_weights: dict[tuple[str, ...], int] = {}
        self.module = ""

    def input(self, name: str, shape: Sizes, order: Sizes) -> Stored:
        """The input; `shape` is PyTorch's, the batch included."""
        held = [shape[axis] for axis in order[1:]]
        config = {"batch_shape": [None, *held], "dtype": "float32"}
        layer = self._layer("InputLayer", config, name)
        self.calls.append(Call(layer=layer, args=(), kwargs={}, inputs=(), shapes=()))
        return Stored(ref=Ref(len(self.calls) - 1, 0), shape=shape, order=order)

    def apply(
        self,
        kind: str,
        config: Mapping[str, Any],
        value: Stored,
        *,
        weights: Sequence[NewWeight] = (),
        shape: Sizes | None = None,
        order: Sizes | None = None,
    ) -> Stored:
        """A layer applied to a tensor; the result has this shape and order, or the tensor's."""
        number = self._layer_of(kind, config, weights)
        self._call(number, (value,), as_list=False)
        result = replace(
            value, ref=Ref(len(self.calls) - 1, 0), shape=shape or value.shape, is_positive=False
        )
        return replace(result, order=order or value.order)

    def merge(
        self, kind: str, config: Mapping[str, Any], values: Sequence[Stored], *, shape: Sizes
    ) -> Stored:
        """A layer applied to a list of tensors of one order."""
        self._call(self._layer_of(kind, config, ()), values, as_list=True)
        first = values[0]
        return replace(first, ref=Ref(len(self.calls) - 1, 0), shape=shape, is_positive=False)

    def net(self, outputs: Sequence[Stored], keys: Sequence[str]) -> Net:
        return Net(
            name=self.name,
            layers=tuple(self.layers),
            calls=tuple(self.calls),
            outputs=tuple(value.ref for value in outputs),
            keys=tuple(keys),
        )

    def _call(self, layer: int, values: Sequence[Stored], *, as_list: bool) -> None:
        refs = tuple(value.ref for value in values)
        self.calls.append(
            Call(
                layer=layer,
                args=(list(refs),) if as_list else refs,
                kwargs={},
                inputs=refs,
                shapes=tuple(value.held for value in values),
            )
        )

    def _layer_of(self, kind: str, config: Mapping[str, Any], weights: Sequence[NewWeight]) -> int:
        key = (kind, repr(sorted(config.items())), *(weight.tensor.name for weight in weights))
        if weights and key in self.by_weights:
            return self.by_weights[key]
        number = self._layer(kind, config, self.module or kind.lower())
        if weights:
            self.by_weights[key] = number
        self.weights += [
            CarriedWeight(
                layer=number,
                variable=weight.variable,
                tensor=weight.tensor.name,
                turn=weight.turn,
                shape=self.state.get(weight.tensor.name, weight.tensor.shape),
                flattened=weight.flattened,
                multiplier=weight.multiplier,
            )
            for weight in weights
        ]
        return number

    def _layer(self, kind: str, config: Mapping[str, Any], name: str) -> int:
        unique, further = name, 1
        while unique in self.taken:
            further += 1
            unique = f"{name}_{further}"
        self.taken.add(unique)
        self.layers.append(
            Layer(
                path=(unique,),
                kind=kind,
                settings=dict(config),
                module="keras.layers",
                class_name=kind,
                config=dict(config),
            )
        )
        return len(self.layers) - 1
