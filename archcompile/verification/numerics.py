"""Do two Keras models compute the same numbers? Layer by layer, and as a whole: outputs, state,
loss and gradients.

    reference, candidate = live(one), live(other)
    pairing = match(exact(reference.net), exact(candidate.net))
    randomise(reference, seed=0)
    copy_weights(reference, candidate, pairing)
    report = compare(reference, candidate, pairing, seed=0)

Layer by layer as well, because whole networks are poor witnesses: two that differ in one epsilon
can agree to 1e-4 at the output. The tolerance is narrow enough that the order in which sums are
added up shows, so the caller sets TensorFlow to one thread before it starts
(`TF_NUM_INTRAOP_THREADS=1`, `TF_NUM_INTEROP_THREADS=1`, or `tf.config.threading`) and leaves
float32 at full precision where a device would shorten it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from archcompile.keras_config import Live, Ref
from archcompile.verification.ends import ModelsDiffer, end_name, places
from archcompile.verification.match import Pairing
from archcompile.verification.running import run
from archcompile.verification.weights import layer_pairs, pictures, same_variables
from archcompile.verification.zeros import Silence, silence

TOLERANCE = 1e-6  # of the largest entry of a tensor; float32 resolves 1.2e-7
# Of the largest gradient entry of the layer. In the article's nets rounding leaves 4e-6, true
# gradients are above 0.2.
ROUNDING = 1e-4
SATURATED = 1e-6  # a probability this close to 0 or 1 no longer tells what produced it


class Verdict(Enum):
    EQUAL = "equal"
    DIFFERENT = "different"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """One compared tensor.

    `kind` is `weight`, `op` (a layer's output, both layers fed the same), `op state` (what that
    call made of the moving statistics), `output`, `state`, `loss` or `gradient`; `mode` is
    `inference` or `training` (empty for weights). `difference` is max |candidate - reference| / max
    |reference|.
    """

    kind: str
    mode: str
    name: str
    difference: float
    verdict: Verdict
    reason: str = ""

    def __str__(self) -> str:
        what = " ".join(filter(None, (self.kind, self.name, self.mode and f"({self.mode})")))
        return (
            f"{what}: {self.verdict.value}{f', {self.reason}' if self.reason else ''}, "
            f"{self.difference:.1e}"
        )


@dataclass(frozen=True, slots=True)
class Report:
    """Every compared quantity, and what they say together."""

    quantities: tuple[Quantity, ...]
    tolerance: float  # of weights and single ops
    whole: float  # of what the models as wholes give

    @property
    def verdict(self) -> Verdict:
        """DIFFERENT if anything differs; CANNOT_TELL if something told nothing in either mode; else
        EQUAL.
        """
        if any(q.verdict is Verdict.DIFFERENT for q in self.quantities):
            return Verdict.DIFFERENT
        return Verdict.CANNOT_TELL if self.untold else Verdict.EQUAL

    @property
    def untold(self) -> tuple[Quantity, ...]:
        """The quantities that told nothing, in this mode or the other.

        Batch normalisation in training mode takes away whatever constant was added before it. The
        gradient of a bias there is zero but for rounding; inference mode is where such a bias
        shows.
        """
        told = {(q.kind, q.name) for q in self.quantities if q.verdict is Verdict.EQUAL}
        silent = [q for q in self.quantities if q.verdict is Verdict.CANNOT_TELL]
        return tuple(q for q in silent if q.kind != "gradient" or (q.kind, q.name) not in told)

    @property
    def worst(self) -> Quantity:
        """The quantity with the largest difference among those that could be told."""
        told = [q for q in self.quantities if q.verdict is not Verdict.CANNOT_TELL]
        return max(told or self.quantities, key=lambda q: q.difference)

    def __str__(self) -> str:
        shown = (
            [q for q in self.quantities if q.verdict is Verdict.DIFFERENT]
            or self.untold
            or (self.worst,)
        )
        head = (
            f"{self.verdict.value}: {len(self.quantities)} quantities to {self.tolerance:g} "
            "of the largest entry"
        )
        return "\n  ".join([head, *map(str, shown)])


def compare(
    reference: Live,
    candidate: Live,
    pairing: Pairing,
    *,
    seed: int,
    tolerance: float = TOLERANCE,
    whole: float = TOLERANCE,
) -> Report:
    """Compare two models with the weights they have, on random inputs.

    `tolerance` holds for weights and single ops, `whole` for the models run as wholes. Both models
    are left as they were found. Raises ModelsDiffer where two layers hold different variables.
    """
    for (name, ours), (other, theirs) in layer_pairs(reference, candidate, pairing):
        same_variables(name, ours, other, theirs=theirs)
    rng = np.random.default_rng(seed)
    x = [tf.cast(pictures(tensor.shape, rng), tensor.dtype) for tensor in reference.model.inputs]
    held = _Held(reference, candidate, pairing)
    found = list(_weights(held, tolerance))
    for training in (False, True):
        with _unchanged(reference), _unchanged(candidate):
            found += _op_by_op(held, x, training, tolerance=tolerance)
        with _unchanged(reference), _unchanged(candidate):
            found += _whole(held, x, training, tolerance=whole, seed=seed)
    return Report(tuple(found), tolerance, whole)


class _Held:
    """Both models, and which of their variables belong together."""

    def __init__(self, reference: Live, candidate: Live, pairing: Pairing):
        self.reference, self.candidate, self.pairing = reference, candidate, pairing
        self.layers = layer_pairs(reference, candidate, pairing)
        ours, theirs = silence(pairing.reference), silence(pairing.candidate)
        both = [(n, m) for n, m in enumerate(pairing.mapping)]
        self.silence = Silence(
            frozenset(n for n, m in both if n in ours.zero and m in theirs.zero),
            frozenset(n for n, m in both if n in ours.unheard and m in theirs.unheard),
        )
        view = pairing.reference
        self.unheard = {
            reference.net.layers[layer].name
            for n in self.silence.unheard
            for layer in view.layers(view.steps[n])
        }

    def variables(
        self, trainable: bool, of: "Sequence[Any] | None" = None
    ) -> Iterator[tuple[str, Any, Any]]:
        """Each variable's name in the reference, and the variable in both."""
        for (name, ours), (_, theirs) in self.layers if of is None else of:
            for one, other in zip(ours.variables, theirs.variables, strict=True):
                if one.trainable == trainable:
                    yield f"{name}/{one.name}", one, other


