"""What is zero because the settings make it so, whatever the weights.

It is no reason to doubt a comparison.
"""

from dataclasses import dataclass

from archcompile.verification.compared_steps import ComparedStep, View

# Layers that make zeros of zeros, whatever their weights.
KEEP_ZERO = frozenset(
    """
    Add Average Concatenate Cropping2D Dropout Flatten GlobalAveragePooling2D GlobalMaxPooling2D
    Identity MaxPooling2D AveragePooling2D Maximum Minimum Permute Reshape SpatialDropout2D
    Subtract UpSampling2D ZeroPadding2D ops.Add ops.Concatenate ops.Multiply ops.Subtract
    Resizing ops.Reshape
    """.split()  # noqa: SIM905 - a list of words
)
# Activations that are 0 at 0.
ZERO_AT_ZERO = (
    *("linear", "relu", "relu6", "silu", "gelu", "elu", "selu", "mish", "hard_silu", "tanh"),
    "leaky_relu",
)


@dataclass(frozen=True, slots=True)
class Silence:
    """Numbers of steps: those whose output is zero, and those whose weights get no gradient."""

    zero: frozenset[int]
    without_gradient: frozenset[int]


def silence(view: View) -> Silence:
    """What is zero in a view, or gets no gradient, whatever the weights."""
    zero: set[int] = set()
    reading_zeros: set[int] = set()
    for number, step in enumerate(view.steps):
        inputs = [ref.call in zero for ref in step.inputs]
        if inputs and all(inputs):
            reading_zeros.add(number)
        if inputs and _is_zero(step, inputs):
            zero.add(number)
    with_gradient = {ref.call for ref in view.outputs}
    for number in reversed(range(len(view.steps))):
        step = view.steps[number]
        if number not in with_gradient or _is_zero_scale(step):
            continue
        for port, ref in enumerate(step.inputs):
            factors = [factor.call for place, factor in enumerate(step.inputs) if place != port]
            is_product = step.kind in ("Multiply", "ops.Multiply")
            if not is_product or not any(factor in zero for factor in factors):
                with_gradient.add(ref.call)
    return Silence(
        frozenset(zero), frozenset(reading_zeros | (set(range(len(view.steps))) - with_gradient))
    )


def _is_zero_scale(step: ComparedStep) -> bool:
    return step.kind == "Rescaling" and step.settings["scale"] == 0


def _is_zero(step: ComparedStep, inputs: list[bool]) -> bool:
    if _is_zero_scale(step):
        return bool(step.settings["offset"] == 0)
    if step.kind == "Multiply":
        return any(inputs)
    if not all(inputs):
        return False
    if step.kind == "Rescaling":
        return bool(step.settings["offset"] == 0)
    if step.settings.get("use_bias") is False or step.kind == "Activation":
        return step.settings.get("activation", "linear") in ZERO_AT_ZERO
    return step.kind in KEEP_ZERO
