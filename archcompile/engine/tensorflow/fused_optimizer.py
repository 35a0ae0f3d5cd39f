"""The step of an optimizer in one kernel, where Keras has some fifteen operations.

The formulas are Keras', and so are the variables: a checkpoint of one is one of the other. Adam's
kernel subtracts its decays from 1 in float32, where Keras does it in float64: for 0.999 this makes
steps two hundred-thousandths shorter.
"""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from archcompile.engine import WeightFactors, is_orthogonalised
from archcompile.recipe import SGD, Adam, Lamb, Muon, OptimizerSettings

Tensor = Any
Apply = Callable[[Sequence[Tensor], Sequence[Any]], None]


def in_one_kernel(
    optimizer: Any, settings: OptimizerSettings, factors: Sequence[WeightFactors]
) -> Apply:
    """What `optimizer.apply` does, as a function of float32 gradients and weights.

    The optimizer has been built; `factors`, one for each weight, say which decay, and their rates.
    """
    update = _update(optimizer, settings)
    is_beside = any(each.decay for each in factors) and not isinstance(settings, Lamb)

    def apply(gradients: Sequence[Tensor], weights: Sequence[Any]) -> None:
        base = _base_rate(optimizer)
        rates = [base * each.rate if each.rate != 1.0 else base for each in factors]
        if is_beside:
            _take_decay_off(weights, factors, rates)
        update(gradients, weights, rates)
        optimizer.iterations.assign_add(1)

    return apply


def group_keys(
    weights: Sequence[Any], factors: Sequence[WeightFactors], settings: OptimizerSettings
) -> list[WeightFactors | None]:
    """For each weight what those that one kernel updates together have in common, None if nothing.

    `factors` are those of the penalty. Muon sees a kernel as a matrix, which is on its own; LAMB
    looks at the length of each weight.
    """
    return [
        None if _is_alone(weight, settings) else factor
        for weight, factor in zip(weights, factors, strict=True)
    ]


def _is_alone(weight: Any, settings: OptimizerSettings) -> bool:
    is_matrix = isinstance(settings, Muon) and is_orthogonalised(weight)
    return is_matrix or isinstance(settings, Lamb)


def _take_decay_off(
    weights: Sequence[Any], factors: Sequence[WeightFactors], rates: Sequence[Tensor]
) -> None:
    """As in Keras, before the step."""
    for weight, each, rate in zip(weights, factors, rates, strict=True):
        if each.decay:
            weight.value.assign_sub(weight * (rate * each.decay))


Rates = Sequence[Tensor]  # one for each weight
Update = Callable[[Sequence[Tensor], Sequence[Any], Rates], None]  # of gradients and weights


def _update(optimizer: Any, settings: OptimizerSettings) -> Update:
    match settings:
        case Adam():
            return _adam(optimizer, settings)
        case Muon():
            return _muon(optimizer, settings)
        case SGD():
            return _sgd(optimizer, settings)
        case _:
            return _as_keras(optimizer)


def _as_keras(optimizer: Any) -> Update:
    def update(gradients: Sequence[Tensor], weights: Sequence[Any], rates: Rates) -> None:
        for gradient, weight in zip(gradients, weights, strict=True):
            optimizer.update_step(gradient, weight.value, _base_rate(optimizer))

    return update


def _adam(optimizer: Any, settings: Adam) -> Update:
    means, squares = _slots(optimizer, "momentum"), _slots(optimizer, "velocity")

    def update(gradients: Sequence[Tensor], weights: Sequence[Any], rates: Rates) -> None:
        step = tf.cast(tf.convert_to_tensor(optimizer.iterations), tf.float32) + 1.0
        powers = {
            "beta1_power": tf.pow(settings.beta_1, step),
            "beta2_power": tf.pow(settings.beta_2, step),
        }
        slots = zip(means, squares, rates, strict=True)
        for gradient, weight, (mean, square, rate) in zip(gradients, weights, slots, strict=True):
            tf.raw_ops.ResourceApplyAdam(
                var=_handle(weight),
                m=mean,
                v=square,
                lr=rate,
                grad=gradient,
                **powers,
                beta1=settings.beta_1,
                beta2=settings.beta_2,
                epsilon=settings.epsilon,
            )

    return update


def _sgd(optimizer: Any, settings: SGD) -> Update:
    moments = _slots(optimizer, "momentum") if settings.momentum else ()

    def update(gradients: Sequence[Tensor], weights: Sequence[Any], rates: Rates) -> None:
        if not settings.momentum:
            for gradient, weight, rate in zip(gradients, weights, rates, strict=True):
                tf.raw_ops.ResourceApplyGradientDescent(
                    var=_handle(weight), alpha=rate, delta=gradient
                )
            return
        slots = zip(moments, rates, strict=True)
        for gradient, weight, (moment, rate) in zip(gradients, weights, slots, strict=True):
            _momentum_step(
                weight,
                moment,
                gradient,
                rate=rate,
                momentum=settings.momentum,
                nesterov=settings.nesterov,
            )

    return update


def _muon(optimizer: Any, settings: Muon) -> Update:
    """A kernel's step is mostly matrix products, done as in Keras; other weights take SGD's."""
    moments = _slots(optimizer, "momentum")

    def update(gradients: Sequence[Tensor], weights: Sequence[Any], rates: Rates) -> None:
        slots = zip(moments, rates, strict=True)
        for gradient, weight, (moment, rate) in zip(gradients, weights, slots, strict=True):
            if is_orthogonalised(weight):
                optimizer.update_step(gradient, weight, _base_rate(optimizer))
            else:
                _momentum_step(
                    weight,
                    moment,
                    gradient,
                    rate=rate * settings.others,
                    momentum=settings.momentum,
                    nesterov=True,
                )

    return update


def _base_rate(optimizer: Any) -> Tensor:
    """That of the step, from which `update_step` takes each weight's own."""
    return tf.convert_to_tensor(optimizer.learning_rate)


def _momentum_step(
    weight: Any, moment: Tensor, gradient: Tensor, *, rate: Tensor, momentum: float, nesterov: bool
) -> None:
    tf.raw_ops.ResourceApplyKerasMomentum(
        var=_handle(weight),
        accum=moment,
        lr=rate,
        grad=gradient,
        momentum=momentum,
        use_nesterov=nesterov,
    )


def _slots(optimizer: Any, kind: str) -> list[Tensor]:
    """The handles of the optimizer's variables of a kind, in the order of the weights."""
    return [
        _handle(variable) for variable in optimizer.variables if variable.name.endswith(f"_{kind}")
    ]


def _handle(variable: Any) -> Tensor:
    return variable.value.handle
