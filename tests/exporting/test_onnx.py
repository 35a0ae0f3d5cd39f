"""The ONNX writer: every op, with random weights, run by onnxruntime and held against Keras; and
the form of the file.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

from archcompile.api import LayerGraph, compile_text
from archcompile.api import compile as compile_spec
from archcompile.errors import SpecError
from archcompile.ops import REGISTRY
from archcompile.spec.yaml.write import dump
from tests.emitters.wild_specs import wild_spec
from tests.ops.rows import ROWS
from tests.spec.random_specs import random_spec

pytestmark = pytest.mark.keras

START = "archc: 1\ninput: [9, 8, 6]\n"
MAPS = [  # steps that take the map of the input
    "conv: {filters: 4, kernel: [3, 2], stride: 2}",
    "conv: {filters: 4, kernel: 3, dilation: 2, bias: false}",
    "conv: {filters: 4, kernel: 3, groups: 2, padding: symmetric, activation: gelu}",
    "conv: {filters: 4, kernel: 2, padding: [1, 0, 2, 0]}",
    "depthwise_conv: {kernel: 3, multiplier: 3, stride: 2, activation: relu}",
    "conv: {filters: 4, kernel: 3, activation: leaky_relu}",
    "depthwise_conv: {kernel: [2, 3], bias: false}",
    "separable_conv: {filters: 5, kernel: 3, multiplier: 2, activation: sigmoid}",
    "separable_conv: {filters: 5, kernel: 2, bias: false, stride: 2}",
    "conv_transpose: {filters: 5, kernel: 3, stride: 2, activation: relu}",
    "conv_transpose: {filters: 5, kernel: [2, 3], stride: [3, 2], bias: false}",
    "conv_transpose: {filters: 5, kernel: [4, 1], stride: [2, 3], padding: valid}",
    "upsample: {size: [2, 3], interpolation: bilinear}",
    "dense: {units: 4, per: position}",
    "dense: {units: 4, per: position, bias: false, activation: softmax}",
    "attention: {heads: 3}",
    "attention: {heads: 2, head_channels: 5, value_channels: 4, units: 7, bias: false}",
    "tokens",
    "bn: {epsilon: 1e-2}",
    "bn: {scale: false}",
    "bn: {center: false}",
    "layer_norm",
    "layer_norm: {scale: false, center: false, epsilon: 1e-5}",
    "group_norm: {groups: 2}",
    "group_norm: {groups: 6, scale: false, epsilon: 1e-5}",
    "rms_norm: {epsilon: 1e-2}",
    "lrn: {size: 3, alpha: 0.3}",
    "layer_scale: {value: 0.1}",
    "normalize",
    "normalize: {mean: [1, 2, 3, 4, 5, 6], variance: [1, 2, 3, 4, 5, 6]}",
    *(
        f"{kind}"
        for kind in REGISTRY
        if ROWS[kind][0][0].attributes == {} and REGISTRY[kind].role == "act"
    ),
    "leaky_relu: {slope: 0.2}",
    "prelu: {shared: false}",
    "dropout: {rate: 0.5}",
    "drop_path: {drop_rate: 0.5}",
    "drop_path: {drop_rate: 0.25, scale_at: test}",
    "pad: {size: [1, 2, 3, 0]}",
    "pad: {size: 1}",
    "crop: {size: [1, 2, 3, 0]}",
    "crop: {size: 2}",
    "pad_channels: {before: 1, after: 2}",
    "resize: {to: [17, 5]}",
    "resize: {to: [3, 31]}",
    "resize: {to: [17, 5], interpolation: nearest}",
    # at 41 the framework's rounding takes another pixel than exact numbers would
    "resize: {to: [3, 41], interpolation: nearest}",
    "slice_channels: {start: 1, channels: 3}",
    "shuffle_channels: {groups: 3}",
    "permute: {axes: [width, height, channels]}",
    "permute: {axes: [channels, height, width]}",
    "permute: {axes: [width, channels, height]}",
    "depth_to_space: {size: [3, 2]}",
    "space_to_depth: {size: [3, 4]}",
    "max_pool: {size: 3, stride: 2, padding: same}",
    "max_pool: {size: 2}",
    "blur_pool",
    "blur_pool: {size: 4, stride: [3, 1]}",
    "avg_pool: {size: 3, stride: 2, padding: same}",
    "avg_pool: {size: [2, 3], stride: 1}",
    "subsample: {stride: 2}",
    "global_avg_pool",
    "global_max_pool",
    "global_avg_pool: {keep_dims: true}",
    "global_max_pool: {keep_dims: true}",
    "flatten",
    "reshape: {shape: [8, 9, 6]}",
    "reshape: {shape: [72, 6]}",
    "upsample: {size: [2, 3]}",
    "rescale: {scale: -2, offset: 0.5}",
    "rescale: {scale: 3}",
    *(
        f"{kind}: {{branches: {{a: [tanh], b: [sigmoid], c: []}}}}"
        for kind in ("add", "average", "maximum", "multiply", "concat")
    ),
    "subtract: {branches: {a: [tanh], b: []}}",
    "multiply: {branches: {a: [], b: [global_avg_pool: {keep_dims: true}]}}",
    "multiply: {branches: {a: [], b: [slice_channels: {start: 2, channels: 1}]}}",
]
VECTORS = [
    "dense: {units: 5}",
    "dense: {units: 5, bias: false, activation: softmax}",
    "bn",
    "layer_norm",
    "group_norm: {groups: 3}",
    "softmax",
    "prelu",
    "rms_norm",
    "normalize",
    "concat: {branches: {a: [tanh], b: []}}",
    "reshape: {shape: [1, 2, 3]}",
    "slice_channels: {start: 2, channels: 3}",
    "shuffle_channels: {groups: 2}",
    "layer_scale: {value: 2}",
]
# behind a reshape to two axes
SEQUENCES = [
    "attention: {heads: 2}",
    "attention: {heads: 1, head_channels: 5, value_channels: 4, units: 7, bias: false}",
    "map: {size: [9, 8]}",
    "global_avg_pool",
    "global_max_pool: {keep_dims: true}",
    "bn",
    "softmax",
    "prelu",
    "rms_norm",
    "dense: {units: 4, per: position, activation: gelu}",
    "dense: {units: 4, per: position, bias: false}",
    "layer_norm",
    "reshape: {shape: [9, 8, 6]}",
    "flatten",
    "permute: {axes: [channels, tokens]}",
    "slice_channels: {start: 2, channels: 3}",
    "shuffle_channels: {groups: 2}",
]


def net(head: str, steps: str) -> LayerGraph:
    return compile_text(f"{START}allow: [pool-does-not-cover]\nhead: [{head}{steps}]\n")


def run(graph: LayerGraph, seed: int = 0) -> tuple[dict[str, Any], dict[str, Any], Any]:
    """The outputs by label of Keras and of onnxruntime, all weights random, and the session."""
    import onnxruntime

    from archcompile.exporting.formats import of_keras
    from archcompile.exporting.onnx_model import onnx_model
    from archcompile.keras_config.live_models import live
    from archcompile.keras_model.weights import set_weights, weights_of
    from archcompile.verification.random_weights import randomise

    model = graph.to_keras()
    randomise(live(model), seed)
    weights = weights_of(graph, model)
    set_weights(graph, model, weights)
    session = onnxruntime.InferenceSession(
        onnx_model(graph, model, weights, scaling=None, facts={"name": graph.name}),
        providers=["CPUExecutionProvider"],
    )
    x = np.random.default_rng(seed).normal(size=(3, *graph.input_shape)).astype("float32")
    names = [output.name for output in session.get_outputs()]
    (given,) = session.get_inputs()
    return (
        of_keras(graph, model)(x),
        dict(zip(names, session.run(names, {given.name: x}), strict=True)),
        session,
    )


@pytest.mark.parametrize(
    "steps",
    [
        *MAPS,
        *(f"global_avg_pool, {step}" for step in VECTORS),
        *(f"reshape: {{shape: [72, 6]}}, {step}" for step in SEQUENCES),
    ],
)
def test_every_op(steps: str) -> None:
    expected, actual, _ = run(net("", steps))
    for name, right in expected.items():
        assert actual[name].shape == right.shape
        assert np.abs(actual[name] - right).max() <= 1e-5 * np.abs(right).max(), steps
        assert np.ptp(right) > 0 or right.size == 0


def test_every_layer_that_ops_are_made_of_can_be_written() -> None:
    from archcompile.exporting.onnx_activations import ACTIVATIONS
    from archcompile.exporting.onnx_layers import LAYERS
    from archcompile.ops.values import ACTIVATIONS as NAMES

    ops = [
        (REGISTRY[kind](**row.attributes).lower()[-1], row.inputs)
        for kind, (rows, _) in ROWS.items()
        for row in rows
    ]
    paths = {piece.call.path for op, inputs in ops for piece in op.pieces(*inputs)}
    assert paths == LAYERS.keys(), (
        "one function for each layer in archcompile/exporting/onnx_layers.py"
    )
    assert set(NAMES.values()) == ACTIVATIONS.keys()
    written = {step.split(":")[0] for step in (*MAPS, *VECTORS, *SEQUENCES)}
    assert written >= REGISTRY.keys() - {"activation"}, (
        "each op is a step of MAPS, VECTORS or SEQUENCES in tests/exporting/test_onnx.py"
    )


NETS = ["resnet_v1 depth=8", "se_resnet depth=8", "resnet_50_fpn input=[64,64,3]"]
LARGE = [
    "resnext_29",
    "densenet_bc_100_12",
    "googlenet",
    "keras_convnext_tiny input=[32,32,3]",
    "keras_mobilenet_v2 size=32",
    "stochastic_depth_110",
]


@pytest.mark.parametrize(
    "spec", [*NETS, *(pytest.param(net, marks=pytest.mark.thorough) for net in LARGE)]
)
def test_whole_networks(spec: str) -> None:
    name, *sets = spec.split()
    graph = compile_spec(name, sets=sets)
    expected, actual, session = run(graph)
    assert list(actual) == list(graph.outputs)
    for node, right in expected.items():
        assert np.abs(actual[node] - right).max() <= 1e-4 * np.abs(right).max()
    assert [given.name for given in session.get_inputs()] == ["input"]
    assert session.get_inputs()[0].shape == ["batch", *graph.input_shape]
    assert session.get_modelmeta().custom_metadata_map == {"name": graph.name}


LABELS = """archc: 1
input: [8, 8, 3]
stem: [conv: {filters: 4, kernel: 3, name: c1}, relu, conv: {filters: 3, kernel: 1, name: c2}]
"""


@pytest.mark.parametrize(
    "outputs",
    [
        {"fine": "c1", "coarse": "c2"},
        {"coarse": "c2", "fine": "c1"},
        {"fine": "c2"},
        {"fine": "c2", "again": "c2"},
        {"input": "c1", "stem_c1": "c2"},
    ],
    ids=",".join,
)
def test_outputs_are_called_by_their_labels(outputs: dict[str, str]) -> None:
    """Also where a label is called like the input or another node, or two stand for one node."""
    text = ", ".join(f"{label}: stem.{point}" for label, point in outputs.items())
    expected, got, session = run(compile_text(f"{LABELS}outputs: {{{text}}}\n"))
    assert [output.name for output in session.get_outputs()] == list(outputs)
    (given,) = session.get_inputs()
    x = np.random.default_rng(0).normal(size=(3, 8, 8, 3)).astype("float32")
    for label, right in expected.items():
        (alone,) = session.run([label], {given.name: x})
        assert np.array_equal(alone, got[label])
        assert np.abs(alone - right).max() <= 1e-5 * np.abs(right).max()


class ShapesOfLayers:
    """What the writer asks of a Keras model, which is built only where a layer inside an op is
    asked for.
    """

    def __init__(self, graph: LayerGraph) -> None:
        self.model = cache(graph.to_keras)

    def get_layer(self, name: str) -> Any:
        return self.model().get_layer(name)


@pytest.mark.parametrize("random_spec", [random_spec, wild_spec])
def test_names_on_random_specs(random_spec: Callable[[int], dict[str, Any]]) -> None:
    """A file calls its input and outputs as the graph does, and each node after a layer; each
    weight of the graph is in it.
    """
    import onnx

    from archcompile.exporting.onnx_model import onnx_model
    from archcompile.keras_model.layer_calls import calls

    names: set[str] = set()
    for seed in range(40):
        try:
            graph = compile_text(dump(random_spec(seed)))
        except SpecError:  # names that clash
            continue
        weights = {
            f"{node.name}/{weight.name}": np.zeros(weight.shape, np.float32)
            for node in graph
            for weight in graph.weights(node)
        }
        written = onnx.load_from_string(
            onnx_model(graph, ShapesOfLayers(graph), weights, scaling=None, facts={})
        ).graph
        assert [value.name for value in written.input] == [
            "input_" if "input" in graph.outputs else "input"
        ]
        assert [value.name for value in written.output] == list(graph.outputs)
        layers = {call.name for call in calls(graph)}
        # which do nothing but in training
        dropped = {node.name for node in graph if node.op.kind in ("dropout", "drop_path")}
        nodes = {node.name.split("/")[0] for node in written.node}
        assert nodes <= layers | set(graph.outputs)
        assert nodes >= {node.name for node in graph} - dropped
        names |= nodes
    assert len(names) > 100
