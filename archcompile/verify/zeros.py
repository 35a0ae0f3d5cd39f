"""What is zero because the settings make it so: no accident of the weights, and no reason to doubt a comparison."""

from dataclasses import dataclass

from archcompile.verify.view import Step, View

# Layers that make zeros of zeros, whatever their weights.
KEEP_ZERO = frozenset("""
    Add Average Concatenate Cropping2D Dropout Flatten GlobalAveragePooling2D GlobalMaxPooling2D Identity MaxPooling2D
    AveragePooling2D Maximum Minimum Permute Reshape SpatialDropout2D Subtract UpSampling2D ZeroPadding2D
    ops.Add ops.Concatenate ops.Multiply ops.Subtract ops.Reshape
""".split())
ODD = ("linear", "relu", "relu6", "silu", "gelu", "hard_silu", "tanh")  # activations that are 0 at 0


@dataclass(frozen=True, slots=True)
class Silence:
    """Numbers of steps: those whose output is zero, and those that reach the outputs through zeros alone."""

    zero: frozenset[int]
    unheard: frozenset[int]


def silence(view: View) -> Silence:
    zero: set[int] = set()
    for number, step in enumerate(view.steps):
        if step.inputs and _zero(step, [ref.call in zero for ref in step.inputs]):
            zero.add(number)
    heard = {ref.call for ref in view.outputs}
    for number in reversed(range(len(view.steps))):
        step = view.steps[number]
        if number not in heard or number in zero or _mute(step):
            continue
        factors = step.kind in ("Multiply", "ops.Multiply")
        for ref in step.inputs:
            others = [other.call for other in step.inputs if other is not ref]
            if not (factors and any(other in zero for other in others)):
                heard.add(ref.call)
    return Silence(frozenset(zero), frozenset(range(len(view.steps))) - heard)


def _mute(step: Step) -> bool:
    return step.kind == "Rescaling" and step.settings["scale"] == 0


def _zero(step: Step, inputs: list[bool]) -> bool:
    if _mute(step):
        return bool(step.settings["offset"] == 0)
    if step.kind == "Multiply":
        return any(inputs)
    if not all(inputs):
        return False
    if step.kind == "Rescaling":
        return bool(step.settings["offset"] == 0)
    if step.settings.get("use_bias") is False or step.kind == "Activation":
        return step.settings.get("activation", "linear") in ODD
    return step.kind in KEEP_ZERO
