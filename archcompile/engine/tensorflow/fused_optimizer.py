"""The step of an optimizer in one kernel, where Keras has some fifteen operations.

The formulas are Keras', and so are the variables: a checkpoint of one is one of the other. Adam's
kernel subtracts its decays from 1 in float32, where Keras does it in float64: for 0.999 this makes
steps two hundred-thousandths shorter.
"""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from archcompile.engine import PenaltyFactors, is_orthogonalised
from archcompile.recipe import SGD, Adam, Lamb, Muon, OptimizerSettings

Tensor = Any
Apply = Callable[[Sequence[Tensor], Sequence[Any]], None]


def in_one_kernel(
    optimizer: Any, settings: OptimizerSettings, decays: Sequence[float] = ()
) -> Apply:
    """What `optimizer.apply` does, as a function of float32 gradients and weights.

    The optimizer has been built; `decays` are the decoupled weight decays, if there are any.
    """
    update = _update(optimizer, settings)
    is_beside = any(decays) and not isinstance(settings, Lamb)

    def apply(gradients: Sequence[Tensor], weights: Sequence[Any]) -> None:
        rate = tf.convert_to_tensor(optimizer.learning_rate)
        if is_beside:
            _take_decay_off(weights, decays, rate)
        update(gradients, weights, rate)
        optimizer.iterations.assign_add(1)

    return apply


def group_keys(
    weights: Sequence[Any], factors: Sequence[PenaltyFactors], settings: OptimizerSettings
) -> list[PenaltyFactors | None]:
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


def _take_decay_off(weights: Sequence[Any], decays: Sequence[float], rate: Tensor) -> None:
    """As in Keras, before the step."""
    for weight, decay in zip(weights, decays, strict=True):
        if decay:
            weight.value.assign_sub(weight * (rate * decay))


# of gradients, weights and the rate
Update = Callable[[Sequence[Tensor], Sequence[Any], Tensor], None]


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
    def update(gradients: Sequence[Tensor], weights: Sequence[Any], rate: Tensor) -> None:
        for gradient, weight in zip(gradients, weights, strict=True):
            optimizer.update_step(gradient, weight.value, rate)

    return update


def _adam(optimizer: Any, settings: Adam) -> Update:
    means, squares = _slots(optimizer, "momentum"), _slots(optimizer, "velocity")

    def update(gradients: Sequence[Tensor], weights: Sequence[Any], rate: Tensor) -> None:
        step = tf.cast(tf.convert_to_tensor(optimizer.iterations), tf.float32) + 1.0
        powers = {
            "beta1_power": tf.pow(settings.beta_1, step),
            "beta2_power": tf.pow(settings.beta_2, step),
        }
        for gradient, weight, mean, square in zip(gradients, weights, means, squares, strict=True):
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

    def update(gradients: Sequence[Tensor], weights: Sequence[Any], rate: Tensor) -> None:
        if not settings.momentum:
            for gradient, weight in zip(gradients, weights, strict=True):
                tf.raw_ops.ResourceApplyGradientDescent(
                    var=_handle(weight), alpha=rate, delta=gradient
                )
            return
        for gradient, weight, moment in zip(gradients, weights, moments, strict=True):
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

    def update(gradients: Sequence[Tensor], weights: Sequence[Any], rate: Tensor) -> None:
        for gradient, weight, moment in zip(gradients, weights, moments, strict=True):
            if is_orthogonalised(weight):
                optimizer.update_step(gradient, weight, rate)
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