@contextmanager
def _unchanged(side: Live) -> Iterator[None]:
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


def _weights(held: _Held, tolerance: float) -> Iterator[Quantity]:
    for trainable in (True, False):
        for name, one, other in held.variables(trainable):
            yield _quantity("weight", "", name, reference=one, candidate=other, tolerance=tolerance)


def _op_by_op(
    held: _Held, x: list[tf.Tensor], training: bool, *, tolerance: float
) -> Iterator[Quantity]:
    """Feed each step and its counterpart what the reference's steps before it produced."""
    mode = "training" if training else "inference"
    ours_hold: dict[Ref, tf.Tensor] = {}
    theirs_hold: dict[
        Ref, tf.Tensor
    ] = {}  # what the reference produced, too, under the candidate's numbers
    fed = iter(x)
    by_layer = {id(ours): (one, other) for one, other in held.layers for ours in (one[1],)}
    for number, target in enumerate(held.pairing.mapping):
        one, other = held.pairing.reference.steps[number], held.pairing.candidate.steps[target]
        if not one.inputs:
            results = [next(fed)]
        else:
            results = run(
                held.reference, one, [ours_hold[ref] for ref in one.inputs], training=training
            )
            counterparts = run(
                held.candidate, other, [theirs_hold[ref] for ref in other.inputs], training=training
            )
            name = held.pairing.reference.name(one)
            if len(results) != len(counterparts):
                raise ModelsDiffer(
                    f"`{name}` has {len(results)} outputs, its counterpart {len(counterparts)}"
                )
            for index, (result, counterpart) in enumerate(zip(results, counterparts, strict=True)):
                label = name + (f":{index}" if index else "")
                zero = number in held.silence.zero
                yield _quantity(
                    "op",
                    mode,
                    label,
                    reference=result,
                    candidate=counterpart,
                    tolerance=tolerance,
                    zero=zero,
                )
            if training:
                layers = [held.reference.layers[n] for n in held.pairing.reference.layers(one)]
                own = [by_layer[id(layer)] for layer in layers if id(layer) in by_layer]
                for label, variable, counterpart in held.variables(False, own):
                    yield _quantity(
                        "op state",
                        mode,
                        label,
                        reference=variable,
                        candidate=counterpart,
                        tolerance=tolerance,
                    )
        ours_hold |= {Ref(number, output): value for output, value in enumerate(results)}
        theirs_hold |= {Ref(target, output): value for output, value in enumerate(results)}


