"""Heads of PyTorch that go on with maps of 1 x 1 behind the global pool, as layers of vectors.

A 1x1 convolution of one pixel is a dense layer: `pool, conv, relu, flatten` becomes `pool, flatten,
dense, relu`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from archcompile.keras_config import Layer, Net, Ref, with_inputs
from archcompile.torch_graph.weight_turns import CarriedWeight

POOL, FLATTEN, CONV = "GlobalAveragePooling2D", "Flatten", "Conv2D"
ALONG = ("Activation", "Dropout", CONV)  # what may stand between the pool and `flatten`


def with_early_flatten(
    net: Net, weights: Sequence[CarriedWeight]
) -> tuple[Net, Sequence[CarriedWeight], Mapping[Ref, Ref]]:
    """The net with each such `flatten` right behind its pool, its weights, and which tensor moved.

    Of each tensor that is another now, the last gives the new one.
    """
    moved: dict[Ref, Ref] = {}
    for number in range(len(net.calls)):
        chain = _chain(net, number) if net.layer(number).kind == FLATTEN else []
        if any(net.layer(each).kind == CONV for each in chain):
            net, weights = _swap_calls(net, weights, [*chain, number])
            pairs = zip(chain, [*chain[1:], number], strict=True)
            moved |= {Ref(before, 0): Ref(after, 0) for before, after in pairs}
    return _with_flat_pools(net), weights, moved


def _with_flat_pools(net: Net) -> Net:
    """The net in which no `flatten` reads a global pool: the pool gives a vector itself."""
    readers = net.readers()
    calls, layers = list(net.calls), list(net.layers)
    pool_of: dict[Ref, Ref] = {}
    for number, call in enumerate(net.calls):
        inputs = tuple(pool_of.get(ref, ref) for ref in call.inputs)
        calls[number] = with_inputs(call, inputs)
        if net.layer(number).kind != FLATTEN:
            continue
        (pool,) = call.inputs
        layer = net.calls[pool.call].layer
        if net.layers[layer].kind == POOL and readers[pool] == net.uses[layer] == 1:
            config = {**net.layers[layer].config, "keepdims": False}
            layers[layer] = replace(net.layers[layer], config=config, settings=config)
            pool_of[Ref(number, 0)] = pool
    outputs = tuple(pool_of.get(ref, ref) for ref in net.outputs)
    return replace(net, layers=tuple(layers), calls=tuple(calls), outputs=outputs)


def _chain(net: Net, flatten: int) -> list[int]:
    """The calls between the pool and `flatten`, in order; none where anything else is there."""
    readers = net.readers()
    chain: list[int] = []
    number = net.calls[flatten].inputs[0].call
    while net.layer(number).kind in ALONG and _is_pointwise(net, number):
        chain.insert(0, number)
        if readers[Ref(number, 0)] != 1 or net.uses[net.calls[number].layer] != 1:
            return []
        number = net.calls[number].inputs[0].call
    is_pool = net.layer(number).kind == POOL and readers[Ref(number, 0)] == 1
    return chain if is_pool else []


def _is_pointwise(net: Net, number: int) -> bool:
    """Whether a call of a convolution is one that a dense layer does on a vector."""
    settings, shape = net.layer(number).settings, net.calls[number].shapes[0]
    if net.layer(number).kind != CONV:
        return True
    return (
        tuple(settings["kernel_size"]) == (1, 1) and settings["groups"] == 1 and shape is not None
    )


def _swap_calls(
    net: Net, weights: Sequence[CarriedWeight], slots: Sequence[int]
) -> tuple[Net, Sequence[CarriedWeight]]:
    """The net whose calls at these places are the last of them, then the others.

    Each reads the one before; what the last gives is the same as it was.
    """
    calls, layers = list(net.calls), list(net.layers)
    pointwise = set()
    source = net.calls[slots[0]].inputs[0]
    flatten = net.calls[slots[-1]]
    calls[slots[0]] = replace(with_inputs(flatten, (source,)), shapes=net.calls[slots[0]].shapes)
    for before, after in pairwise(slots):
        call = net.calls[before]
        channels = call.shapes[0][-1:] if call.shapes[0] else ()
        calls[after] = replace(with_inputs(call, (Ref(before, 0),)), shapes=(channels,))
        if net.layer(before).kind == CONV:
            pointwise.add(call.layer)
            layers[call.layer] = _as_dense(net.layers[call.layer])
    turned = [
        replace(weight, turn="pointwise")
        if weight.layer in pointwise and weight.variable == "kernel"
        else weight
        for weight in weights
    ]
    return replace(net, layers=tuple(layers), calls=tuple(calls)), turned


def _as_dense(layer: Layer) -> Layer:
    config = {"units": layer.config["filters"], "use_bias": layer.config["use_bias"]}
    return replace(layer, kind="Dense", class_name="Dense", settings=config, config=config)
