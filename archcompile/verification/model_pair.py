"""Both models of a comparison, and what of them belongs together."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Any

import keras

from archcompile.keras_config import Live
from archcompile.keras_model import inner_name
from archcompile.verification.judgement import Bounds, quantity
from archcompile.verification.match import Pairing
from archcompile.verification.random_weights import layer_pairs
from archcompile.verification.report import Quantity
from archcompile.verification.zeros import Silence, silence


class ModelPair:
    """Both models, and which of their variables belong together."""

    def __init__(self, reference: Live, candidate: Live, pairing: Pairing):
        self.reference, self.candidate, self.pairing = reference, candidate, pairing
        self.layers = layer_pairs(reference, candidate, pairing)
        self.silence = _common_silence(pairing)
        view = pairing.reference
        silent = (view.layers(view.steps[number]) for number in self.silence.without_gradient)
        layers = chain.from_iterable(silent)
        self.without_gradient = {reference.net.layers[layer].name for layer in layers}

    def variables(
        self, trainable: bool, of: Sequence[Any] | None = None
    ) -> Iterator["VariablePair"]:
        """The variables of both, in the reference's order."""
        for (name, left), (_, right) in self.layers if of is None else of:
            for variable, counterpart in zip(left.variables, right.variables, strict=True):
                if variable.trainable == trainable:
                    yield VariablePair(
                        layer=name,
                        inner=inner_name(left, variable),
                        left=variable,
                        right=counterpart,
                    )


@dataclass(frozen=True, slots=True, kw_only=True)
class VariablePair:
    """A variable of the reference and its counterpart; `layer` and `inner` name the former."""

    layer: str
    inner: str
    left: Any
    right: Any

    @property
    def name(self) -> str:
        return f"{self.layer}/{self.inner}"


def _common_silence(pairing: Pairing) -> Silence:
    """What is zero, or gets no gradient, in both models; by the reference's numbers."""
    left, right = silence(pairing.reference), silence(pairing.candidate)
    both = list(enumerate(pairing.mapping))
    return Silence(
        frozenset(n for n, m in both if n in left.zero and m in right.zero),
        frozenset(n for n, m in both if n in left.without_gradient and m in right.without_gradient),
    )


@contextmanager
def keep_state(side: Live) -> Iterator[None]:
    """Put back, at the end, what calls in training mode change."""
    layers = [layer for layer in side.layers if isinstance(layer, keras.Layer)]
    before = [
        (variable, variable.numpy())
        for layer in layers
        for variable in layer.variables
        if not variable.trainable
    ]
    try:
        yield
    finally:
        for variable, value in before:
            variable.assign(value)


def mode_name(training: bool) -> str:
    return "training" if training else "inference"


def compare_states(
    models: ModelPair, kind: str, tolerance: float, *, pairs: Sequence[Any] | None = None
) -> Iterator[Quantity]:
    """The moving statistics after a call in training mode, of some layers or of all."""
    bounds = Bounds(tolerance=tolerance)
    for pair in models.variables(False, pairs):
        yield quantity(
            kind, "training", pair.name, reference=pair.left, candidate=pair.right, bounds=bounds
        )
