"""Do two Keras models compute the same numbers? Layer by layer, and as a whole: outputs, state, loss and gradients.

    mapping = match_layers(reference, candidate)
    randomise(reference, seed=0)
    copy_weights(reference, candidate, mapping)
    report = compare(reference, candidate, mapping, x, y)

Layer by layer as well, because whole networks are poor witnesses: two that differ in one epsilon can agree to 1e-4 at
the output. The tolerance is narrow enough that the order in which sums are added up shows, so the caller sets
TensorFlow to one thread before it starts (`TF_NUM_INTRAOP_THREADS=1`, `TF_NUM_INTEROP_THREADS=1`, or
`tf.config.threading`) and leaves float32 at full precision where a device would shorten it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from archcompile.errors import UsageError
from archcompile.verify.weights import pairs, same_variables
from archcompile.verify.wiring import Place

TOLERANCE = 1e-6  # of the largest entry of a tensor; float32 resolves 1.2e-7
# Of the largest gradient entry of the layer. In the article's nets rounding leaves 4e-6, true gradients are above 0.2.
ROUNDING = 1e-4
SATURATED = 1e-6  # a probability this close to 0 or 1 no longer tells what produced it


class Verdict(Enum):
    EQUAL = "equal"
    DIFFERENT = "different"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class Quantity:
    """One compared tensor.

    `kind` is `weight`, `op` (a layer's output, both layers fed the same), `op state` (what that call made of the moving
    statistics), `output`, `state`, `loss` or `gradient`; `mode` is `inference` or `training` (empty for weights).
    `difference` is max |candidate - reference| / max |reference|.
    """

    kind: str
    mode: str
    name: str
    difference: float
    verdict: Verdict
    reason: str = ""

    def __str__(self) -> str:
        what = " ".join(filter(None, (self.kind, self.name, self.mode and f"({self.mode})")))
        return f"{what}: {self.verdict.value}{f', {self.reason}' if self.reason else ''}, {self.difference:.1e}"


@dataclass(frozen=True, slots=True)
class Report:
    """Every compared quantity, and what they say together."""

    quantities: tuple[Quantity, ...]
    tolerance: float

    @property
    def verdict(self) -> Verdict:
        """DIFFERENT if anything differs; CANNOT_TELL if something told nothing in either mode; else EQUAL."""
        if any(q.verdict is Verdict.DIFFERENT for q in self.quantities):
            return Verdict.DIFFERENT
        return Verdict.CANNOT_TELL if self.untold else Verdict.EQUAL

    @property
    def untold(self) -> tuple[Quantity, ...]:
        """The quantities that told nothing, in this mode or the other.

        Batch normalisation in training mode takes away whatever constant was added before it. The gradient of a bias
        there is zero but for rounding; inference mode is where such a bias shows.
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
        shown = [q for q in self.quantities if q.verdict is Verdict.DIFFERENT] or self.untold or (self.worst,)
        head = f"{self.verdict.value}: {len(self.quantities)} quantities to {self.tolerance:g} of the largest entry"
        return "\n  ".join([head, *map(str, shown)])


def compare(
    reference: keras.Model,
    candidate: keras.Model,
    mapping: Mapping[str, str],
    x: np.ndarray,
    y: np.ndarray,
    tolerance: float = TOLERANCE,
) -> Report:
    """Compare two models of one input and one vector of probabilities, with the weights they have.

    `x` is (N, H, W, C), `y` (N,) class numbers. Both models are left as they were found. Raises UsageError for models
    with several inputs or outputs, ModelsDiffer where two layers hold different variables.
    """
    if len(reference.inputs) != 1 or len(reference.outputs) != 1 or len(reference.outputs[0].shape) != 2:
        raise UsageError(f"cannot compare `{reference.name}`: needs one input and one vector as output")
    matched = pairs(reference, candidate, mapping)
    for ours, theirs in matched:
        same_variables(ours, theirs)
    x, y = tf.convert_to_tensor(x), tf.convert_to_tensor(y)
    found = list(_weights(matched, tolerance))
    for training in (False, True):
        with _unchanged(reference), _unchanged(candidate):
            found += _layer_by_layer(matched, x, training, tolerance)
        with _unchanged(reference), _unchanged(candidate):
            found += _whole(reference, candidate, matched, x, y, training, tolerance)
    return Report(tuple(found), tolerance)


@contextmanager
def _unchanged(model: keras.Model) -> Iterator[None]:
    """Put back, at the end, what calls in training mode change."""
    before = [(variable, variable.numpy()) for variable in model.non_trainable_variables]
    try:
        yield
    finally:
        for variable, value in before:
            variable.assign(value)


def _weights(matched: list[tuple[Place, Place]], tolerance: float) -> Iterator[Quantity]:
    for name, one, other in _variables(matched, trainable=True):
        yield _quantity("weight", "", name, one, other, tolerance)
    for name, one, other in _variables(matched, trainable=False):
        yield _quantity("weight", "", name, one, other, tolerance)


def _variables(matched: list[tuple[Place, Place]], trainable: bool) -> Iterator[tuple[str, Any, Any]]:
    """Each variable's name in the reference, and the variable in both."""
    for ours, theirs in matched:
        for one, other in zip(ours.layer.variables, theirs.layer.variables, strict=True):
            if one.trainable == trainable:
                yield f"{ours.layer.name}/{one.name}", one, other


