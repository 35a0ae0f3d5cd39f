"""Networks under the backend of Keras that KERAS_BACKEND names, as a process of its own.

`python keras_step.py ROWS.json`: each row has a `model.keras`, sources of the same network, images
with factors for each output, whether to compute in training mode, and where results go. The loss is
the sum of outputs times factors. Results are `output/LABEL`, `gradient/x` and
`gradient/LAYER/WEIGHT`. A source gets the weights of the file, and must compute the same.
"""

import json
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np

Arrays = dict[str, Any]


def main(rows_file: str) -> None:
    for row in json.loads(Path(rows_file).read_text()):
        with np.load(row["given"]) as file:
            given = dict(file)
        model = keras.models.load_model(row["model"])
        results = step(model, given, row["training"])
        for source in row["sources"]:
            names: dict[str, Any] = {}
            exec(compile(Path(source).read_text(), source, "exec"), names)
            printed = names["model"]
            fresh = keras.models.load_model(row["model"])  # statistics as before the step
            for layer in fresh.layers:
                printed.get_layer(layer.name).set_weights(layer.get_weights())
            again = step(printed, given, row["training"])
            assert again.keys() == results.keys()
            for key, value in again.items():
                np.testing.assert_allclose(value, results[key], rtol=1e-4, atol=1e-6, err_msg=key)
        np.savez(row["results"], **results)


def step(model: Any, given: Arrays, is_training: bool) -> Arrays:
    outputs, of_x, of_weights = STEPS[keras.backend.backend()](model, given, is_training)
    weights = {}
    for layer in model.layers:
        for weight in layer.trainable_weights:
            weights[id(weight)] = f"gradient/{layer.name}/{weight.path.split('/', 1)[-1]}"
    results = {f"output/{label}": array(value) for label, value in outputs.items()}
    results["gradient/x"] = array(of_x)
    for weight, value in zip(model.trainable_weights, of_weights, strict=True):
        results[weights[id(weight)]] = array(value)
    return results


def loss_of(outputs: Any, given: Arrays) -> Any:
    parts = [
        keras.ops.sum(value * given[f"factor/{label}"])
        for label, value in by_label(outputs).items()
    ]
    return sum(parts[1:], parts[0])


def by_tensorflow(model: Any, given: Arrays, is_training: bool) -> tuple[Any, Any, Any]:
    import tensorflow as tf

    x = tf.Variable(given["x"])
    with tf.GradientTape() as tape:
        outputs = model(x, training=is_training)
        loss = loss_of(outputs, given)
    of_x, of_weights = tape.gradient(
        loss, [x, [weight.value for weight in model.trainable_weights]]
    )
    return by_label(outputs), of_x, of_weights


def by_jax(model: Any, given: Arrays, is_training: bool) -> tuple[Any, Any, Any]:
    import jax

    fixed = [weight.value for weight in model.non_trainable_variables]

    def loss(x: Any, weights: Any) -> Any:
        outputs, _ = model.stateless_call(weights, fixed, x, training=is_training)
        return loss_of(outputs, given), outputs

    weights = [weight.value for weight in model.trainable_variables]
    work = jax.jit(jax.value_and_grad(loss, argnums=(0, 1), has_aux=True))
    (_, outputs), (of_x, of_weights) = work(given["x"], weights)
    return by_label(outputs), of_x, of_weights


def by_torch(model: Any, given: Arrays, is_training: bool) -> tuple[Any, Any, Any]:
    import torch

    x = torch.from_numpy(given["x"]).requires_grad_()
    outputs = model(x, training=is_training)
    tensors = {key: torch.from_numpy(value) for key, value in given.items()}
    loss_of(outputs, tensors).backward()
    return by_label(outputs), x.grad, [weight.value.grad for weight in model.trainable_weights]


STEPS = {"tensorflow": by_tensorflow, "jax": by_jax, "torch": by_torch}


def by_label(outputs: Any) -> dict[str, Any]:
    return outputs if isinstance(outputs, dict) else {"output": outputs}


def array(value: Any) -> Any:
    return np.array(value.detach() if hasattr(value, "detach") else value)


if __name__ == "__main__":
    main(sys.argv[1])
