"""Recognises ops that Keras lacks, which stand in its models as several layers (`Op.pieces`)."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile
from math import nextafter
from typing import Any

from archcompile.errors import ShapeError
from archcompile.importer.inexpressible import Foreign
from archcompile.importer.layers import build_op, check_meant
from archcompile.keras_config import Call, Layer, Net, Ref, Settings, padding_sides
from archcompile.ops import Op, Shape

LONGEST_BLUR = 7  # pools behind the last one of the largest `blur_pool`
SWAP = (1, 3, 2)  # width and channels change places
# Behind the factor that `lrn` multiplies by, the nearest first.
LRN = ("ops.Power", "Rescaling", "AveragePooling2D", "ZeroPadding2D", "Reshape", "Multiply")


@dataclass(frozen=True, slots=True)
class Whole:
    """Several calls that are one op; `calls` are all but the last, which stands for it."""

    op: Op
    inputs: tuple[Ref, ...]
    calls: tuple[int, ...]


def wholes(net: Net, canonical: bool = False) -> Mapping[int, Whole]:
    """The ops that several calls make together, by the call that ends each.

    Nothing else may read what lies between. `canonical` adds what only the canonical level takes
    for one op.
    """
    finders = _FINDERS | (_CANONICAL if canonical else {})
    readers = net.readers()
    for ref in net.outputs:
        readers[ref] = readers.get(ref, 0) + 1
    by_call: dict[int, Whole] = {}
    for number, call in enumerate(net.calls):
        kind = net.layers[call.layer].kind
        if kind not in finders:
            continue
        try:
            whole = finders[kind](net, number)
        except Foreign:
            continue  # then each layer is translated by itself
        if whole and all(readers[Ref(inner, 0)] == 1 for inner in whole.calls):
            by_call[number] = whole
    return by_call


def _behind(net: Net, number: int, *kinds: str) -> Iterator[int]:
    """The calls of these kinds that lead to this one along single inputs, the nearest first."""
    for kind in kinds:
        inputs = net.calls[number].inputs
        if len(inputs) != 1 or inputs[0].output or net.layer(inputs[0].call).kind != kind:
            return
        number = inputs[0].call
        yield number


def _pad_channels(net: Net, number: int) -> Whole | None:
    inner = tuple(_behind(net, number, "ZeroPadding2D", "Permute"))
    if len(inner) != 2:
        return None
    if any(net.layer(call).settings["dims"] != SWAP for call in (number, inner[1])):
        return None
    rows, (before, after) = net.layer(inner[0]).settings["padding"]
    if any(rows):
        return None
    op = build_op("pad_channels", {"before": before, "after": after})
    return Whole(op, net.calls[inner[1]].inputs, inner)


def _match_mover(net: Net, number: int) -> Whole | None:
    """What moves values between two reshapes: channels of a vector, a shuffle, blocks of pixels."""
    for kind in ("Permute", "Cropping2D"):
        inner = tuple(_behind(net, number, kind, "Reshape"))
        shapes = net.calls[inner[-1]].shapes if len(inner) == 2 else ()
        shape = shapes[0] if shapes else None
        if shape is None or not all(shape):
            continue
        calls = (*reversed(inner), number)
        layers = [net.layer(call) for call in calls]
        for op in _movers(shape, [layer.settings for layer in layers]):  # type: ignore[arg-type]
            if _is_written_as(op, shape, layers):  # type: ignore[arg-type]
                return Whole(op, net.calls[calls[0]].inputs, inner)
    return None


def _movers(shape: Shape, settings: Sequence[Settings]) -> Iterator[Op]:
    """The ops that three layers may be, by what they make of a shape."""
    laid_out, result = settings[0]["target_shape"], settings[2]["target_shape"]
    guesses: list[tuple[str, Settings]] = []
    if "cropping" in settings[1]:
        (_, _, start, _) = padding_sides(settings[1]["cropping"])
        guesses.append(("slice_channels", {"start": start, "channels": result[-1]}))
    elif len(laid_out) == len(shape) + 1 == len(result) + 1:
        pairs = list(zip(shape[:2], result[:2], strict=True))
        guesses.append(("shuffle_channels", {"groups": laid_out[-2]}))
        guesses.append(("depth_to_space", {"size": [after // before for before, after in pairs]}))
        guesses.append(("space_to_depth", {"size": [before // after for before, after in pairs]}))
    for name, attributes in guesses:
        with suppress(Foreign):
            yield build_op(name, attributes)


def _is_written_as(op: Op, shape: Shape, layers: Sequence[Layer]) -> bool:
    """Whether the op on this shape is made of just these layers."""
    try:
        calls = [piece.call for piece in op.pieces(shape)]
    except ShapeError:
        return False
    return len(calls) == len(layers) and all(
        call.path == f"layers.{layer.kind}" and _is_as_called(layer, call.kwargs)
        for call, layer in zip(calls, layers, strict=True)
    )


def _is_as_called(layer: Layer, settings: Settings) -> bool:
    rest = {key: value for key, value in layer.settings.items() if key not in settings}
    try:
        check_meant(layer.kind, rest)
    except Foreign:
        return False
    return all(layer.settings.get(key) == value for key, value in settings.items())


def _scaled_drop(net: Net, number: int) -> Whole | None:
    """Stochastic depth as published: a factor before the dropout, which counts at inference."""
    inner = tuple(_behind(net, number, "Rescaling"))
    drop = net.layer(number).settings
    noise = drop["noise_shape"]
    if (
        not inner
        or noise is None
        or any(size != 1 for size in noise[1:])
        or noise[0] not in (None, 1)
    ):
        return None
    scale = net.layer(inner[0]).settings
    if scale["offset"] != 0 or scale["scale"] != 1 - drop["rate"]:
        return None
    attributes = {
        "drop_rate": drop["rate"],
        "per": "sample" if noise[0] is None else "batch",
        "scale_at": "test",
    }
    return Whole(build_op("drop_path", attributes), net.calls[inner[0]].inputs, inner)


def _blur_pool(net: Net, number: int) -> Whole | None:
    """Means of two neighbours over and over, with the zeros in front that keep a map's size."""
    pools = [number, *_behind(net, number, *["AveragePooling2D"] * LONGEST_BLUR)]
    means = list(takewhile(lambda call: _is_mean_of_two(net.layer(call).settings), pools[1:]))
    pad = next(_behind(net, [number, *means][-1], "ZeroPadding2D"), None)
    last, size = net.layer(number).settings, len(means) + 2
    before = (size - 1) // 2
    sides = (before, size - 1 - before)
    if (
        pad is None
        or not means
        or net.layer(pad).settings["padding"] != (sides, sides)
        or (last["pool_size"], last["padding"]) != ((2, 2), "valid")
    ):
        return None
    op = build_op("blur_pool", {"size": size, "stride": last["strides"]})
    return Whole(op, net.calls[pad].inputs, (*means, pad))


