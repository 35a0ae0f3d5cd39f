"""Do two Keras models consist of the same layers, with the same settings, wired in the same way?

Walking backwards from the outputs, arguments in order, meets the layers of a model in one definite order. Two models
have the same wiring exactly if that order pairs equal layers that read the same places, so no search is needed and the
cost is linear. Argument order counts: `add([a, b])` and `add([b, a])` differ.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import keras

from archcompile.errors import ArchError, UsageError


class ModelsDiffer(ArchError):
    """The two models are not built alike; the message names the first difference."""

    code = "models-differ"


@dataclass(frozen=True, slots=True)
class Place:
    """One layer of a model, where it is called; `inputs` are (position in the order, which output of that layer)."""

    layer: keras.Layer
    node: Any  # Keras' record of the call: the arguments it was given
    inputs: tuple[tuple[int, int], ...]

    @property
    def label(self) -> str:
        return f"`{self.layer.name}` ({type(self.layer).__name__})"


def layer_order(model: keras.Model) -> tuple[Place, ...]:
    """The layers of a functional model, each behind those it reads: the inputs first, then from the outputs backwards.

    Raises UsageError for what has no such order: an operation that is no layer, a layer that is called twice, a model
    inside the model.
    """
    places: list[Place] = []
    position: dict[int, int] = {}  # id of a layer -> its place in the order
    stack = [tensor._keras_history for tensor in reversed([*model.inputs, *model.outputs])]
    while stack:
        layer, index, _ = stack[-1]
        if id(layer) in position:
            if places[position[id(layer)]].node is not layer._inbound_nodes[index]:
                raise UsageError(f"cannot compare `{model.name}`: its layer `{layer.name}` is called more than once")
            stack.pop()
            continue
        _refuse(model, layer)
        node = layer._inbound_nodes[index]
        read = [tensor._keras_history for tensor in node.input_tensors]
        waiting = [history for history in read if id(history[0]) not in position]
        if waiting:
            stack += reversed(waiting)
        else:
            inputs = tuple((position[id(history[0])], history[2]) for history in read)
            position[id(layer)] = len(places)
            places.append(Place(layer, node, inputs))
            stack.pop()
    return tuple(places)


def _refuse(model: keras.Model, layer: Any) -> None:
    if isinstance(layer, keras.Model):
        raise UsageError(f"cannot compare `{model.name}`: it contains the model `{layer.name}` as one layer")
    if not isinstance(layer, keras.Layer):
        raise UsageError(
            f"cannot compare `{model.name}`: its operation `{layer.name}` ({type(layer).__name__}) is not a layer",
            hint="use the layer of that name (for a sum: `keras.layers.add([x, y])`, not `x + y`)",
        )


def settings(place: Place) -> dict[str, Any]:
    """All that a layer was built with, its name aside, flattened to dotted keys; sequences are tuples."""
    layer = place.layer
    config = {key: value for key, value in layer.get_config().items() if key != "name"}
    config["dtype"] = layer.dtype_policy.name  # a policy is written as a string or as a dictionary
    flat = _flatten(config) | _flatten(layer.get_build_config() or {}, "build.")
    arguments = keras.tree.flatten((place.node.arguments.args, place.node.arguments.kwargs))
    flat["call"] = tuple("tensor" if isinstance(value, keras.KerasTensor) else value for value in arguments)
    return flat


def _flatten(config: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in config.items():
        if isinstance(value, dict) and value:
            flat |= _flatten(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = _plain(value)
    return flat


def _plain(value: Any) -> Any:
    return tuple(map(_plain, value)) if isinstance(value, list | tuple) else value


def match_layers(reference: keras.Model, candidate: keras.Model, *, check_settings: bool = True) -> dict[str, str]:
    """The name of each layer of the reference -> the name of the layer of the candidate that stands in its place.

    Raises ModelsDiffer, naming the first difference from the input onwards: another class, another setting, other
    inputs, another output, a layer too few or too many. With `check_settings=False` only classes and wiring count.
    """
    left, right = layer_order(reference), layer_order(candidate)
    if (len(reference.inputs), len(reference.outputs)) != (len(candidate.inputs), len(candidate.outputs)):
        raise ModelsDiffer("the models have different numbers of inputs or outputs")
    for ours, theirs in zip(left, right, strict=False):
        if type(ours.layer) is not type(theirs.layer):
            one, other = _standing(ours, left), _standing(theirs, right)
            raise ModelsDiffer(f"the reference has {one} where the candidate has {other}")
        differing = list(_differences(settings(ours), settings(theirs))) if check_settings else []
        if differing:
            both = f"the reference's {ours.label} and the candidate's {theirs.label}"
            raise ModelsDiffer(f"{both} differ in {', '.join(differing)}")
        _same_inputs(ours, theirs, left, right)
    if len(left) != len(right):
        which, longer, shorter = ("reference", left, right) if len(left) > len(right) else ("candidate", right, left)
        extra = longer[len(shorter)].label
        counts = f"{len(longer)} layers, the other {len(shorter)}"
        raise ModelsDiffer(f"the {which} has {counts}: {extra} has no counterpart")
    mapping = {ours.layer.name: theirs.layer.name for ours, theirs in zip(left, right, strict=True)}
    for number, (ours, theirs) in enumerate(zip(reference.outputs, candidate.outputs, strict=True)):
        (source, _, port), (target, _, target_port) = ours._keras_history, theirs._keras_history
        if (mapping[source.name], port) != (target.name, target_port):
            raise ModelsDiffer(f"output {number}: `{source.name}` in the reference, `{target.name}` in the candidate")
    return mapping


def _standing(place: Place, order: tuple[Place, ...]) -> str:
    return f"{place.label} behind {order[place.inputs[0][0]].label}" if place.inputs else place.label


def _differences(ours: dict[str, Any], theirs: dict[str, Any]) -> Iterable[str]:
    """Each differing setting, in words."""
    for key in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get(key, "absent"), theirs.get(key, "absent")
        if one != other:
            yield f"{key} ({one!r} and {other!r})"


def _same_inputs(ours: Place, theirs: Place, left: tuple[Place, ...], right: tuple[Place, ...]) -> None:
    if len(ours.inputs) != len(theirs.inputs):
        counts = f"{len(ours.inputs)} and {len(theirs.inputs)}"
        raise ModelsDiffer(f"the reference's {ours.label} and the candidate's {theirs.label} have {counts} inputs")
    for number, (one, other) in enumerate(zip(ours.inputs, theirs.inputs, strict=True)):
        if one != other:
            raise ModelsDiffer(
                f"input {number} of the reference's {ours.label} comes from {left[one[0]].label}, "
                f"that of the candidate's {theirs.label} from {right[other[0]].label}"
            )