@dataclass(frozen=True, slots=True)
class _Pass:
    """One forward and backward run of a model."""

    outputs: list[tf.Tensor]
    losses: dict[str, tf.Tensor]
    gradients: list[tf.Tensor | None]


def _run(
    model: keras.Model,
    ends: Sequence[int],
    variables: Sequence[Any],
    *,
    x: list[tf.Tensor],
    training: bool,
    seed: int,
) -> _Pass:
    """`ends` are the places of the outputs, in the order in which they are compared."""
    with tf.GradientTape() as tape:
        flat = keras.tree.flatten(model(x if len(x) > 1 else x[0], training=training))
        outputs = [flat[place] for place in ends]
        # not that of the pictures, which a network may put out
        rng = np.random.default_rng((seed, 1))
        losses = {"misfit": tf.add_n([_misfit(output, rng) for output in outputs])}
        if model.losses:
            losses["penalty"] = tf.add_n(model.losses)
        losses["total"] = tf.add_n(list(losses.values()))
    return _Pass(
        outputs, losses, tape.gradient(losses["total"], [variable.value for variable in variables])
    )


def _misfit(output: tf.Tensor, rng: np.random.Generator) -> tf.Tensor:
    """Cross-entropy for vectors of probabilities, else squared error; the targets are random."""
    if _probabilities(output):
        classes = rng.integers(0, output.shape[-1], output.shape[0])
        return tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(classes, output))
    return tf.reduce_mean((output - tf.cast(rng.normal(size=output.shape), output.dtype)) ** 2)


def _probabilities(output: tf.Tensor) -> bool:
    values = _array(output)
    return (
        values.ndim == 2
        and bool((values >= 0).all())
        and bool(np.allclose(values.sum(-1), 1, atol=1e-3))
    )


def _whole(
    held: _Held, x: list[tf.Tensor], training: bool, *, tolerance: float, seed: int
) -> Iterator[Quantity]:
    """Outputs, loss, gradients and, in training mode, the moving statistics of both models run as
    wholes.
    """
    mode = "training" if training else "inference"
    pairs = list(held.variables(True))
    names = [name for name, _, _ in pairs]
    reference, candidate = held.pairing.reference, held.pairing.candidate
    one = _run(
        held.reference.model,
        places(reference.net),
        [ours for _, ours, _ in pairs],
        x=x,
        training=training,
        seed=seed,
    )
    other = _run(
        held.candidate.model,
        places(candidate.net),
        [theirs for _, _, theirs in pairs],
        x=x,
        training=training,
        seed=seed,
    )
    for place, (ours_out, theirs_out) in enumerate(zip(one.outputs, other.outputs, strict=True)):
        saturates = _probabilities(ours_out)
        yield _quantity(
            "output",
            mode,
            end_name(reference, place),
            reference=ours_out,
            candidate=theirs_out,
            tolerance=tolerance,
            saturates=saturates,
        )
    for name in sorted(one.losses.keys() | other.losses.keys()):
        absent = tf.constant(0.0)
        yield _quantity(
            "loss",
            mode,
            name,
            reference=one.losses.get(name, absent),
            candidate=other.losses.get(name, absent),
            tolerance=tolerance,
        )
    if training:
        for name, variable, counterpart in held.variables(False):
            yield _quantity(
                "state", mode, name, reference=variable, candidate=counterpart, tolerance=tolerance
            )
    noise = _rounding_levels(names, one.gradients)
    for name, gradient, counterpart in zip(names, one.gradients, other.gradients, strict=True):
        layer = name.rpartition("/")[0]
        yield _quantity(
            "gradient",
            mode,
            name,
            reference=gradient,
            candidate=counterpart,
            tolerance=tolerance,
            floor=noise[layer],
            zero=layer in held.unheard,
        )


