"""The canonical level: what makes no difference to the result is removed before nets are compared.

An activation inside a layer and one behind it are alike; so are zeros that a convolution adds
itself and zeros put in front of it, a pool over the whole map with `flatten` and a global pool, `x
+ y` and an `Add` layer, a mean over the pixels and a global average pool. Layers that return their
input are dropped. Dropout stays, at any rate.
Whatever computes in another precision than what it reads is left as it is: it rounds.
"""

from collections.abc import Callable
from dataclasses import replace
from math import prod
from typing import Any

from archcompile.keras_config import (
    OPERATORS,
    Net,
    Ref,
    padding_sides,
    pixel_mean,
    plain,
    rescaling,
)
from archcompile.ops import same_padding
from archcompile.verification.compared_steps import ComparedStep, View, exact_view

CONVS = ("Conv2D", "DepthwiseConv2D", "SeparableConv2D")
ACTIVATED = (*CONVS, "Conv2DTranspose", "Dense", "EinsumDense")
POOLS = {"AveragePooling2D": "GlobalAveragePooling2D", "MaxPooling2D": "GlobalMaxPooling2D"}
SHIFTED = "relu6(x + 3)"  # on the way to hard_sigmoid, which older networks spell out
# the arguments of a layer that is given one tensor and nothing else
ALONE = repr((("tensor",), ()))
SHAPE_SETTINGS = ("data_format", "dtype", "trainable")


def canonical_view(net: Net) -> View:
    """The net at the canonical level."""
    view = _without_inert_steps(exact_view(net))
    while True:  # what is joined may be joined again
        joined = _with_joints(view)
        if len(joined.steps) == len(view.steps):
            return _with_rescalings(view)
        view = joined


def _with_rescalings(view: View) -> View:
    """The view with arithmetic of a tensor and a number as the layer that does the same."""
    steps = tuple(_as_rescaling(step, view) for step in view.steps)
    return View(view.net, steps, view.outputs)


def _as_rescaling(step: ComparedStep, view: View) -> ComparedStep:
    line = rescaling(step.kind, view.net.calls[step.calls[0]]) if len(step.calls) == 1 else None
    if line is None or {_precision(view.steps[ref.call]) for ref in step.inputs} != {"float32"}:
        return step
    scale, offset = map(plain, line)
    settings = {"dtype": "float32", "offset": offset, "scale": scale, "trainable": True}
    return replace(step, kind="Rescaling", settings=settings, arguments=ALONE)


def _without_inert_steps(view: View) -> View:
    """The view without steps that return their input, each with one spelling."""
    steps: list[ComparedStep] = []
    moved_to: list[Ref] = []  # where each step of before has its first output now
    for written in view.steps:
        moved = replace(written, inputs=_redirect(written.inputs, moved_to))
        received = {_precision(steps[ref.call]) for ref in moved.inputs}
        step = _respell(_as_pool(moved, view, received), received)
        if (
            _is_inert(step)
            and _precision(step) == _precision(steps[step.inputs[0].call])
            and _has_no_penalty(step)
        ):
            moved_to.append(step.inputs[0])
        else:
            moved_to.append(Ref(len(steps), 0))
            steps.append(step)
    return View(view.net, tuple(steps), _redirect(view.outputs, moved_to))


def _with_joints(view: View) -> View:
    """The view with each pair of steps that can be one as one."""
    readers = [0] * len(view.steps)
    for ref in [*(ref for step in view.steps for ref in step.inputs), *view.outputs]:
        readers[ref.call] += 1
    steps: list[ComparedStep] = []
    moved_to: list[Ref] = []
    for written in view.steps:
        before = written.inputs[0].call if len(written.inputs) == 1 else None
        step = replace(written, inputs=_redirect(written.inputs, moved_to))
        joint = None
        if before is not None and readers[before] == 1:
            first = steps[moved_to[before].call]
            if _are_alike(first, step) and not (view.is_shared(first) or view.is_shared(step)):
                joint = _join(first, step)
        if joint is not None and before is not None:
            steps[moved_to[before].call] = joint
            moved_to.append(moved_to[before])
        else:
            moved_to.append(Ref(len(steps), 0))
            steps.append(step)
    return View(view.net, tuple(steps), _redirect(view.outputs, moved_to))


