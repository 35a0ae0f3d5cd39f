"""How many operations a step of the TensorFlow engine has, and when XLA compiles them."""

from collections import Counter
from typing import Any

import pytest

from archcompile.api import LayerGraph, compile_text
from archcompile.choices import Kernels, Precision
from archcompile.errors import MissingError
from archcompile.quiet import load_tensorflow
from tests.engine.test_kernels import trainer
from tests.training.nets import recipe

pytestmark = pytest.mark.keras

LAYER = "{conv: {filters: 4, kernel: 3, l2: 1e-4, bias: false}}, bn, relu"
# What arranges tensors, or names them, and computes nothing.
LIGHT = {"Const", "Placeholder", "ReadVariableOp", "AssignVariableOp", "Reshape", "ShapeN", "NoOp"}
# What the step of a convolution, its norm and its activation computes.
ADDED = {
    "Conv2D": 1,
    "Conv2DBackpropInput": 1,
    "Conv2DBackpropFilter": 1,
    "FusedBatchNormV3": 1,
    "FusedBatchNormGradV3": 1,
    "ZerosLike": 1,
    "Relu": 1,
    "ReluGrad": 1,
    # the moving variance, without Bessel's correction
    "Mul": 1,
    "RealDiv": 1,
}


def network(stem: str) -> LayerGraph:
    return compile_text(
        f"archc: 1\ninput: [8, 8, 3]\nstem: [{stem}]\n"
        "head: [global_avg_pool, dense: {units: 10, activation: softmax}]"
    )


def operations(layers: int) -> Counter[str]:
    """The operations of a step of so many layers, by type."""
    tf, stem = load_tensorflow(), ", ".join([LAYER] * layers)
    training = trainer(network(stem), "fused", 0.1, images=4, batch=4)
    ((payload, numbers),) = training.inputs.take(0, 1)
    number, rate = tf.constant(0, tf.int64), tf.constant(0.1)
    step = training._update.get_concrete_function(
        payload, tf.constant(numbers), number, rate=rate, share=rate
    )
    return Counter(operation.type for operation in step.graph.get_operations())


def test_a_layer_adds_its_own_operations_only() -> None:
    """The squares of weights and the update are computed for all weights at once."""
    few, more = operations(2), operations(4)
    assert few["L2Loss"] == 1 and few["ResourceApplyGradientDescent"] == 2  # with L2, and without
    added = {kind: more[kind] - few[kind] for kind in more | few if kind not in LIGHT}
    assert {kind: count / 2 for kind, count in added.items() if count} == ADDED


GPU, CPU = ("/device:GPU:0",), ("/device:CPU:0",)


@pytest.mark.parametrize(
    ("stem", "precision", "names", "expected"),
    [
        ("relu", "float32", GPU, "xla"),
        ("relu", "mixed_bfloat16", GPU, "xla"),
        ("relu", "mixed_float16", GPU, "fused"),
        ("relu", "float32", CPU, "fused"),
        ("relu", "float32", GPU * 2, "fused"),
        ("dropout: {rate: 0.5}", "float32", GPU, "fused"),
        ("drop_path: {drop_rate: 0.5}", "float32", GPU, "fused"),
    ],
)
def test_xla_compiles_on_one_gpu_what_it_computes_alike(
    stem: str, precision: Precision, names: tuple[str, ...], expected: Kernels
) -> None:
    from archcompile.engine.tensorflow.devices import Devices
    from archcompile.engine.tensorflow.making import choose_kernels

    devices = Devices(strategy=None, names=names, replicas=len(names))
    assert choose_kernels(network(stem), recipe(precision=precision), devices) == expected


def test_a_step_that_xla_cannot_compile() -> None:
    training = trainer(network("relu"), "xla", 0.1, images=4, batch=4)
    training.is_xla = True
    errors = load_tensorflow().errors

    def fail(*_: Any, **__: Any) -> None:
        raise errors.InternalError(None, None, "libdevice not found\nat ./")

    training._update = fail
    with pytest.raises(MissingError, match=r"cannot compile the step here: libdevice not found\n"):
        training.run(0, [0.1])
