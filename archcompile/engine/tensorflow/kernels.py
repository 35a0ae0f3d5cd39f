"""Layers that replace stock ones in training: the same variables, computed in another way."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

Tensor = Any


class Share:
    """The rows of the global batch that each replica works on.

    `total` is the size of the global batch, known while a step is traced. Of its rows a replica may
    do `parts` after each other: part k has each row whose number leaves k.
    """

    def __init__(self, replicas: int) -> None:
        self.replicas = replicas
        self.total: Any = 0
        self.parts = (0, 1)  # the part that is being traced, and their number

    def rows(self) -> tuple[Any, Any]:
        """The first row of the asking replica, and the one after its last.

        The sizes of any two replicas differ by one at most.
        """
        if self.replicas == 1:
            return 0, self.total
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        return replica * self.total // self.replicas, (replica + 1) * self.total // self.replicas

    def part(self, rows: Tensor) -> Tensor:
        """Of a replica's rows those of the part that is being traced."""
        first, parts = self.parts
        return rows if parts == 1 else rows[first::parts]


class SharedDropout(keras.layers.Dropout):  # type: ignore[misc]  # Keras has no types
    """Dropout that draws for the global batch and takes its rows: no two replicas draw the same."""

    def __init__(self, *args: Any, share: Share, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.share = share

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        if not training or not self.rate:
            return inputs
        start, stop = self.share.rows()
        ones = tf.ones([self.share.total, *inputs.shape[1:]], inputs.dtype)
        mask = keras.random.dropout(ones, self.rate, self.noise_shape, seed=self.seed_generator)
        return inputs * self.share.part(mask[start:stop])


class FusedConv2D(keras.layers.Conv2D):  # type: ignore[misc]
    """A convolution that adds its bias in one kernel, or not at all where it `is_dead` in training.

    A bias in front of batch normalisation shifts the mean that is subtracted again: its gradient is
    zero, and all it does is to shift the moving mean.
    """

    def __init__(self, *args: Any, is_dead: Callable[[], bool], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_dead = is_dead

    def call(self, inputs: Tensor, training: bool | None = None) -> Tensor:
        outputs = self.convolution_op(inputs, self.kernel)
        if self.use_bias and not (training and self.is_dead()):
            outputs = tf.nn.bias_add(outputs, tf.cast(self.bias, outputs.dtype))
        return outputs if self.activation is None else self.activation(outputs)


class FusedBatchNormalization(keras.layers.BatchNormalization):  # type: ignore[misc]
    """Batch normalisation in one kernel each way, where Keras has a dozen.

    TensorFlow's kernel returns the variance with Bessel's correction, n / (n - 1), which Keras does
    not store: it is undone. Inputs of 16 bits are normalised in float32 inside the kernel, as Keras
    does it outside. `left_out` is the bias that was not added in front of it, if there is one.
    `fuses` says whether moving statistics are used by that kernel too, or by Keras' operations.
    """

    def __init__(
        self, *args: Any, left_out: Callable[[], Any], fuses: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.left_out, self.fuses = left_out, fuses

    def call(self, inputs: Tensor, training: bool | None = None, mask: Any = None) -> Tensor:
        moves = bool(training and self.trainable)
        if len(inputs.shape) != 4 or not (moves or self.fuses):
            return super().call(inputs, training=training, mask=mask)
        if not moves:
            return self._normalise(inputs, self.moving_variance)[0]
        count = inputs.shape.num_elements() // inputs.shape[-1]  # a step's sizes are known
        biased = max(count - 1, 1) / count
        share = 1.0 - self.momentum  # of the batch in the moving statistics
        outputs, mean, variance = self._normalise(
            inputs, self.moving_variance / biased, share=share
        )
        bias = self.left_out()
        self.moving_mean.assign(mean if bias is None else mean + tf.cast(bias, mean.dtype) * share)
        self.moving_variance.assign(variance * biased)
        return outputs

    def _normalise(
        self, inputs: Tensor, variance: Any, *, share: float | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Outputs, and while training, where the batch has a share, the moving mean and variance.

        Both variances have Bessel's correction then.
        """
        channels = inputs.shape[-1:]
        outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=inputs,
            scale=tf.convert_to_tensor(self.gamma) if self.scale else tf.ones(channels),
            offset=tf.convert_to_tensor(self.beta) if self.center else tf.zeros(channels),
            mean=tf.convert_to_tensor(self.moving_mean),
            variance=tf.convert_to_tensor(variance),
            epsilon=self.epsilon,
            exponential_avg_factor=1.0 if share is None else share,
            data_format="NHWC",
            is_training=share is not None,
        )
        return outputs, mean, variance
