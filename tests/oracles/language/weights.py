"""Weights of ops, as Keras names them."""

from .shapes import Attributes, Shape

Weight = tuple[str, Shape, bool]


def bias_weights(op: Attributes, channels: int) -> list[Weight]:
    return [("bias", (channels,), True)] if op["bias"] else []


def scale_weights(op: Attributes, channels: int) -> list[Weight]:
    factor: list[Weight] = [("gamma", (channels,), True)] if op["scale"] else []
    offset: list[Weight] = [("beta", (channels,), True)] if op["center"] else []
    return factor + offset


def attention_weights(op: Attributes, channels: int) -> list[Weight]:
    heads, units = op["heads"], op["units"] or channels
    of_keys = op["head_channels"] or channels // heads
    of_values = op["value_channels"] or of_keys
    both: list[Weight] = []
    for name, size in {"query": of_keys, "key": of_keys, "value": of_values}.items():
        both.append((f"{name}/kernel", (channels, heads, size), True))
        both.append((f"{name}/bias", (heads, size), True))
    both.append(("attention_output/kernel", (heads, of_values, units), True))
    both.append(("attention_output/bias", (units,), True))
    return [weight for weight in both if op["bias"] or weight[0].endswith("kernel")]


def weights_of(kind: str, op: Attributes, shape: Shape) -> list[Weight]:
    """Names, shapes and whether training changes them; `shape` is that of the input."""
    channels = shape[-1]
    if kind == "conv":
        return [
            ("kernel", (*op["kernel"], channels // op["groups"], op["filters"]), True),
            *bias_weights(op, op["filters"]),
        ]
    if kind == "depthwise_conv":
        kernel = (*op["kernel"], channels, op["multiplier"])
        return [("kernel", kernel, True), *bias_weights(op, channels * op["multiplier"])]
    if kind == "separable_conv":
        depthwise = (*op["kernel"], channels, op["multiplier"])
        pointwise = (1, 1, channels * op["multiplier"], op["filters"])
        kernels: list[Weight] = [
            ("depthwise_kernel", depthwise, True),
            ("pointwise_kernel", pointwise, True),
        ]
        return [*kernels, *bias_weights(op, op["filters"])]
    if kind == "conv_transpose":
        kernel = (*op["kernel"], op["filters"], channels)
        return [("kernel", kernel, True), *bias_weights(op, op["filters"])]
    if kind == "dense":
        return [("kernel", (channels, op["units"]), True), *bias_weights(op, op["units"])]
    if kind == "attention":
        return attention_weights(op, channels)
    if kind == "bn":
        statistics = ("moving_mean", "moving_variance")
        return [*scale_weights(op, channels), *((name, (channels,), False) for name in statistics)]
    if kind in ("layer_norm", "group_norm"):
        return scale_weights(op, channels)
    if kind == "prelu":
        return [("alpha", (*(1,) * (len(shape) - 1), channels) if op["shared"] else shape, True)]
    if kind == "rms_norm":
        return [("scale", (channels,), True)]
    if kind == "layer_scale":
        return [("gamma", (channels,), True)]
    if kind == "normalize" and op["mean"] is None:
        return [
            ("mean", (channels,), False),
            ("variance", (channels,), False),
            ("count", (), False),
        ]
    return []
