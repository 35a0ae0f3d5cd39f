"""Layers that make maps larger or move values come back from Keras as what they were."""

from collections.abc import Callable
from typing import Any

import pytest

from archcompile.api import compile_text
from archcompile.importer.inexpressible import Inexpressible
from tests.importer.test_translate import graph_of, op, ops, read, read_built

pytestmark = pytest.mark.keras

STEPS = (
    "upsample: {size: [2, 1]}",
    "upsample: {size: 2, interpolation: bilinear}",
    "conv_transpose: {filters: 5, kernel: [2, 3], stride: 2}",
    "resize: {to: [3, 20]}",
    "resize: {to: 5, interpolation: nearest}",
    "slice_channels: {start: 1, channels: 2}",
    "flatten\n  - slice_channels: {start: 3, channels: 200}",
    "tokens\n  - slice_channels: {channels: 3}",
    "shuffle_channels: {groups: 2}",
    "shuffle_channels: {groups: 1}",
    "flatten\n  - shuffle_channels: {groups: 8}",
    "tokens\n  - shuffle_channels: {groups: 2}",
    "permute: {axes: [width, channels, height]}",
    "tokens\n  - permute: {axes: [channels, tokens]}",
    "tokens\n  - map",
    "tokens\n  - map: {size: [4, 16]}",
    "tokens\n  - global_avg_pool",
    "tokens\n  - global_max_pool: {keep_dims: true}",
    "attention: {heads: 2}",
    "attention: {heads: 1, head_channels: 3, value_channels: 5, units: 6, bias: false, l2: 0.5}",
    "tokens\n  - attention: {heads: 4, init: he_normal, bias_init: 0.25}",
    "depth_to_space: {size: 2}",
    "depth_to_space: {size: [1, 2]}",
    "space_to_depth: {size: [4, 2]}",
    "conv_transpose: {filters: 5, kernel: 3, padding: valid, bias: false, activation: relu}",
)


@pytest.mark.parametrize("step", STEPS)
def test_it_comes_back(step: str) -> None:
    graph = compile_text(f"archc: 1\ninput: [8, 8, 4]\nhead:\n  - {step}\n  - flatten\n")
    assert ops(graph_of(read(graph.to_keras()))) == ops(graph)


Build = Callable[[Any, Any, Any], Any]
# as others write it, and as it is read
WRITTEN: dict[str, tuple[Build, list[Any]]] = {
    "a shuffle of four axes": (
        lambda k, L, x: L.Reshape((8, 8, 4))(L.Permute((1, 2, 4, 3))(L.Reshape([8, 8, 2, 2])(x))),
        [op("shuffle_channels", groups=2)],
    ),
    "columns as channels": (
        lambda k, L, x: L.Permute((1, 3, 2))(L.ReLU()(L.Permute((1, 3, 2))(x))),
        [
            op("permute", axes=["height", "channels", "width"]),
            op("relu"),
            op("permute", axes=["height", "channels", "width"]),
        ],
    ),
    "attention by keyword": (
        lambda k, L, x: L.MultiHeadAttention(2, 2)(query=x, value=x, key=x, training=False),
        [op("attention", heads=2)],
    ),
    "attention of which all is said": (
        lambda k, L, x: L.MultiHeadAttention(
            2, 3, value_dim=3, output_shape=(4,), attention_axes=(1, 2)
        )(x, x, use_causal_mask=False),
        [op("attention", heads=2, head_channels=3)],
    ),
    "tokens and their mean": (
        lambda k, L, x: L.GlobalAveragePooling1D()(L.Reshape((64, 4))(x)),
        [op("tokens"), op("global_avg_pool")],
    ),
}
#  what no spec can say -> the name that must be told, and words of the reason
UNSAID: dict[str, tuple[Build, str, str]] = {
    "four axes": (lambda k, L, x: L.Reshape((8, 8, 2, 2), name="r")(x), "r", "`reshape`"),
    "resized and cut": (
        lambda k, L, x: L.Resizing(4, 3, crop_to_aspect_ratio=True, name="z")(x),
        "z",
        "crop_to_aspect_ratio",
    ),
    "attention from one tensor to another": (
        lambda k, L, x: L.MultiHeadAttention(2, 2, name="a")(x, L.ReLU()(x)),
        "a",
        "of a tensor with itself",
    ),
    "attention along an axis": (
        lambda k, L, x: L.MultiHeadAttention(2, 2, attention_axes=1, name="a")(x, x),
        "a",
        "over all positions",
    ),
    "attention that drops": (
        lambda k, L, x: L.MultiHeadAttention(2, 2, dropout=0.1, name="a")(x, x),
        "a",
        "`dropout`",
    ),
    "attention to what came before": (
        lambda k, L, x: L.MultiHeadAttention(2, 2, name="a")(
            (tokens := L.Reshape((64, 4))(x)), tokens, use_causal_mask=True
        ),
        "a",
        "use_causal_mask",
    ),
    "channels of rows": (
        lambda k, L, x: L.Cropping2D(1, data_format="channels_first", name="c")(x),
        "c",
        "along the width and the channels",
    ),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_model_of_others(name: str) -> None:
    build, expected = WRITTEN[name]
    assert ops(graph_of(read_built(build))) == expected


@pytest.mark.parametrize("name", UNSAID)
def test_what_no_spec_can_say(name: str) -> None:
    build, layer, words = UNSAID[name]
    with pytest.raises(Inexpressible) as caught:
        graph_of(read_built(build))
    reasons = dict(caught.value.layers)
    assert set(reasons) == {layer} and words in reasons[layer], reasons
