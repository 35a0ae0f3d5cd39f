"""The fused kernels train what the portable ones train, on the same variables."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from archcompile.analyses.precision import float32_nodes
from archcompile.api import LayerGraph, compile_text
from archcompile.data.dataset import Split
from archcompile.engine.tensorflow.lowering import norms_behind_biases
from archcompile.ops import REGISTRY
from archcompile.recipe.model import Recipe
from tests.conftest import rarely, shipped_graph
from tests.engine.epochs import epoch_of

STEP = 1e-5  # of the largest gradient of a tensor
AFTER_50 = 1e-3  # of the largest value of a tensor

NETS = {
    "biases everywhere": """
archc: 1
about: biases before norms, with a bare projection, and a bias that two layers read
allow: [bias-before-bn, no-final-norm]
uses: [blocks/residual.yaml]
input: [16, 16, 3]
defaults: {conv: {l2: 1e-3, bias_init: 0.1, init: he_normal}}
stem:
  - conv: {filters: 8, kernel: 3, name: read_twice}
  - bn
  - relu
  - conv: {filters: 8, kernel: 3}
  - add: {with: read_twice}
stages:
  s1: {block: basic, repeat: 1, filters: 8}
  s2: {block: basic, repeat: 2, filters: 16, first: {stride: 2}}
shortcut: projection_bare
head: [global_avg_pool, dense: {units: 10, activation: softmax}]
""",
    "a bottleneck before its norms": """
archc: 1
about: pre-activation bottlenecks, norms without scale or offset
allow: [bias-before-bn]
uses: [blocks/residual.yaml]
input: [16, 16, 3]
defaults: {bn: {momentum: 0.9, epsilon: 1e-5}, conv: {init: he_normal}}
stem:
  [conv: {filters: 8, kernel: 3}, bn: {scale: false}, relu,
   conv: {filters: 8, kernel: 3}, bn: {center: false}, relu]
stages:
  s1: {block: preact_bottleneck, repeat: 1, mid: 8, out: 32}
  s2: {block: preact_bottleneck, repeat: 2, mid: 16, out: 64, first: {stride: 2}}
shortcut: projection
head: [bn, relu, global_avg_pool, dense: {units: 10, activation: softmax}]
""",
    "depthwise": """
archc: 1
about: depthwise convolutions with biases, grouped ones, activations within layers
allow: [bias-before-bn]
input: [16, 16, 3]
defaults: {conv: {init: he_normal}, depthwise_conv: {init: he_normal}}
stem:
  - conv: {filters: 16, kernel: 3, stride: 2, activation: relu}
  - depthwise_conv: {kernel: 3}
  - bn
  - relu6
  - conv: {filters: 16, kernel: 3, groups: 4}
  - bn
  - swish
  - conv: {filters: 24, kernel: 1, bias: false}
  - bn
