"""Muon (Jordan 2024): each step of a kernel is made orthogonal.

So it changes all directions of the kernel's inputs alike.
"""

from typing import Any

import keras
from keras import ops

from archcompile.keras_defaults import EPSILON

Tensor = Any
# coefficients of an iteration whose slope at zero is large: Jordan 2024, "Muon"
QUINTIC = (3.4445, -4.7750, 2.0315)
ITERATIONS = 5  # as there; singular values end between about 0.7 and 1.2


class Stack(keras.Variable):  # type: ignore[misc]  # Keras has no types
    """Weights of equal shape as one, (weights, …), each of which takes a step of its own.

    Not under TensorFlow, where Keras passes its optimizers the value of a variable only.
    """


def is_orthogonalised(weight: Any) -> bool:
    """Whether a weight has the shape (h, w, channels, filters) of a kernel with several filters.

    A depthwise kernel has it only where its multiplier is more than 1. A stack is what its weights
    are.
    """
    shape = weight.shape[1:] if isinstance(weight, Stack) else weight.shape
    return len(shape) == 4 and shape[-1] > 1


def orthogonal(step: Tensor) -> Tensor:
    """The orthogonal matrix that is nearest, about, to a kernel's step `(h, w, channels, filters)`.

    The step is seen as a matrix of `h * w * channels` rows and `filters` columns. One with fewer
    rows than columns is made longer by the root of their ratio, so that outputs change as much.
    """
    matrix = ops.reshape(step, (-1, step.shape[-1]))
    rows, columns = matrix.shape
    matrix = matrix / (_norm(matrix) + EPSILON)
    a, b, c = QUINTIC
    for _ in range(ITERATIONS):  # the smaller of the two products is the cheaper one
        if rows >= columns:
            square = ops.matmul(ops.transpose(matrix), matrix)
            matrix = a * matrix + ops.matmul(matrix, b * square + c * ops.matmul(square, square))
        else:
            square = ops.matmul(matrix, ops.transpose(matrix))
            matrix = a * matrix + ops.matmul(b * square + c * ops.matmul(square, square), matrix)
    return ops.reshape(matrix, step.shape) * max(1.0, columns / rows) ** 0.5


def _norm(matrix: Tensor) -> Tensor:
    return ops.sqrt(ops.sum(matrix * matrix))


class Muon(keras.optimizers.SGD):  # type: ignore[misc]  # Keras has no types
    """Muon for kernels of convolutions; for all other weights SGD with Nesterov's momentum.

    Those weights have `others` times the learning rate.
    """

    def __init__(self, *, others: float, normalised: bool, **settings: Any) -> None:
        super().__init__(nesterov=True, **settings)
        self.others, self.normalised = others, normalised

    def update_step(self, gradient: Tensor, variable: Any, learning_rate: Tensor) -> None:
        if not is_orthogonalised(variable):
            super().update_step(gradient, variable, learning_rate * self.others)
            return
        moment = self.momentums[self._get_variable_index(variable)]
        self.assign(moment, moment * self.momentum + gradient)
        step = ops.convert_to_tensor(moment * self.momentum + gradient)
        kernel = ops.convert_to_tensor(variable)
        if isinstance(variable, Stack):
            kernel, step = ops.vectorized_map(self._turn, (kernel, step))
        else:
            kernel, step = self._turn((kernel, step))
        self.assign(variable, kernel - learning_rate * step)

    def _turn(self, pair: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        """A kernel as the step finds it, and the step that it takes."""
        kernel, step = pair
        if self.normalised:
            kernel = kernel * (kernel.shape[-1] ** 0.5 / (_norm(kernel) + EPSILON))
        return kernel, orthogonal(step)
