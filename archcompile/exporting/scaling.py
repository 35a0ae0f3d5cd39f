"""What a run does to images, as part of an exported network."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Scaling:
    """What a run does to pixels 0 to 255.

    They are divided by `scale`, `mean`, (H, W, C) or (C,), is subtracted, and `std`, (C,), divides
    the rest.
    """

    scale: float
    mean: np.ndarray | None
    std: np.ndarray | None

    def layers(self, keras: Any) -> Callable[[Any], Any]:
        """The same as stock Keras layers on a symbolic tensor (B, H, W, C)."""

        def before(tensor: Any) -> Any:
            tensor = keras.layers.Rescaling(1 / self.scale, name="preprocessing_scale")(tensor)
            if self.mean is None and self.std is None:
                return tensor
            mean = np.zeros(1, np.float32) if self.mean is None else self.mean
            variance = np.ones(1, np.float32) if self.std is None else np.square(self.std)
            # Three axes: a number for every pixel and channel, held as weights and not in the
            # description of the layer.
            norm = keras.layers.Normalization(axis=(1, 2, 3), name="preprocessing_normalization")
            tensor = norm(tensor)
            shape = tuple(tensor.shape[1:])
            norm.set_weights(
                [
                    np.broadcast_to(mean, shape),
                    np.broadcast_to(variance, shape),
                    np.asarray(0, np.int32),
                ]
            )
            norm.finalize_state()
            return tensor

        return before
