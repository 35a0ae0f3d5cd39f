"""Claims of a spec that are true."""

from typing import Any

from ..language.net import Net
from .draw import Draw


def with_claims(draw: Draw, spec: dict[str, Any], net: Net) -> dict[str, Any]:
    """Some claims that are true."""
    if draw.chance(0.1):
        spec["train"] = draw.choose(["article", "digits"])
    if draw.chance(0.1) and "allow" not in spec:
        spec["allow"] = [draw.choose(["bias-before-bn", "no-final-norm"])]
    if not draw.chance(0.3):
        return spec
    counts = {True: 0, False: 0}
    for node in net.nodes.values():
        for _, shape, trainable in node.weights:
            counts[trainable] += size_of(shape)
    end = next(iter(net.outputs.values()))
    claims: dict[str, Any] = {
        "params": sum(counts.values()),
        "trainable": counts[True],
        "non_trainable": counts[False],
        "attention_macs": sum(attention_macs(net, name) for name in net.nodes),
        "joins": len(net.joins),
        "shapes": {
            label: list(net.shape(node)) for label, node in net.outputs.items() if "outputs" in spec
        },
    }
    if len(net.outputs) == 1:
        claims["output"] = list(net.shape(end))
    spec["expect"] = {
        key: claims[key] for key in draw.some(list(claims), draw.between(1, 3)) if claims[key] != {}
    }
    return spec


def attention_macs(net: Net, name: str) -> int:
    """Each position by each other: for every head a product of keys, and one of values."""
    shapes = {weight: shape for weight, shape, _ in net.nodes[name].weights}
    if net.nodes[name].kind != "attention":
        return 0
    positions = size_of(net.shape(name)[:-1])
    _, heads, keys = shapes["query/kernel"]
    return positions**2 * heads * (keys + shapes["value/kernel"][-1])


def size_of(shape: tuple[int, ...]) -> int:
    size = 1
    for length in shape:
        size *= length
    return size
