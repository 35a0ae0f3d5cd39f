"""Attributes of ops, drawn so that they fit a shape."""

from collections.abc import Callable, Mapping
from typing import Any

from ..language.ops import ACTIVATIONS, GLOBAL_POOLS, INITS
from ..language.shapes import Shape
from . import moving
from .draw import Draw, divisors, number, pair, whole
from .norms import bn, group_norm, lrn, norm, normalize

Scope = Mapping[str, Any]
Settings = dict[str, Any]


def init(draw: Draw, scope: Scope) -> Any:
    scaling = {
        "scale": number(draw, 2.0, scope),
        "mode": draw.choose(["fan_in", "fan_out", "fan_avg"]),
        "distribution": draw.choose(["truncated_normal", "untruncated_normal", "uniform"]),
    }
    settings = [
        {"variance_scaling": scaling},
        {"normal": {"std": number(draw, 0.05, scope)}},
        {"constant": {"value": number(draw, 0.5, scope)}},
        {"truncated_normal": {"std": number(draw, 0.05, scope)}},
        {"uniform": {"limit": number(draw, 0.1, scope)}},
        {"orthogonal": draw.choose([{}, {"gain": number(draw, 2.0, scope)}])},
    ]
    return draw.choose([*INITS, *settings])


def draw_layer_settings(draw: Draw, scope: Scope) -> Settings:
    settings: Settings = {}
    if draw.chance(0.3):
        settings["bias"] = draw.choose([True, False, "$(1 == 2)", "$(not false)"])
    if draw.chance(0.15):
        settings["init"] = init(draw, scope)
    if draw.chance(0.1):
        settings["bias_init"] = number(draw, draw.choose([-2.0, 1, 0.5]), scope)
    if draw.chance(0.1):
        settings["l2"] = number(draw, draw.choose([1e-4, 0.5]), scope)
    if draw.chance(0.05):
        settings["l1"] = number(draw, draw.choose([1e-5, 0.25]), scope)
    if draw.chance(0.15):
        settings["activation"] = draw.choose([*ACTIVATIONS[:-1], "none"])
    return settings


def window(draw: Draw, scope: Scope, shape: Shape) -> Settings:
    """Kernel, stride, dilation and padding of a conv."""
    height, width, _ = shape
    square = draw.chance(0.8)
    first = draw.choose([1, 1, 2, 3, 3, 3, 5])
    kernel = (first, first if square else draw.choose([1, 2, 3, 5]))
    settings: Settings = {"kernel": pair(draw, kernel, scope)}
    lists = [name for name, value in scope.items() if isinstance(value, list)]
    if lists and draw.chance(0.2):
        settings["kernel"] = f"${draw.choose(lists)}"
        kernel = (3, 3)
    strided = draw.chance(0.15) and min(height, width) > 3
    if strided:
        settings["stride"] = pair(draw, draw.choose([(2, 2), (2, 2), (3, 3)]), scope)
    elif draw.chance(0.1):
        settings["dilation"] = whole(draw, 2, scope)
    if draw.chance(0.4):
        settings["padding"] = padding(draw, kernel, shape, dilated="dilation" in settings)
    return settings


def padding(draw: Draw, kernel: tuple[int, int], shape: Shape, *, dilated: bool) -> Any:
    forms: list[Any] = [
        "same",
        "symmetric",
        draw.between(2, 3),
        [draw.between(2, 4) for _ in range(4)],
    ]
    extents = [(size - 1) * (2 if dilated else 1) + 1 for size in kernel]
    if extents[0] <= shape[0] and extents[1] <= shape[1]:
        forms += ["valid", 0, 1]
    return draw.choose(forms)


def channels(draw: Draw, scope: Scope) -> Any:
    return whole(draw, draw.choose([2, 3, 4, 4, 6, 8, 8, 12]), scope)


def conv(draw: Draw, scope: Scope, shape: Shape) -> Settings:
    settings = {
        "filters": channels(draw, scope),
        **window(draw, scope, shape),
        **draw_layer_settings(draw, scope),
    }
    if draw.chance(0.2):
        groups = draw.choose(divisors(shape[2]))
        settings |= {"filters": groups * draw.between(1, 3), "groups": groups}
    return settings


def depthwise(draw: Draw, scope: Scope, shape: Shape) -> Settings:
    settings = {**window(draw, scope, shape), **draw_layer_settings(draw, scope)}
    if shape[2] < 16 and draw.chance(0.3):
        settings["multiplier"] = whole(draw, 2, scope)
    return settings