def _is_mean_of_two(settings: Mapping[str, Any]) -> bool:
    """Whether an average pool is one of 2x2 at every pixel."""
    return (settings["pool_size"], settings["strides"], settings["padding"]) == (
        (2, 2),
        (1, 1),
        "valid",
    )


def _lrn(net: Net, number: int) -> Whole | None:
    """x times a power of an average of squares along the channels."""
    call = net.calls[number]
    if len(call.inputs) != 2:
        return None
    value, factor = call.inputs
    if net.layer(factor.call).kind != "Reshape":
        return None
    inner = (factor.call, *_behind(net, factor.call, *LRN))
    if len(inner) != 7 or net.calls[inner[-1]].inputs != (value, value):
        return None
    power = net.calls[inner[1]]
    scale, pool, pad = (net.layer(call).settings for call in inner[2:5])
    (_, size), exponent = pool["pool_size"], _constant(power)
    padding = ((0, 0), (size // 2, size // 2))
    if exponent is None or pool["strides"] != (1, 1) or pad["padding"] != padding:
        return None
    attributes = {
        "size": size,
        "alpha": _quotient(scale["scale"], size),
        "beta": -exponent,
        "bias": scale["offset"],
    }
    return Whole(build_op("lrn", attributes), (value,), inner)


def _hard_sigmoid(net: Net, number: int) -> Whole | None:
    """relu6(x + 3) / 6, as older networks spell it out."""
    inner = tuple(_behind(net, number, "Activation", "ops.Add"))
    if len(inner) != 2 or net.layer(inner[0]).settings["activation"] != "relu6":
        return None
    if (_constant(net.calls[inner[1]]), _constant(net.calls[number])) != (3, 1 / 6):
        return None
    return Whole(build_op("hard_sigmoid", {}), net.calls[inner[1]].inputs, inner)


def _constant(call: Call) -> float | None:
    """The one number that an operation is given besides a tensor in front of it."""
    given = [*call.args[1:], *call.kwargs.values()]
    return given[0] if len(given) == 1 and isinstance(given[0], int | float) else None


def _quotient(product: float, size: int) -> float:
    """The float that times `size` is this one, where there is one next to the quotient."""
    near = product / size
    candidates = (near, nextafter(near, 0), nextafter(near, 1))
    return next((number for number in candidates if number * size == product), near)


_CANONICAL = {"ops.Multiply": _hard_sigmoid}
_FINDERS = {
    "AveragePooling2D": _blur_pool,
    "Permute": _pad_channels,
    "Dropout": _scaled_drop,
    "Multiply": _lrn,
    "Reshape": _match_mover,
}
