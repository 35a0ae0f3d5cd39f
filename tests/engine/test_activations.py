"""Every activation behind a convolution and a norm is trained and evaluated, also where TensorFlow
makes one operation of all.

Whether it does depends on the processor, and on a variable that it reads when it starts, so that
the thorough tests are processes of their own. A net has one activation each, since one that cannot
be fused keeps TensorFlow from trying the others.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from archcompile.api import LayerGraph, compile_text
from archcompile.engine.tensorflow.lowering import READERS, norms_that_fuse
from archcompile.ops import REGISTRY
from archcompile.ops.values import ACTIVATIONS

ROOT = Path(__file__).resolve().parents[2]
# which becomes one of the others
KINDS = [kind for kind, op in REGISTRY.items() if op.role == "act" and kind != "activation"]
PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")
SAMPLE = ("relu", "swish", "tanh")  # what is tried in 16 bits in every run
CONV = "conv: {filters: 4, kernel: 3, bias: false}"
CLOSE = {"float32": 1e-5, "mixed_bfloat16": 0.05, "mixed_float16": 0.01}


def net(stem: str) -> LayerGraph:
    return compile_text(
        f"archc: 1\nallow: [no-final-norm]\ninput: [8, 8, 3]\nstem: [{stem}]\n"
        "head: [global_avg_pool, dense: {units: 10, activation: softmax}]\n"
    )


def stems() -> Iterator[str]:
    for kind in KINDS:
        yield f"{CONV}, bn, {kind}"
    for kind in ACTIVATIONS:
        yield f"conv: {{filters: 4, kernel: 3, activation: {kind}}}, bn"
    yield f"{CONV}, bn, dropout: {{rate: 0.1}}, tanh"
    yield f"{CONV}, bn, rescale: {{scale: 1.0}}, tanh"


def lower(graph: LayerGraph, precision: str, kernels: Any) -> Any:
    """The model that is trained."""
    from archcompile.engine.tensorflow.devices import Devices
    from archcompile.engine.tensorflow.lowering import lower_for_training

    return lower_for_training(graph, 3, precision, devices=Devices.single(), kernels=kernels).model


def plain_outputs(model: Any) -> np.ndarray:
    """Of the same images as `outputs`, an operation at a time, which nothing fuses."""
    return np.asarray(model(images(), training=False))


def images() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((4, 8, 8, 3)).astype(np.float32)


def outputs(model: Any, training: bool) -> tuple[np.ndarray, list[np.ndarray]]:
    """Of some images, and the gradients of the weights."""
    import tensorflow as tf

    @tf.function(autograph=False)
    def run(inputs: Any) -> Any:
        with tf.GradientTape() as tape:
            result = model(inputs, training=training)
            loss = tf.reduce_sum(result * result)
        return result, tape.gradient(loss, model.trainable_variables) if training else []

    result, gradients = run(tf.constant(images()))
    return np.asarray(result), [np.asarray(gradient) for gradient in gradients]


def failures(is_thorough: bool) -> Iterator[str]:
    """Which nets cannot be run, or not to the same end as with Keras' own kernels, and why."""
    from archcompile.engine.tensorflow.devices import choose_devices

    choose_devices("cpu")
    for stem in stems():
        graph = net(stem)
        expected = plain_outputs(lower(graph, "float32", "portable"))
        for precision in PRECISIONS if is_thorough or stem.endswith(SAMPLE) else PRECISIONS[:1]:
            try:
                model = lower(graph, precision, "fused")
                got = outputs(model, training=False)[0]
                assert np.allclose(got, expected, atol=CLOSE[precision]), (
                    f"{got[0]} instead of {expected[0]}"
                )
                if precision == "float32" or stem.endswith("tanh"):
                    trained, gradients = outputs(model, training=True)
                    assert all(np.isfinite(first).all() for first in (trained, *gradients)), (
                        "not finite"
                    )
            except Exception as error:
                yield f"{stem} in {precision}: {str(error).splitlines()[0]}"


@pytest.mark.keras
def test_activations_behind_convolution_and_norm() -> None:
    assert [*failures(is_thorough=False)] == []


@pytest.mark.keras
@pytest.mark.thorough
@pytest.mark.parametrize("onednn", ["1", "0"])
def test_every_activation_behind_convolution_and_norm(onednn: str) -> None:
    code = (
        "from tests.engine.test_activations import failures\n"
        "print(*failures(is_thorough=True), sep='\\n', end='')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        text=True,
        capture_output=True,
        check=False,
        env={**os.environ, "TF_ENABLE_ONEDNN_OPTS": onednn},
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stdout or done.stderr[-2000:]


def test_which_norms_have_a_kernel_in_evaluation() -> None:
    """Those read by what is known to go with it; what evaluation leaves out is not."""
    fusing = {stem.rsplit(", ", 1)[1]: bool(norms_that_fuse(net(stem))) for stem in stems()}
    assert {kind for kind, fuses in fusing.items() if fuses} == {*READERS, "bn"} & {*fusing}
    assert not norms_that_fuse(net(f"{CONV}, bn, dropout: {{rate: 0.1}}, relu"))
    assert norms_that_fuse(net(f"{CONV}, bn, relu, {CONV}, bn, relu")) == {"stem_bn1", "stem_bn2"}