def separable(draw: Draw, scope: Scope, shape: Shape) -> Settings:
    return {**depthwise(draw, scope, shape), "filters": channels(draw, scope)}


def pool(draw: Draw, scope: Scope, shape: Shape) -> Settings:
    size = draw.choose([(1, 1), (2, 2), (2, 2), (3, 3), (1, 2)])
    settings: Settings = {"size": pair(draw, size, scope)}
    if draw.chance(0.4):
        settings["stride"] = pair(draw, draw.choose([(1, 1), (2, 2), (2, 1)]), scope)
    if draw.chance(0.4) or shape[0] < size[0] or shape[1] < size[1]:
        settings["padding"] = "same"
    return settings


def crop(draw: Draw, scope: Scope, shape: Shape) -> Settings:
    if min(shape[:2]) > 4 and draw.chance(0.5):
        return {"size": whole(draw, 1, scope)}
    return {"size": [draw.between(0, 1), 0, 0, draw.between(0, 1)] if min(shape[:2]) > 2 else 0}


def pad(draw: Draw, scope: Scope, shape: Shape) -> Settings:
    return {
        "size": draw.choose(
            [
                whole(draw, 1, scope),
                [whole(draw, draw.between(0, 2), scope, chance=0.2) for _ in range(4)],
            ]
        )
    }


def pad_channels(draw: Draw, scope: Scope, shape: Shape) -> Settings:
    return {
        key: whole(draw, draw.between(0, 2), scope, chance=0.2)
        for key in draw.some(["before", "after"], draw.between(0, 2))
    }