def _rounding_levels(names: Sequence[str], gradients: list[tf.Tensor | None]) -> dict[str, float]:
    """For each layer the size below which an entry of its gradients is rounding."""
    levels: dict[str, float] = {}
    for name, gradient in zip(names, gradients, strict=True):
        layer = name.rpartition("/")[0]
        levels[layer] = max(
            levels.get(layer, 0.0),
            0.0 if gradient is None else ROUNDING * _largest(_array(gradient)),
        )
    return levels


def _array(value: Any) -> np.ndarray:
    """A tensor, a variable or the absent gradient of an unused variable, as float64."""
    return np.asarray(0.0 if value is None else value.numpy(), "float64")


def _largest(values: np.ndarray) -> float:
    return float(np.max(np.abs(values), initial=0.0))


def _quantity(
    kind: str,
    mode: str,
    name: str,
    *,
    reference: Any,
    candidate: Any,
    tolerance: float,
    floor: float = 0.0,
    saturates: bool = False,
    zero: bool = False,
) -> Quantity:
    """Judge one tensor. Two zeros, two overflows or two saturated outputs are no evidence that
    models agree.

    `zero` says that the settings of both models make it zero: then two zeros are what was to be
    shown.
    """
    one, other = _array(reference), _array(candidate)
    if one.shape != other.shape:
        reason = f"shapes {one.shape} and {other.shape}"
        return Quantity(
            kind=kind,
            mode=mode,
            name=name,
            difference=float("inf"),
            verdict=Verdict.DIFFERENT,
            reason=reason,
        )
    finite = [bool(np.isfinite(values).all()) for values in (one, other)]
    if not all(finite):
        verdict = Verdict.DIFFERENT if any(finite) else Verdict.CANNOT_TELL
        return Quantity(
            kind=kind,
            mode=mode,
            name=name,
            difference=float("inf"),
            verdict=verdict,
            reason="not finite",
        )
    scale, gap = _largest(one), _largest(other - one)
    if zero and scale == gap == 0:
        return Quantity(
            kind=kind,
            mode=mode,
            name=name,
            difference=0.0,
            verdict=Verdict.EQUAL,
            reason="zero by construction",
        )
    if max(scale, _largest(other)) <= floor:
        reason = "zero but for rounding" if scale else "zero"
        return Quantity(
            kind=kind,
            mode=mode,
            name=name,
            difference=gap / scale if scale else 0.0,
            verdict=Verdict.CANNOT_TELL,
            reason=reason,
        )
    difference = gap / scale if scale else float("inf")
    if difference > tolerance:
        return Quantity(
            kind=kind, mode=mode, name=name, difference=difference, verdict=Verdict.DIFFERENT
        )
    if saturates and np.mean(np.minimum(np.abs(one), np.abs(1 - one)) < SATURATED) > 0.5:
        return Quantity(
            kind=kind,
            mode=mode,
            name=name,
            difference=difference,
            verdict=Verdict.CANNOT_TELL,
            reason="saturated",
        )
    return Quantity(kind=kind, mode=mode, name=name, difference=difference, verdict=Verdict.EQUAL)
