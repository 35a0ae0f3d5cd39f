"""Layers that stand in for stock ones while a network is trained: the same variables, another way to compute."""

from typing import Any

import keras
import tensorflow as tf

Tensor = Any


class Share:
    """The rows of the global batch that each replica works on; `total` is its size, known while a step is traced."""

    def __init__(self, replicas: int) -> None:
        self.replicas = replicas
        self.total: Any = 0

    def rows(self) -> tuple[Any, Any]:
        """First row and the one behind the last, of the replica that asks: sizes differ by one at most."""
        if self.replicas == 1:
            return 0, self.total
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        return replica * self.total // self.replicas, (replica + 1) * self.total // self.replicas


class SharedDropout(keras.layers.Dropout):  # type: ignore[misc]  # Keras has no types
    """Dropout that draws for the global batch and takes its rows, so that replicas do not repeat a draw."""

    def __init__(self, *args: Any, share: Share, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.share = share

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        if not training or not self.rate:
            return inputs
        start, stop = self.share.rows()
        ones = tf.ones([self.share.total, *inputs.shape[1:]], inputs.dtype)
        kept = keras.random.dropout(ones, self.rate, self.noise_shape, seed=self.seed_generator)
        return inputs * kept[start:stop]


class FusedBatchNormalization(keras.layers.BatchNormalization):  # type: ignore[misc]
    """Batch normalisation in one kernel each way, where Keras has a dozen.

    TensorFlow's kernel returns the variance with Bessel's correction, n / (n - 1), which Keras does not store: it is
    undone. Inputs of 16 bits are normalised in float32 inside the kernel, as Keras does it outside.
    """

    def call(self, inputs: Tensor, training: bool | None = None, mask: Any = None) -> Tensor:
        if not training or not self.trainable or len(inputs.shape) != 4:
            return super().call(inputs, training=training, mask=mask)
        channels = inputs.shape[-1:]
        gamma = tf.convert_to_tensor(self.gamma) if self.scale else tf.ones(channels)
        beta = tf.convert_to_tensor(self.beta) if self.center else tf.zeros(channels)
        empty = tf.zeros([0])
        outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=inputs, scale=gamma, offset=beta, mean=empty, variance=empty, epsilon=self.epsilon, exponential_avg_factor=1.0,
            data_format="NHWC", is_training=True,
        )  # fmt: skip
        count = tf.cast(tf.size(inputs) // channels[0], tf.float32)
        biased = variance * ((count - 1.0) / count)
        for moving, found in ((self.moving_mean, mean), (self.moving_variance, biased)):
            moving.assign(moving * self.momentum + found * (1.0 - self.momentum))
        return outputs
