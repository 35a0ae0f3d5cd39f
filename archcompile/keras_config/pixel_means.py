"""`ops.mean(x, axis=[1, 2])` over the pixels of maps, which a global average pool does as well."""

from typing import Any

from archcompile.keras_config.net import Call, Settings

PIXELS = ((1, 2), (-3, -2))  # axes of (images, height, width, channels)


def pixel_mean(kind: str, settings: Settings, call: Call, *, shape: Any) -> Settings | None:
    """The settings of the GlobalAveragePooling2D that an operation is; None for any other.

    `shape` is that of its input, (H, W, C).
    """
    is_map = shape is not None and len(shape) == 3
    if kind != "ops.Mean" or not is_map or settings.get("axis") not in PIXELS:
        return None
    if call.kwargs or call.args != tuple(call.inputs):
        return None
    return {
        "data_format": "channels_last",
        "dtype": "float32",
        "keepdims": bool(settings.get("keepdims")),
        "trainable": True,
    }