def _redirect(inputs: tuple[Ref, ...], moved_to: list[Ref]) -> tuple[Ref, ...]:
    """The inputs under the numbers of the new view."""
    return tuple(
        Ref(moved_to[ref.call].call, ref.output or moved_to[ref.call].output) for ref in inputs
    )


# ---- one step ------------------------------------------------------------------------------------


def _precision(step: ComparedStep) -> str:
    """What a step computes in, as far as it says so."""
    return str(step.settings.get("dtype") or "float32")


def _has_no_penalty(step: ComparedStep) -> bool:
    return step.settings.get("activity_regularizer") is None


def _are_alike(first: ComparedStep, second: ComparedStep) -> bool:
    """Whether two steps compute in one precision, and neither adds to the loss."""
    no_penalty = _has_no_penalty(first) and _has_no_penalty(second)
    return no_penalty and _precision(first) == _precision(second)


def _respell(step: ComparedStep, received: set[str]) -> ComparedStep:
    """The same step with its zeros counted.

    Operators become layers where these add in the precision that they are given.
    """
    settings = dict(step.settings)
    if len(received) == 1 and (
        (step.kind in OPERATORS and len(step.inputs) == 2) or step.kind in OPERATORS.values()
    ):
        given = next(iter(received))
        if step.kind in OPERATORS or (_precision(step) == given and _has_no_penalty(step)):
            kind = OPERATORS.get(step.kind, step.kind)
            dtype = {} if given == "float32" else {"dtype": given}
            return replace(step, kind=kind, settings=dtype, arguments="merge")
    shape = step.shapes[0] if step.shapes else None
    if step.kind in CONVS and settings.get("data_format") == "channels_last":
        zeros = _zeros(settings, shape)
        return replace(step, settings=settings | {"padding": zeros}) if zeros else step
    if step.kind in POOLS and settings.get("data_format") == "channels_last":
        if (
            shape is not None
            and settings["pool_size"] == shape[:2]
            and settings["padding"] == "valid"
        ):
            return replace(
                step, kind=POOLS[step.kind], settings=_shape_settings(settings) | {"keepdims": True}
            )
        if settings["pool_size"] == (1, 1) or _is_without_padding(settings, shape):
            return replace(step, settings=settings | {"padding": "valid"})
    return step


def _is_without_padding(settings: dict[str, Any], shape: tuple[int | None, ...] | None) -> bool:
    """Whether `same` adds nothing to a map of this shape."""
    if settings["padding"] != "same" or shape is None or None in shape:
        return False
    windows = zip(shape[:2], settings["pool_size"], settings["strides"], strict=True)
    return not any(
        same_padding(size or 0, kernel, stride, dilation=1) for size, kernel, stride in windows
    )


def _as_pool(step: ComparedStep, view: View, received: set[str]) -> ComparedStep:
    """A mean over the pixels as the global pool that it is, where it computes in float32."""
    call = view.net.calls[step.calls[0]]
    shape = step.shapes[0] if step.shapes else None
    settings = pixel_mean(step.kind, step.settings, call, shape=shape)
    if settings is None or received != {"float32"}:
        return step
    return replace(step, kind="GlobalAveragePooling2D", settings=settings)


def _shape_settings(settings: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in settings.items() if key in SHAPE_SETTINGS}


