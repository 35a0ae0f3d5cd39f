"""What the attributes of ops mean, each with an example: the words of editors' hints and of
`docs/ops.md`.

An attribute is described once for all ops that have it; `op.attribute` goes before `attribute`.
"""

from typing import Any

from archcompile.ops.base import Op

_WORDS: dict[str, tuple[str, Any]] = {
    "activation": ("What is applied to the result, inside the same layer.", "relu"),
    "activation.kind": ("The activation; may be an argument of the block.", "relu"),
    "after": ("Channels of zeros behind those of the map.", 8),
    "alpha": ("Factor of the sum of squares.", 1e-4),
    "before": ("Channels of zeros in front of those of the map.", 8),
    "beta": ("The exponent.", 0.75),
    "bias": ("Whether a bias is added. A batch norm behind makes it superfluous.", False),
    "bias_init": ("The value every bias starts from.", 0.0),
    "center": ("Whether an offset is learned for each channel.", True),
    "dilation": ("Steps between the kernel's taps: n or [height, width].", 2),
    "drop_rate": (
        "Probability that the tensor is dropped; may depend on `unit_index` and `unit_count`.",
        0.2,
    ),
    "epsilon": ("Added to the variance, so that nothing is divided by zero.", 1e-3),
    "filters": ("Channels of the result.", 64),
    "groups": (
        "Groups of channels that are convolved apart; must divide channels and filters.",
        32,
    ),
    "group_norm.groups": (
        "Groups of channels that are normalised together; must divide the channels.",
        32,
    ),
    "init": (
        "What the kernel's weights are drawn from: a name, or one of variance_scaling, normal, "
        "constant.",
        "he_normal",
    ),
    "keep_dims": ("Whether the result stays a map, of 1x1.", True),
    "kernel": ("Extent of the window: n or [height, width].", 3),
    "l2": (
        "Adds l2 * sum(w**2) to the loss, without a half: twice the weight decay of most papers.",
        1e-4,
    ),
    "lrn.bias": ("Added to the sum of squares.", 1.0),
    "lrn.size": ("Neighbouring channels that are summed, this one in the middle; odd.", 5),
    "mean": ("One number a channel; with `variance`, or neither.", [0.485, 0.456, 0.406]),
    "momentum": ("What is kept of the moving mean and variance at each training step.", 0.9),
    "multiplier": ("Channels made of each channel.", 1),
    "offset": ("What is added.", 1.0),
    "padding": (
        "`same`, `valid`, `symmetric` (half the dilated kernel on each side), n zeros, or "
        "[top, bottom, left, right].",
        "same",
    ),
    "avg_pool.padding": ("`same` (the zeros are not counted) or `valid`.", "valid"),
    "max_pool.padding": ("`same` or `valid`.", "valid"),
    "per": ("What is drawn for: each `sample`, or the whole `batch` at once.", "sample"),
    "rate": ("Part of the values that is dropped while training.", 0.5),
    "scale": ("Whether a factor is learned for each channel.", True),
    "rescale.scale": ("The factor.", -1.0),
    "scale_at": (
        "When the expectation is kept: dividing in `train`, or multiplying in `test`.",
        "train",
    ),
    "shape": (
        "The new shape, [height, width, channels] or [values], without the batch.",
        [1, 1, 64],
    ),
    "size": ("Extent of the window: n or [height, width].", 2),
    "crop.size": ("What is cut away: n on every side, or [top, bottom, left, right].", 1),
    "pad.size": ("Zeros: n on every side, or [top, bottom, left, right].", [0, 1, 0, 1]),
    "upsample.size": ("How often a pixel is repeated: n or [height, width].", 2),
    "slope": ("Factor of what is below zero.", 0.3),
    "stride": ("Steps of the window: n or [height, width].", 2),
    "avg_pool.stride": ("Steps of the window: n or [height, width]; the size unless given.", 2),
    "max_pool.stride": ("Steps of the window: n or [height, width]; the size unless given.", 2),
    "subsample.stride": ("Every how many-th pixel is kept: n or [height, width].", 2),
    "units": ("Length of the result.", 10),
    "value": ("The factor every channel starts from.", 1e-6),
    "variance": ("One number a channel; with `mean`, or neither.", [0.0524, 0.0502, 0.0506]),
}


def attribute_words(op: type[Op], attribute: str) -> tuple[str, Any]:
    """(description, example) of an attribute by its name in YAML. Raises KeyError where nobody has
    described it.
    """
    own = f"{op.kind}.{attribute}"
    return _WORDS[own if own in _WORDS else attribute]


def example(op: type[Op]) -> Any:
    """A step as it is written: the bare word, or the attributes that must be given."""
    needed = [info.alias or name for name, info in op.model_fields.items() if info.is_required()]
    operands = {"with": "skip"} if op.arity[0] > 1 else {}
    attributes = {**{name: attribute_words(op, name)[1] for name in needed}, **operands}
    return {op.kind: attributes} if attributes else op.kind