head: [global_avg_pool, dense: {units: 10}, bn, relu, dense: {units: 10, activation: softmax}]
""",
}


def graph(name: str) -> LayerGraph:
    return compile_text(NETS[name]) if name in NETS else shipped_graph(name)


def smooth(net: LayerGraph) -> LayerGraph:
    """The same network with swish for ReLU, at whose kink a rounding error makes a gradient
    jump.
    """
    kinds = {"relu", "relu6"}
    return replace(
        net,
        nodes={
            n.name: replace(n, op=REGISTRY["swish"]()) if n.op.kind in kinds else n for n in net
        },
    )


def trainer(
    net: LayerGraph,
    kernels: Any,
    rate: float,
    *,
    images: int,
    batch: int,
    precision: str = "float32",
) -> Any:
    from archcompile.engine.image_statistics import statistics
    from archcompile.engine.tensorflow.devices import Devices
    from archcompile.engine.tensorflow.lowering import lower_for_training
    from archcompile.engine.tensorflow.trainer import Trainer

    random = np.random.default_rng(0)
    train = Split(
        random.integers(0, 256, (images, *net.input_shape), np.uint8),
        random.integers(0, 10, images),
    )
    values = {
        "archc": 1,
        "name": "x",
        "batch_size": batch,
        "epochs": 1,
        "optimizer": {"kind": "sgd", "learning_rate": rate},
        "preprocessing": {"std": "per_channel"},
    }
    recipe = Recipe.model_validate(values)
    devices = Devices.single()
    built = lower_for_training(net, 3, precision, devices=devices, kernels=kernels)
    return Trainer(
        built,
        recipe,
        train,
        statistics=statistics(train, recipe.preprocessing, net.input_shape[:2]),
        seed=3,
        devices=devices,
    )


def after(
    net: LayerGraph, kernels: Any, steps: int, *, rate: float, batch: int
) -> tuple[dict[str, float], dict[str, np.ndarray]]:
    """The means of the last epoch, and the model's variables but for what only counts draws."""
    of = trainer(net, kernels, rate, images=4 * batch, batch=batch)
    done = 0
    while done < steps:
        for _ in epoch_of(of, done // of.steps, lambda step: rate):
            done += 1
            if done == steps:
                break
    result = {
        name: array
        for name, array in of.tensors().items()
        if name.startswith("model/") and array.dtype.kind == "f"
    }
    return of.means(), result


def comparable_weights(
    net: LayerGraph, values: dict[str, np.ndarray]
) -> Iterator[tuple[str, np.ndarray]]:
    """What has an effect: a bias in front of a norm only together with the moving mean behind
    it.
    """
    pairs = norms_behind_biases(net)
    biases = {f"model/{conv}/bias" for conv in pairs.values()}
    for name, array in values.items():
        layer = name.split("/")[1]
        if name.endswith("/moving_mean") and layer in pairs:
            yield name, array - values[f"model/{pairs[layer]}/bias"]
        elif name not in biases:
            yield name, array


LARGE = [
    pytest.param(name, marks=pytest.mark.thorough) for name in ("resnet_v1_20", "resnet_v2_29")
]


@pytest.mark.keras
@pytest.mark.parametrize("name", [*list(NETS)[:2], *map(rarely, list(NETS)[2:]), *LARGE])
def test_one_step_is_the_same(name: str) -> None:
    """Loss and gradients, which plain SGD of rate 1 takes off the weights.

    A gradient that is zero but for rounding is held against the largest of all, a moving mean,
    which is a hundredth of a mean near zero, against a tenth of the spread: float32 sums of many
    pixels are no more exact.
    """
    net = smooth(graph(name))
    start = after(net, "portable", 0, rate=1.0, batch=16)[1]
    (plain, first), (fused, second) = (
        after(net, kernels, 1, rate=1.0, batch=16) for kernels in ("portable", "fused")
    )
    assert fused == pytest.approx(plain, rel=STEP)
    dead = {f"model/{conv}/bias" for conv in norms_behind_biases(net).values()}
    assert all(np.array_equal(second[name], start[name]) for name in dead)
    gradients = {
        name: start[name] - array
        for name, array in first.items()
        if "moving" not in name and name not in dead
    }
    largest = max(np.abs(array).max() for array in gradients.values())
    for (name, expected), (_, actual) in zip(
        comparable_weights(net, first), comparable_weights(net, second), strict=True
    ):
        scale = (
            np.abs(gradients[name]).max() + largest
            if name in gradients
            else np.abs(expected).max() + 0.1
        )
        np.testing.assert_allclose(actual, expected, rtol=0, atol=STEP * scale, err_msg=name)


@pytest.mark.keras
@pytest.mark.parametrize(
    "name",
    [
        "biases everywhere",
        pytest.param("a bottleneck before its norms", marks=pytest.mark.thorough),
        pytest.param("depthwise", marks=pytest.mark.thorough),
        *LARGE,
    ],
)
def test_fifty_steps_are_the_same(name: str) -> None:
    """A variable that stays below a millionth is alive no more than one whose gradient is zero."""
    net = smooth(graph(name))
    (_, first), (_, second) = (
        after(net, kernels, 50, rate=0.01, batch=16) for kernels in ("portable", "fused")
    )
    for (name, expected), (_, actual) in zip(
        comparable_weights(net, first), comparable_weights(net, second), strict=True
    ):
        np.testing.assert_allclose(
            actual, expected, rtol=0, atol=AFTER_50 * np.abs(expected).max() + 1e-6, err_msg=name
        )


@pytest.mark.keras
@pytest.mark.thorough
def test_they_part_no_more_than_images_in_another_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """With ReLUs, fifty steps part whatever changes a rounding: here, the order of the same
    images within each batch.

    How far depends on whether a ReLU's kink is met, and so on the processor: 2e-6 and 1e-2 were
    seen.
    """
    from archcompile.engine import epoch_batches as module

    net = graph("biases everywhere")
    plain, fused = (
        dict(comparable_weights(net, after(net, kernels, 50, rate=0.05, batch=16)[1]))
        for kernels in ("portable", "fused")
    )
    original = module.order

    def mirrored_order(seed: int, epoch: int, count: int) -> np.ndarray:
        return original(seed, epoch, count).reshape(-1, 16)[:, ::-1].reshape(-1)

    monkeypatch.setattr(module, "order", mirrored_order)
    another = dict(comparable_weights(net, after(net, "portable", 50, rate=0.05, batch=16)[1]))

    def apart(weights: dict[str, np.ndarray]) -> float:
        return float(
            np.sqrt(sum(((weights[name] - array) ** 2).sum() for name, array in plain.items()))
        )

    assert 0 < apart(another) < 0.1
    assert apart(fused) < 0.1


@pytest.mark.keras
@pytest.mark.parametrize("name", NETS)
def test_inference_is_the_same(name: str) -> None:
    """With biases and statistics as random as a trained net's."""
    net = graph(name)
    images = np.random.default_rng(1).standard_normal((4, *net.input_shape)).astype(np.float32)
    actual = []
    for kernels in ("portable", "fused"):
        model, draws = (
            trainer(net, kernels, 0.01, images=32, batch=16).model,
            np.random.default_rng(0),
        )
        for variable in (v for v in model.weights if len(v.shape) == 1):
            variable.assign(np.asarray(variable) + 0.1 * draws.random(variable.shape))
        actual.append(np.asarray(model(images)))
    assert not np.allclose(actual[0], actual[0][:1])
    np.testing.assert_allclose(actual[0], actual[1], rtol=1e-5, atol=1e-6)


@pytest.mark.keras
def test_a_frozen_norm_takes_no_bias_away() -> None:
    """It uses the statistics it has, so the bias in front of it counts."""
    from archcompile.engine.freezing import freeze_parts

    net = compile_text(NETS["biases everywhere"])
    actual = []
    for kernels in ("portable", "fused"):
        of = trainer(net, kernels, 0.01, images=32, batch=16)
        freeze_parts(of.model, net, ["stem"])
        actual.append(np.asarray(of.model(np.full((2, 16, 16, 3), 0.5, np.float32), training=True)))
    np.testing.assert_allclose(actual[0], actual[1], rtol=1e-5, atol=1e-6)


def test_which_biases_are_dead() -> None:
    net = compile_text(NETS["biases everywhere"])
    actual = norms_behind_biases(net)
    assert "stem_bn1" not in actual  # its convolution is read twice
    assert actual["s1_b1_bn1"] == "s1_b1_conv1" and len(actual) == 6
    assert (
        norms_behind_biases(compile_text(NETS["a bottleneck before its norms"]))["stem_bn1"]
        == "stem_conv1"
    )
    assert not norms_behind_biases(shipped_graph("resnet_a_20"))  # no biases


def test_what_computes_in_float32_whatever_the_precision() -> None:
    assert float32_nodes(shipped_graph("resnet_v1_20")) == {"input", "head_dense1"}
    early = float32_nodes(shipped_graph("keras_efficientnet_b0"))
    assert {"input", "stem_rescale1"} <= early and "stem_conv1" not in early


@pytest.mark.keras
@pytest.mark.parametrize("precision", ["mixed_bfloat16", rarely("mixed_float16")])
def test_norms_behind_biases_move_in_16_bits(precision: str) -> None:
    """A bias that is left out still belongs to the mean that the norm keeps, in float32."""

    def moved_means(kernels: str) -> dict[str, np.ndarray]:
        net = graph("biases everywhere")
        of = trainer(net, kernels, 1.0, images=8, batch=8, precision=precision)
        of.run(0, [0.0])
        return {name: array for name, array in of.tensors().items() if "moving_mean" in name}

    fused, portable = moved_means("fused"), moved_means("portable")
    assert fused.keys() == portable.keys() and fused
    for name, array in portable.items():
        np.testing.assert_allclose(fused[name], array, atol=5e-4, err_msg=name)