def _zeros(
    settings: dict[str, Any], shape: tuple[int | None, ...] | None
) -> tuple[int, ...] | None:
    """Zeros at top, bottom, left and right that a convolution adds, as TensorFlow counts `same`.

    None where they depend on a size that is not known, as within a Sequential model.
    """
    if settings["padding"] == "valid":
        return (0, 0, 0, 0)
    if settings["padding"] != "same":
        return None
    zeros: list[int] = []
    for size, kernel, stride, dilation in zip(
        (shape or (None, None))[:2],
        settings["kernel_size"],
        settings["strides"],
        settings["dilation_rate"],
        strict=True,
    ):
        if size is None and stride > 1:
            return None
        total = same_padding(size or kernel, kernel, stride, dilation=dilation)
        zeros += [total // 2, total - total // 2]
    return tuple(zeros)


def _is_inert(step: ComparedStep) -> bool:
    """Whether a step returns its input."""
    s = step.settings
    tests: dict[str, Callable[[], bool]] = {
        "Activation": lambda: s["activation"] == "linear",
        "Identity": lambda: True,
        "Dropout": lambda: s["rate"] == 0,
        "ZeroPadding2D": lambda: not any(padding_sides(s["padding"])),
        "Cropping2D": lambda: not any(padding_sides(s["cropping"])),
        "Rescaling": lambda: s["scale"] == 1 and s["offset"] == 0,
        "UpSampling2D": lambda: s["size"] == (1, 1),
        "MaxPooling2D": lambda: s["pool_size"] == s["strides"] == (1, 1),
        "AveragePooling2D": lambda: s["pool_size"] == s["strides"] == (1, 1),
        "Flatten": lambda: len(step.shapes[0] or ()) == 1,
        "Reshape": lambda: step.shapes[0] == s["target_shape"],
        "Resizing": lambda: (step.shapes[0] or ())[:2] == (s["height"], s["width"]),
        "Permute": lambda: s["dims"] == tuple(range(1, len(s["dims"]) + 1)),
    }
    return len(step.inputs) == 1 and step.kind in tests and tests[step.kind]()


# ---- two steps -----------------------------------------------------------------------------------


def _join(first: ComparedStep, second: ComparedStep) -> ComparedStep | None:
    """Two steps, one behind the other, as one; None where they stay two."""
    before, after = dict(first.settings), second.settings
    settings: dict[str, Any] | None = None
    kind = first.kind
    if kind in ACTIVATED and before.get("activation") == "linear" and second.kind == "Activation":
        settings = before | {"activation": after["activation"]}
    elif kind == second.kind == "ZeroPadding2D":
        top, bottom, left, right = (
            a + b
            for a, b in zip(
                padding_sides(before["padding"]), padding_sides(after["padding"]), strict=True
            )
        )
        settings = before | {"padding": ((top, bottom), (left, right))}
    elif kind == "ZeroPadding2D" and second.kind in CONVS and isinstance(after["padding"], tuple):
        zeros = tuple(
            a + b for a, b in zip(padding_sides(before["padding"]), after["padding"], strict=True)
        )
        kind, settings = second.kind, dict(after) | {"padding": zeros}
    elif kind in POOLS.values():
        settings = _join_pool(before, second)
    elif (
        kind == "ops.Add"
        and first.arguments == _arguments_with(3)
        and second.kind == "Activation"
        and after["activation"] == "relu6"
    ):
        kind, settings = SHIFTED, dict(after)
    elif (
        kind == SHIFTED
        and second.kind == "ops.Multiply"
        and second.arguments == _arguments_with(1 / 6)
    ):
        kind, settings = "Activation", before | {"activation": "hard_sigmoid"}
    if settings is None:
        return None
    arguments = first.arguments if kind in (first.kind, second.kind) else ALONE
    return replace(
        first, calls=first.calls + second.calls, kind=kind, settings=settings, arguments=arguments
    )


def _arguments_with(constant: float) -> str:
    """The arguments of an operator on a tensor and a number."""
    return repr((("tensor", constant), ()))


def _join_pool(settings: dict[str, Any], second: ComparedStep) -> dict[str, Any] | None:
    """A global pool and what follows, if that only adds or takes away the axes of size 1."""
    shape = second.shapes[0] if second.shapes else None
    if settings["keepdims"] and second.kind == "Flatten":
        return settings | {"keepdims": False}
    target = second.settings.get("target_shape")
    if second.kind == "Reshape" and target is not None and None not in target and -1 not in target:
        if not settings["keepdims"] and len(target) == 3 and target[:2] == (1, 1):
            return settings | {"keepdims": True}
        if (
            settings["keepdims"]
            and len(target) == 1
            and shape is not None
            and target[0] == prod(s or 0 for s in shape)
        ):
            return settings | {"keepdims": False}
    return None