def _layer_by_layer(
    matched: list[tuple[Place, Place]], x: tf.Tensor, training: bool, tolerance: float
) -> Iterator[Quantity]:
    """Feed each layer and its counterpart what the reference's layers before it produced."""
    mode = "training" if training else "inference"
    ours_hold: dict[int, tf.Tensor] = {}  # id of a symbolic tensor of the model -> the reference's value
    theirs_hold: dict[int, tf.Tensor] = {}
    for ours, theirs in matched:
        if not ours.inputs:
            results = counterparts = [x]
        else:
            results, counterparts = _call(ours, ours_hold, training), _call(theirs, theirs_hold, training)
            for index, (one, other) in enumerate(zip(results, counterparts, strict=True)):
                name = ours.layer.name + (f":{index}" if index else "")
                yield _quantity("op", mode, name, one, other, tolerance)
            if training:
                for name, one, other in _variables([(ours, theirs)], trainable=False):
                    yield _quantity("op state", mode, name, one, other, tolerance)
        ours_hold |= {id(symbol): value for symbol, value in zip(ours.node.output_tensors, results, strict=True)}
        theirs_hold |= {id(symbol): value for symbol, value in zip(theirs.node.output_tensors, results, strict=True)}


def _call(place: Place, values: dict[int, tf.Tensor], training: bool) -> list[tf.Tensor]:
    args, kwargs = place.node.arguments.fill_in(values)
    return list(keras.tree.flatten(place.layer(*args, **kwargs | {"training": training})))


@dataclass(frozen=True, slots=True)
class _Pass:
    """One forward and backward run of a model."""

    output: tf.Tensor
    losses: dict[str, tf.Tensor]
    gradients: list[tf.Tensor | None]


def _run(model: keras.Model, variables: Sequence[Any], x: tf.Tensor, y: tf.Tensor, training: bool) -> _Pass:
    with tf.GradientTape() as tape:
        output = model(x, training=training)
        entropy = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(y, output))
        penalty = tf.add_n(model.losses) if model.losses else tf.constant(0.0)
        total = entropy + penalty
    losses = {"cross-entropy": entropy, "total": total} | ({"penalty": penalty} if model.losses else {})
    return _Pass(output, losses, tape.gradient(total, [variable.value for variable in variables]))


def _whole(
    reference: keras.Model,
    candidate: keras.Model,
    matched: list[tuple[Place, Place]],
    x: tf.Tensor,
    y: tf.Tensor,
    training: bool,
    tolerance: float,
) -> Iterator[Quantity]:
    """Outputs, loss, gradients and, in training mode, the moving statistics of both models run as wholes."""
    mode = "training" if training else "inference"
    names, ours, theirs = zip(*_variables(matched, trainable=True), strict=True)
    one, other = _run(reference, ours, x, y, training), _run(candidate, theirs, x, y, training)
    yield _quantity("output", mode, reference.outputs[0].name, one.output, other.output, tolerance, saturates=True)
    for name in sorted(one.losses.keys() | other.losses.keys()):
        absent = tf.constant(0.0)
        yield _quantity("loss", mode, name, one.losses.get(name, absent), other.losses.get(name, absent), tolerance)
    if training:
        for name, variable, counterpart in _variables(matched, trainable=False):
            yield _quantity("state", mode, name, variable, counterpart, tolerance)
    noise = _rounding_levels(names, one.gradients)
    for name, gradient, counterpart in zip(names, one.gradients, other.gradients, strict=True):
        yield _quantity("gradient", mode, name, gradient, counterpart, tolerance, floor=noise[name.rpartition("/")[0]])


def _rounding_levels(names: tuple[str, ...], gradients: list[tf.Tensor | None]) -> dict[str, float]:
    """For each layer the size below which an entry of its gradients is rounding."""
    levels: dict[str, float] = {}
    for name, gradient in zip(names, gradients, strict=True):
        layer = name.rpartition("/")[0]
        levels[layer] = max(levels.get(layer, 0.0), 0.0 if gradient is None else ROUNDING * _largest(_array(gradient)))
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
    reference: Any,
    candidate: Any,
    tolerance: float,
    *,
    floor: float = 0.0,
    saturates: bool = False,
) -> Quantity:
    """Judge one tensor. Two zeros, two overflows or two saturated outputs are no evidence that models agree."""
    one, other = _array(reference), _array(candidate)
    if one.shape != other.shape:
        reason = f"shapes {one.shape} and {other.shape}"
        return Quantity(kind, mode, name, float("inf"), Verdict.DIFFERENT, reason)
    finite = [bool(np.isfinite(values).all()) for values in (one, other)]
    if not all(finite):
        verdict = Verdict.DIFFERENT if any(finite) else Verdict.CANNOT_TELL
        return Quantity(kind, mode, name, float("inf"), verdict, "not finite")
    scale, gap = _largest(one), _largest(other - one)
    if max(scale, _largest(other)) <= floor:
        reason = "zero but for rounding" if scale else "zero"
        return Quantity(kind, mode, name, gap / scale if scale else 0.0, Verdict.CANNOT_TELL, reason)
    difference = gap / scale if scale else float("inf")
    if difference > tolerance:
        return Quantity(kind, mode, name, difference, Verdict.DIFFERENT)
    if saturates and np.mean(np.minimum(np.abs(one), np.abs(1 - one)) < SATURATED) > 0.5:
        return Quantity(kind, mode, name, difference, Verdict.CANNOT_TELL, "saturated")
    return Quantity(kind, mode, name, difference, Verdict.EQUAL)
