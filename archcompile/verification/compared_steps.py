"""What of a net is compared: steps, each a call or, at the canonical level, several as one."""

from dataclasses import dataclass
from typing import Any

from archcompile.keras_config import COMMUTATIVE, Net, Ref, Settings, skeleton


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedStep:
    """`calls` run one behind the other; `inputs` name steps of the same view."""

    calls: tuple[int, ...]
    kind: str
    settings: Settings
    arguments: str  # what it is given besides tensors
    inputs: tuple[Ref, ...]
    shapes: tuple[Any, ...] = ()

    @property
    def is_ordered(self) -> bool:
        """Whether the order of its inputs counts."""
        return self.kind not in COMMUTATIVE

    def signature(self, settings: bool = True) -> str:
        if not settings:
            return self.kind
        return repr((self.kind, sorted(self.settings.items()), self.arguments))


@dataclass(frozen=True, slots=True)
class View:
    """`steps` are in topological order."""

    net: Net
    steps: tuple[ComparedStep, ...]
    outputs: tuple[Ref, ...]

    def layers(self, step: ComparedStep) -> tuple[int, ...]:
        return tuple(self.net.calls[call].layer for call in step.calls)

    def is_shared(self, step: ComparedStep) -> bool:
        """Whether a layer of this step is called elsewhere, too."""
        return any(self.net.uses[layer] > 1 for layer in self.layers(step))

    def name(self, step: ComparedStep) -> str:
        """The name of the layer that a step is, or ends in."""
        return self.net.layer(step.calls[-1]).name

    def label(self, step: ComparedStep) -> str:
        return f"`{self.name(step)}` ({step.kind})"


def exact_view(net: Net) -> View:
    """Every call a step of its own."""
    steps = []
    for number, call in enumerate(net.calls):
        layer = net.layers[call.layer]
        settings = _attention_axes(_axes(layer.settings, call.shapes), call.shapes)
        steps.append(
            ComparedStep(
                calls=(number,),
                kind=layer.kind,
                settings=settings,
                arguments=skeleton(call),
                inputs=call.inputs,
                shapes=call.shapes,
            )
        )
    return View(net, tuple(steps), net.outputs)


def _attention_axes(settings: Settings, shapes: tuple[Any, ...]) -> Settings:
    """`attention_axes` left out where they are all positions, as Keras takes them to be."""
    axes = settings.get("attention_axes")
    if axes and shapes and shapes[0] and axes == tuple(range(1, len(shapes[0]))):
        return {**settings, "attention_axes": None}
    return settings


def _axes(settings: Settings, shapes: tuple[Any, ...]) -> Settings:
    """`axis` counted from the end, where the rank is known.

    Of a map 3 and -1 are the same, and so is a list of one.
    """
    axis = settings.get("axis")
    axes = axis if isinstance(axis, tuple) else (axis,)
    if not axes or not all(isinstance(a, int) for a in axes):
        return settings
    if shapes and shapes[0] is not None:
        rank = len(shapes[0]) + 1
        ends = tuple(a - rank if a >= 0 else a for a in axes)
    else:
        ends = axes
    return {**settings, "axis": ends if len(ends) > 1 else ends[0]}
