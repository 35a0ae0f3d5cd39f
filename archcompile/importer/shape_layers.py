"""Settings of Keras layers that move values, or cut them away, as attributes of ops."""

from archcompile.importer.inexpressible import Foreign, Rest
from archcompile.keras_config import padding_sides
from archcompile.ops import MAP_AXES, TOKEN_AXES, Shape


def reshape(rest: Rest, shape: Shape) -> Rest:
    target = rest.pop("target_shape")
    if any(size is None or size < 1 for size in target):
        raise Foreign(f"target_shape={target!r} leaves a size open, which `reshape` does not")
    if len(shape) == 3 and target == (shape[0] * shape[1], shape[2]):
        return {"op": "tokens"}
    if len(shape) == 2 and len(target) == 3 and target[-1] == shape[-1]:
        return {"op": "map", "size": None if target[0] == target[1] else target[:2]}
    return {"shape": target}


def resizing(rest: Rest, shape: Shape) -> Rest:
    return {
        "to": (rest.pop("height"), rest.pop("width")),
        "interpolation": rest.pop("interpolation"),
    }


def permute(rest: Rest, shape: Shape) -> Rest:
    names = {2: TOKEN_AXES, 3: MAP_AXES}.get(len(shape))
    if names is None:
        raise Foreign(f"permutes {len(shape)} axes; `permute` takes a map, or tokens")
    return {"axes": tuple(names[axis - 1] for axis in rest.pop("dims"))}


def crop(rest: Rest, shape: Shape) -> Rest:
    """A border; or channels, where the last axis is taken for the width."""
    top, bottom, left, right = padding_sides(rest.pop("cropping"))
    if rest["data_format"] == "channels_last":
        return {"size": (top, bottom, left, right)}
    if top or bottom:
        raise Foreign("cuts along the width and the channels at once")
    del rest["data_format"]
    return {"op": "slice_channels", "start": left, "channels": shape[-1] - left - right}
