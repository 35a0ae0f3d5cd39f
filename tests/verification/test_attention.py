"""Networks in which some gradients are zero whatever the weights: attention, and token mixers."""

from typing import Any

import pytest

from archcompile.api import compile_text

pytestmark = pytest.mark.keras

MIXER = """archc: 1
input: [8, 8, 3]
blocks:
  mixer:
    body:
      - layer_norm: {epsilon: 1e-6}
      - permute: {axes: [channels, tokens]}
      - dense: {units: 5, per: position, activation: gelu}
      - dense: {units: 16, per: position}
      - permute: {axes: [channels, tokens]}
      - add: {with: input}
stem: [conv: {filters: 6, kernel: 2, stride: 2}, tokens]
stages: {s1: {block: mixer, repeat: 2}}
head: [layer_norm: {epsilon: 1e-6}, global_avg_pool, dense: {units: 4, activation: softmax}]
"""
BOTTLENECK = """archc: 1
input: [6, 5, 4]
stem: [conv: {filters: 6, kernel: 3}, attention: {heads: HEADS}, bn, relu]
head: [global_avg_pool, dense: {units: 4, activation: softmax}]
"""


def mixer(keras: Any) -> Any:
    """The mixer as its authors would write it."""
    layers = keras.layers
    x = inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(6, 2, strides=2, padding="same")(x)
    x = layers.Reshape((16, 6))(x)
    for _ in range(2):
        y = layers.LayerNormalization(epsilon=1e-6)(x)
        y = layers.Dense(5, "gelu")(layers.Permute((2, 1))(y))
        y = layers.Permute((2, 1))(layers.Dense(16)(y))
        x = layers.Add()([y, x])
    x = layers.GlobalAveragePooling1D()(layers.LayerNormalization(epsilon=1e-6)(x))
    return keras.Model(inputs, layers.Dense(4, "softmax")(x))


def bottleneck(keras: Any) -> Any:
    layers = keras.layers
    x = inputs = keras.Input((6, 5, 4))
    x = layers.Conv2D(6, 3, padding="same")(x)
    x = layers.MultiHeadAttention(2, 3)(query=x, value=x, key=x)
    x = layers.GlobalAveragePooling2D()(layers.ReLU()(layers.BatchNormalization()(x)))
    return keras.Model(inputs, layers.Dense(4, "softmax")(x))


def proof(text: str, model: Any) -> Any:
    from archcompile.keras_config import read_model
    from archcompile.keras_config.live_models import record_of
    from archcompile.verification.proof import prove
    from archcompile.verification.proof_sides import of_graph, of_net

    net = read_model(record_of(model))
    return prove(of_graph(compile_text(text)), of_net("model", {}, net))


def test_gradients_that_vanish_whatever_the_weights_do_not_leave_it_open(keras: Any) -> None:
    """A token's bias is the same in all channels, and the last norm takes it away."""
    settled = proof(MIXER, mixer(keras))
    assert settled.certificate()["verdict"] == "same"
    vanishing = {q.name for q in settled.report.accepted}
    assert len(vanishing) == 2 and all(name.endswith("/bias") for name in vanishing)
    assert settled.certificate()["numbers"]["not_equal"] == []
    assert set(settled.certificate()["numbers"]["vanishing"]) == vanishing
    assert "gradients zero but for rounding whatever the weights" in settled.reason


def test_the_keys_bias_of_attention(keras: Any) -> None:
    """It adds one number to all products of a query, which the softmax does not see."""
    settled = proof(BOTTLENECK.replace("HEADS", "2"), bottleneck(keras))
    assert settled.certificate()["verdict"] == "same"
    vanishing = {q.name for q in settled.report.accepted}
    assert {name.partition("/")[2] for name in vanishing} >= {"key/bias"}
    weights = {q.name.partition("/")[2] for q in settled.report.quantities if q.kind == "weight"}
    assert {"query/kernel", "value/bias", "attention_output/kernel"} <= weights


def test_other_attention_is_different(keras: Any) -> None:
    three_heads = proof(BOTTLENECK.replace("HEADS", "3, head_channels: 2"), bottleneck(keras))
    assert three_heads.certificate()["verdict"] == "different"
    without_bias = proof(BOTTLENECK.replace("HEADS", "2, bias: false"), bottleneck(keras))
    assert without_bias.certificate()["verdict"] == "different"


def test_weights_of_layers_within_a_layer_have_names_of_their_own(keras: Any) -> None:
    from archcompile.keras_model import load_values, values_of, variables_of, weights_of

    graph = compile_text(BOTTLENECK.replace("HEADS", "2"))
    model, loaded = graph.to_keras(), graph.to_keras()
    values = values_of(variables_of(model))
    assert {name for name in values if "attention" in name} == {
        f"model/stem_attention1/{part}/{weight}"
        for part in ("query", "key", "value", "attention_output")
        for weight in ("kernel", "bias")
    }
    load_values(loaded, values)
    before, after = weights_of(graph, model), weights_of(graph, loaded)
    assert all((before[name] == after[name]).all() for name in before)
    assert "stem_attention1/key/kernel" in before
