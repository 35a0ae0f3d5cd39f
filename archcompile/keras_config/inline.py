"""A model's calls in one list: models within it are called on tensors until only layers are left.

No recursion over layers; models within models recurse, and their nesting is limited.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from archcompile.keras_config.arguments import Point, Tensor, attention_arguments, tensors
from archcompile.keras_config.model_records import damaged_error
from archcompile.keras_config.net import (
    Call,
    Layer,
    Ref,
    UnreadableModel,
    UnsupportedModel,
    refs,
)
from archcompile.keras_config.normal import normalise
from archcompile.keras_config.parts import Functional, NodeKey, Part, Sequential
from archcompile.limits import MAX_NODES

Shaped = tuple[Ref, Any]  # a tensor with its shape, None where that is not known
Outputs = dict[NodeKey, list[Shaped] | Ref]  # what each call of a model returned


class Inliner:
    """`layers` are those that have been read, `calls` those made so far."""

    def __init__(self, layers: list[Layer]) -> None:
        self.layers = layers
        self.calls: list[Call] = []
        self.applied = 0  # models

    def outputs(self, model: Functional | Sequential) -> tuple[Ref, ...]:
        """Calls the whole model on its inputs."""
        inputs = []
        for head in self._heads(model):
            if not isinstance(head, int) or not self._is_input(head):
                raise UnsupportedModel("an input of the model is not an InputLayer")
            inputs.append(self._call(head, (), {}, shapes=()))
        layers = [self.layers[self.calls[ref.call].layer] for ref in inputs]
        shapes = [(None, *layer.settings["shape"]) for layer in layers]
        ends = self._apply(model, list(zip(inputs, shapes, strict=True)), None)
        return tuple(ref for ref, _ in ends)

    def _heads(self, model: Functional | Sequential) -> list[Part]:
        """The layers that are the model's inputs."""
        if isinstance(model, Functional):
            return [model.parts[name] for name, _, _ in model.inputs]
        if model.chain and self._is_input(model.chain[0]):
            return [model.chain[0]]
        return [self._new_input(model)]

    def _is_input(self, part: Any) -> bool:
        return isinstance(part, int) and self.layers[part].kind == "InputLayer"

    def _new_input(self, model: Sequential) -> int:
        """Adds the InputLayer that a Sequential model leaves out; its number."""
        if model.shape is None:
            raise UnsupportedModel(
                "the Sequential model has no input shape", hint="build it before it is saved"
            )
        config = {"batch_shape": list(model.shape), "dtype": "float32", "name": "input"}
        kind, settings = normalise("InputLayer", config)
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

    def _call(
        self, layer: int, args: tuple[Any, ...], kwargs: Mapping[str, Any], *, shapes: Sequence[Any]
    ) -> Ref:
        """Makes one call of a layer."""
        if len(self.calls) >= MAX_NODES:
            raise UnsupportedModel(f"the model makes more than {MAX_NODES} calls")
        if self.layers[layer].kind == "Dropout" and kwargs.get("training") is False:
            # Keras writes False where none was given.
            kwargs = {key: value for key, value in kwargs.items() if key != "training"}
        if self.layers[layer].kind == "MultiHeadAttention":
            shape_of = dict(zip((*refs(args), *refs(kwargs)), shapes, strict=True))
            args, kwargs = attention_arguments(args, kwargs, self.layers[layer].settings)
            shapes = [shape_of[ref] for ref in (*refs(args), *refs(kwargs))]
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

    def _apply(
        self, model: Functional | Sequential, inputs: list[Shaped], training: bool | None
    ) -> list[Shaped]:
        """Calls a model on tensors; `training` is what the caller has fixed."""
        self.applied += 1
        # Models in models that hold no layer make no call, so that their number has no other limit.
        if self.applied > MAX_NODES:
            raise UnsupportedModel(f"the model makes more than {MAX_NODES} calls of models")
        if isinstance(model, Functional):
            return self._apply_functional(model, inputs, training)
        for part in model.chain:
            if not isinstance(part, int):
                inputs = self._apply(part, inputs, training)
            elif not self._is_input(part):
                fixed = {} if training is None else {"training": training}
                ref, shape = inputs[0]
                inputs = [(self._call(part, (ref,), fixed, shapes=[_without_batch(shape)]), None)]
        return inputs

    def _apply_functional(
        self, model: Functional, inputs: list[Shaped], training: bool | None
    ) -> list[Shaped]:
        """Calls the layers of a model in an order in which all inputs are known."""
        if len(inputs) != len(model.inputs):
            raise UnreadableModel(
                f"a model of {len(model.inputs)} inputs is called with {len(inputs)}"
            )
        known: Outputs = {
            (name, node): [pair] for (name, node, _), pair in zip(model.inputs, inputs, strict=True)
        }
        opened: set[NodeKey] = set()
        stack = [(name, node) for name, node, _ in reversed(model.outputs)]
        while stack:
            key = stack[-1]
            if key in known:
                stack.pop()
                continue
            if key not in model.nodes:
                raise damaged_error(
                    f"the output of call {key[1]} of a layer `{key[0]}` is used, and the model "
                    "holds no such call"
                )
            read = [tensor.point[:2] for tensor in tensors(model.nodes[key])]
            waiting = [point for point in read if point not in known]
            if waiting:
                if key in opened:
                    raise UnreadableModel(f"the layer `{key[0]}` feeds itself")
                opened.add(key)
                stack += reversed(waiting)
                continue
            known[key] = self._call_node(model, key, known, training=training)
            stack.pop()
        return [(_ref(known, point), None) for point in model.outputs]

    def _call_node(
        self, model: Functional, key: NodeKey, known: Outputs, *, training: bool | None
    ) -> list[Shaped] | Ref:
        """Makes the call that a node of a model stands for."""
        part, (args, kwargs) = model.parts[key[0]], model.nodes[key]
        read = tensors((args, kwargs))
        if isinstance(part, int):
            if training is not None and not self.layers[part].is_operation:
                kwargs = {"training": training, **kwargs}
            shapes = [_without_batch(tensor.shape) for tensor in read]
            return self._call(part, _resolve(args, known), _resolve(kwargs, known), shapes=shapes)
        inputs = [(_ref(known, tensor.point), tensor.shape) for tensor in read]
        return self._apply(part, inputs, kwargs.get("training", training))


def _ref(known: Outputs, point: Point) -> Ref:
    output = known[point[:2]]
    if isinstance(output, Ref):
        return Ref(output.call, point[2])
    return output[point[2]][0]


def _resolve(value: Any, known: Outputs) -> Any:
    """An argument with a Ref for each tensor."""
    if isinstance(value, Tensor):
        return _ref(known, value.point)
    if isinstance(value, tuple | list):
        return type(value)(_resolve(item, known) for item in value)
    if isinstance(value, dict):
        return {key: _resolve(item, known) for key, item in value.items()}
    return value


def _without_batch(shape: tuple[int | None, ...] | None) -> tuple[int | None, ...] | None:
    return None if shape is None else tuple(shape[1:])