def reshape(draw: Draw, scope: Scope, shape: Shape) -> Settings:
    if len(shape) == 1:
        return {
            "shape": [
                1,
                1,
                draw.choose(
                    [shape[0], "$in_channels" if scope.get("in_channels") == shape[0] else shape[0]]
                ),
            ]
        }
    height, width, depth = shape
    forms: list[list[Any]] = [
        [width, height, depth],
        [height * width, 1, depth],
        [height, width, whole(draw, depth, scope)],
    ]
    if height % 2 == 0:
        forms.append([height // 2, width * 2, depth])
    if depth % 2 == 0:
        forms.append([height * 2, width, depth // 2])
    return {"shape": draw.choose(forms)}


def rate(draw: Draw, scope: Scope, shape: Shape) -> Settings:
    return {"rate": number(draw, draw.choose([0.1, 0.25, 0.5, 0]), scope)}


def drop_path(draw: Draw, scope: Scope, shape: Shape) -> Settings:
    settings: Settings = {"drop_rate": number(draw, draw.choose([0.1, 0.25, 0.5, 0]), scope)}
    if draw.chance(0.4):
        settings["per"] = draw.choose(["sample", "batch"])
    if draw.chance(0.4):
        settings["scale_at"] = draw.choose(["train", "test"])
    return settings


def rescale(draw: Draw, scope: Scope, shape: Shape) -> Settings:
    settings: Settings = {"scale": number(draw, draw.choose([-1, 2, 0.5]), scope)}
    return (
        {**settings, "offset": whole(draw, draw.between(0, 3), scope)}
        if draw.chance(0.4)
        else settings
    )


def dense(draw: Draw, scope: Scope, shape: Shape) -> Settings:
    return {
        "units": whole(draw, draw.choose([2, 3, 5, 8, 10]), scope),
        **draw_layer_settings(draw, scope),
        **({} if len(shape) == 1 else {"per": "position"}),
    }


def attention(draw: Draw, scope: Scope, shape: Shape) -> Settings:
    given = {name: whole(draw, draw.choose([1, 2, 3]), scope) for name in ATTENTION}
    settings = {key: given[key] for key in draw.some(ATTENTION, draw.choose([0, 0, 1, 2, 3]))}
    kernels = draw_layer_settings(draw, scope)
    kernels.pop("activation", None)
    return {"heads": whole(draw, draw.choose(divisors(shape[-1])), scope), **settings, **kernels}


def conv_transpose(draw: Draw, scope: Scope, shape: Shape) -> Settings:
    settings: Settings = {
        "filters": whole(draw, draw.choose([2, 3, 4, 6]), scope),
        "kernel": pair(draw, draw.choose([(1, 1), (2, 2), (3, 3), (2, 3)]), scope),
        **draw_layer_settings(draw, scope),
    }
    if draw.chance(0.7):
        settings["stride"] = pair(draw, draw.choose([(1, 1), (2, 2), (1, 2)]), scope)
    if draw.chance(0.5):
        settings["padding"] = draw.choose(["same", "valid"])
    return settings


def upsample(draw: Draw, scope: Scope, shape: Shape) -> Settings:
    settings: Settings = {"size": pair(draw, draw.choose([(1, 1), (2, 2), (1, 2)]), scope)}
    if draw.chance(0.4):
        settings["interpolation"] = draw.choose(["nearest", "bilinear"])
    return settings


def nothing(draw: Draw, scope: Scope, shape: Shape) -> Settings:
    return {}


def activation(draw: Draw, scope: Scope, shape: Shape) -> Settings:
    named = [name for name, value in scope.items() if value in ACTIVATIONS]
    return {
        "kind": f"${draw.choose(named)}"
        if named and draw.chance(0.7)
        else draw.choose([*ACTIVATIONS[:-1], "none"])
    }


def prelu(draw: Draw, scope: Scope, shape: Shape) -> Settings:
    given = {"shared": draw.choose([True, False]), "slope_init": number(draw, 0.25, scope)}
    return {key: given[key] for key in draw.some(list(given), draw.between(0, 2))}


def blur_pool(draw: Draw, scope: Scope, shape: Shape) -> Settings:
    given = {
        "size": whole(draw, draw.choose([3, 4, 5]), scope),
        "stride": pair(draw, draw.choose([(1, 1), (2, 2), (3, 3), (1, 2)]), scope),
    }
    return {key: given[key] for key in draw.some(list(given), draw.between(0, 2))}


ATTENTION = ["head_channels", "value_channels", "units"]
Drawn = Callable[[Draw, Scope, Shape], Settings]
ANY: dict[str, tuple[float, Drawn]] = {
    **dict.fromkeys(ACTIVATIONS, (0.5, nothing)),
    "relu": (4, nothing),
    "bn": (4, bn),
    "layer_norm": (1, norm),
    "group_norm": (1, group_norm),
    "rms_norm": (
        0.5,
        lambda draw, scope, shape: (
            {"epsilon": number(draw, 1e-3, scope)} if draw.chance(0.5) else {}
        ),
    ),
    "layer_scale": (1, lambda draw, scope, shape: {"value": number(draw, 0.5, scope)}),
    "normalize": (1, normalize),
    "leaky_relu": (
        1,
        lambda draw, scope, shape: {"slope": number(draw, 0.1, scope)} if draw.chance(0.5) else {},
    ),
    "prelu": (0.5, prelu),
    "activation": (2, activation),
    "rescale": (2, rescale),
    "dropout": (1, rate),
    "shuffle_channels": (0.7, moving.shuffle_channels),
    "drop_path": (1, drop_path),
}
MAP: dict[str, tuple[float, Drawn]] = {
    **ANY,
    "conv": (10, conv),
    "depthwise_conv": (2, depthwise),
    "separable_conv": (2, separable),
    "conv_transpose": (0.5, conv_transpose),
    "dense": (0.5, dense),
    "attention": (1, attention),
    "lrn": (1, lrn),
    "max_pool": (1.5, pool),
    "avg_pool": (1, pool),
    "blur_pool": (0.5, blur_pool),
    "subsample": (
        0.5,
        lambda draw, scope, shape: {
            "stride": pair(draw, draw.choose([(1, 1), (2, 2), (1, 2)]), scope)
        },
    ),
    "pad": (1, pad),
    "crop": (1, crop),
    "pad_channels": (1, pad_channels),
    **moving.MAP,
    "upsample": (0.7, upsample),
    "reshape": (0.7, reshape),
}
VECTOR: dict[str, tuple[float, Drawn]] = {
    **ANY,
    "dense": (5, dense),
    "slice_channels": (0.5, moving.slice_channels),
    "reshape": (0.5, reshape),
}
ROWS = ("attention", "dense", "layer_norm", "relu", "bn", "shuffle_channels", "dropout")
KEEPING = tuple(name for name in ANY)
POOLING = (*GLOBAL_POOLS, "flatten")


def draw_attributes(draw: Draw, kind: str, scope: Scope, *, shape: Shape) -> Settings:
    if kind in POOLING:
        return (
            {"keep_dims": draw.choose([True, False])}
            if kind != "flatten" and draw.chance(0.5)
            else {}
        )
    return (MAP | VECTOR)[kind][1](draw, scope, shape)
