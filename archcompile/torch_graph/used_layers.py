"""Leaves out of a net what leads to no output."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from archcompile.keras_config import Net, Ref, with_inputs
from archcompile.torch_graph.weight_turns import CarriedWeight


def without_unused_layers(
    net: Net, weights: Sequence[CarriedWeight]
) -> tuple[Net, tuple[CarriedWeight, ...], Mapping[Ref, Ref]]:
    """The net, its weights, and the tensors that are left: how each was called and is called."""
    used: set[int] = {0}  # the input, even if nothing reads it
    waiting = [ref.call for ref in net.outputs]
    while waiting:
        number = waiting.pop()
        if number not in used:
            used.add(number)
            waiting += [ref.call for ref in net.calls[number].inputs]
    kept = sorted(used)
    calls = {call: place for place, call in enumerate(kept)}
    numbers = sorted({net.calls[call].layer for call in kept})
    layers = {layer: place for place, layer in enumerate(numbers)}
    moved = {Ref(call, 0): Ref(place, 0) for call, place in calls.items()}
    renumbered = []
    for call in (net.calls[number] for number in kept):
        inputs = tuple(moved[ref] for ref in call.inputs)
        renumbered.append(replace(with_inputs(call, inputs), layer=layers[call.layer]))
    left = Net(
        name=net.name,
        layers=tuple(net.layers[number] for number in numbers),
        calls=tuple(renumbered),
        outputs=tuple(moved[ref] for ref in net.outputs),
        keys=net.keys,
    )
    carried = tuple(
        replace(weight, layer=layers[weight.layer]) for weight in weights if weight.layer in layers
    )
    return left, carried, moved
