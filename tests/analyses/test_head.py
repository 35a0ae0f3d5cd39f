"""What a head outputs, found on the graph or refused with the layer's name and place."""

from pathlib import Path

import pytest

from archcompile import api
from archcompile.analyses.heads import (
    head,
    head_words,
    many_sigmoids_error,
    not_two_classes_error,
    one_output_hint,
)
from archcompile.errors import SpecError
from archcompile.graph.ir import LayerGraph
from archcompile.ops import REGISTRY
from archcompile.ops.values import ACTIVATIONS, SPANS
from tests.conftest import shipped_graph
from tests.ops.rows import ROWS

CLASSES = "dense: {units: 5, activation: softmax}"
MAP = "conv: {filters: 5, kernel: 1, activation: softmax}"
ONE_SIGMOID = "dense: {units: 1, activation: sigmoid}"
BRANCHES = "{branches: {a: [dense: {units: 5, activation: softmax}], b: [dense: {units: 5}]}}"
SOFTMAXES = (
    "{branches: {a: [dense: {units: 5, activation: softmax}], b: [dense: {units: 5}, softmax]}}"
)
SIGMOIDS = (
    "{branches: {a: [dense: {units: 1, activation: sigmoid}], b: [dense: {units: 1}, sigmoid]}}"
)
LOGITS = "{branches: {a: [dense: {units: 5}], b: [dense: {units: 5}]}}"


def net(*steps: str) -> LayerGraph:
    lines = "".join(f"  - {step}\n" for step in steps)
    return api.compile_text(
        "archc: 1\nname: net\ninput: [4, 4, 3]\nstem: [conv: {filters: 8, kernel: 3, bias: "
        f"false}}, bn]\nhead:\n{lines}"
    )


@pytest.mark.parametrize(
    ("steps", "output", "layers", "classes"),
    [
        (("global_avg_pool", CLASSES), "probabilities", "dense1", 5),
        (("global_avg_pool", "dense: {units: 5}", "softmax"), "probabilities", "softmax1", 5),
        (("global_avg_pool", CLASSES, "reshape: {shape: [5]}"), "probabilities", "dense1", 5),
        (
            ("global_avg_pool", CLASSES, "reshape: {shape: [1, 1, 5]}", "flatten"),
            "probabilities",
            "dense1",
            5,
        ),
        (("global_avg_pool", CLASSES, "dropout: {rate: 0.0}"), "probabilities", "dense1", 5),
        (("global_avg_pool", CLASSES, "rescale: {scale: 1.0}"), "probabilities", "dense1", 5),
        ((MAP, "global_avg_pool"), "probabilities", "conv1", 5),
        ((MAP, "avg_pool: {size: 4}", "flatten"), "probabilities", "conv1", 5),
        (
            (
                MAP,
                "upsample: {size: 2}",
                "crop: {size: 1}",
                "subsample: {stride: 2}",
                "global_avg_pool",
            ),
            "probabilities",
            "conv1",
            5,
        ),
        (
            ("conv: {filters: 5, kernel: 1}", "softmax", "global_avg_pool"),
            "probabilities",
            "softmax1",
            5,
        ),
        (
            ("global_avg_pool", f"average: {SOFTMAXES}"),
            "probabilities",
            "average1_a_dense1 average1_b_softmax1",
            5,
        ),
        (("global_avg_pool", "dense: {units: 5}"), "logits", "dense1", 5),
        (("global_avg_pool", "dense: {units: 1}"), "logits", "dense1", 1),
        (("conv: {filters: 5, kernel: 1}", "global_avg_pool"), "logits", "conv1", 5),
        (("conv: {filters: 5, kernel: 1}", "bn", "global_max_pool"), "logits", "conv1", 5),
        (("global_avg_pool", "dense: {units: 5}", "rescale: {scale: 0.5}"), "logits", "dense1", 5),
        (("global_avg_pool", "dense: {units: 5}", "dropout: {rate: 0.5}"), "logits", "dense1", 5),
        (("global_avg_pool", "dense: {units: 5}", "leaky_relu"), "logits", "dense1", 5),
        (("global_avg_pool", CLASSES, "dense: {units: 5}"), "logits", "dense2", 5),
        (("global_avg_pool", f"average: {LOGITS}"), "logits", "average1_a_dense1", 5),
        (("global_avg_pool", f"add: {BRANCHES}"), "logits", "add1_b_dense1", 5),
        (("global_avg_pool", f"multiply: {BRANCHES}"), "logits", "multiply1_b_dense1", 5),
        (("global_avg_pool", ONE_SIGMOID), "sigmoid", "dense1", 2),
        (
            ("global_avg_pool", "dense: {units: 1}", "sigmoid", "reshape: {shape: [1]}"),
            "sigmoid",
            "sigmoid1",
            2,
        ),
        (
            ("conv: {filters: 1, kernel: 1, activation: sigmoid}", "global_avg_pool"),
            "sigmoid",
            "conv1",
            2,
        ),
        (
            ("global_avg_pool", f"average: {SIGMOIDS}"),
            "sigmoid",
            "average1_a_dense1 average1_b_sigmoid1",
            2,
        ),
    ],
)
def test_found(steps: tuple[str, ...], output: str, layers: str, classes: int) -> None:
    actual = head(net(*steps))
    names = [node.name.removeprefix("head_") for node in actual.sources]
    assert (actual.output, names, actual.classes, actual.notes) == (
        output,
        layers.split(),
        classes,
        (),
    )


@pytest.mark.parametrize(
    ("steps", "line", "message", "hint"),
    [
        (("global_avg_pool", CLASSES, "dropout: {rate: 0.5}"), 8,
         "head_dropout1 comes after the softmax of head_dense1", "remove `dropout`"),
        (("global_avg_pool", CLASSES, "rescale: {scale: 0.9}"), 8,
         "head_rescale1 comes after the softmax", "put the softmax after it"),
        (("global_avg_pool", CLASSES, "rescale: {scale: 0}"), 8,
         "head_rescale1 comes after the softmax", "remove"),
        (("global_avg_pool", CLASSES, "bn"), 8, "head_bn1 comes after the softmax", "remove"),
        (("global_avg_pool", CLASSES, "relu"), 8, "head_relu1 comes after the softmax", "remove"),
        (("global_avg_pool", CLASSES, "dropout: {rate: 0.5}", "relu", "bn"), 8,
         "head_dropout1 comes after the softmax", "remove"),
        ((MAP, "max_pool: {size: 4}", "flatten"), 7,
         "head_max_pool1 comes after the softmax of head_conv1", "remove"),
        ((MAP, "flatten"), 7, "head_flatten1 comes after the softmax", "remove"),
        ((MAP, "pad: {size: 1}", "global_avg_pool"), 7, "head_pad1 comes after the softmax",
         "remove"),
        (("global_avg_pool", f"add: {SOFTMAXES}"), 7, "head_add1 comes after the softmax",
         "`average` keeps"),
        (("global_avg_pool", f"concat: {SOFTMAXES}"), 7, "head_concat1 comes after the softmax",
         "remove"),
        (("global_avg_pool", f"concat: {BRANCHES}"), 7, "head_concat1 comes after the softmax",
         "remove"),
        (("global_avg_pool", ONE_SIGMOID, "rescale: {scale: 0.5}"), 8,
         "head_rescale1 comes after the sigmoid", "remove"),
        (("global_avg_pool", "dense: {units: 5, activation: tanh}"), 7,
         "head_dense1 ends the network in `tanh`", "add a `softmax` after"),
        (("global_avg_pool", "dense: {units: 5}", "relu6", "relu"), 8,
         "head_relu61 ends the network in `relu6`", "leave `relu6` out"),
        (("global_avg_pool", "dense: {units: 1}", "hard_sigmoid"), 8, "in `hard_sigmoid`",
         "write `sigmoid` instead of `hard_sigmoid`"),
        (("global_avg_pool", "dense: {units: 5}", "tanh", "rescale: {scale: 30.0}"), 8,
         "head_tanh1 ends the network", "leave"),
    ],
)  # fmt: skip
def test_refused(steps: tuple[str, ...], line: int, message: str, hint: str) -> None:
    with pytest.raises(SpecError) as caught:
        head(net(*steps))
    (actual,) = caught.value.diagnostics
    assert (actual.code, actual.location.line, actual.severity) == ("unclear-head", line, "error")
    assert message in actual.message and actual.hint and hint in actual.hint


@pytest.mark.parametrize(
    ("steps", "units", "hint"),
    [
        (("dense: {units: 5, activation: sigmoid}",), 5, "write `activation: softmax`"),
        (("dense: {units: 2, activation: sigmoid}",), 2, "two classes may also have one unit"),
        (("dense: {units: 5}", "sigmoid"), 5, "`softmax` instead of `sigmoid`"),
    ],
)
def test_several_sigmoids(steps: tuple[str, ...], units: int, hint: str) -> None:
    """Each class by itself, where somebody says so."""
    actual = head(net("global_avg_pool", *steps))
    assert (actual.output, actual.classes) == ("sigmoids", units)
    (error,) = many_sigmoids_error(actual).diagnostics
    assert f"{units} independent sigmoids ({actual.node.name})" in error.message
    assert error.hint and hint in error.hint and "loss: {kind: binary}" in error.hint
    assert next(iter(head_words(actual, "abcde"))).startswith("sigmoids: ")


def test_a_network_without_weights() -> None:
    graph = api.compile_text("archc: 1\nname: bare\ninput: [1, 1, 5]\nhead: [flatten, softmax]\n")
    with pytest.raises(SpecError, match="bare has no weights to train"):
        head(graph)


@pytest.mark.parametrize(
    ("steps", "output", "code", "message"),
    [
        (
            ("global_avg_pool", "dense: {units: 5, activation: relu}"),
            "logits",
            "one-sided-logits",
            "head_dense1 ends the network in `relu`",
        ),
        (
            ("conv: {filters: 5, kernel: 1}", "bn", "swish", "global_avg_pool"),
            "logits",
            "one-sided-logits",
            "head_swish1 ends the network in `swish`",
        ),
        (
            ("global_avg_pool", CLASSES, "softmax"),
            "probabilities",
            "squashed-twice",
            "head_softmax1 squashes again what head_dense1 has",
        ),
        (
            ("global_avg_pool", ONE_SIGMOID, "reshape: {shape: [1, 1, 1]}", "flatten", "sigmoid"),
            "sigmoid",
            "squashed-twice",
            "head_sigmoid1 squashes",
        ),
    ],
)
def test_told(steps: tuple[str, ...], output: str, code: str, message: str) -> None:
    actual = head(net(*steps))
    (note,) = actual.notes
    assert (actual.output, note.code, note.severity) == (output, code, "warning")
    assert message in note.message


def test_words() -> None:
    first = head(net("global_avg_pool", ONE_SIGMOID))
    assert list(head_words(first, ["cat", "dog\x1b"])) == [
        (
            "one sigmoid: head_dense1 gives the probability of `dog\\x1b`, and 1 minus it is that "
            "of `cat`"
        )
    ]
    assert list(head_words(head(net("global_avg_pool", CLASSES)), "abcde")) == []
    (error,) = not_two_classes_error(first, "digits", 10).diagnostics
    assert (error.location.line, error.hint) == (7, "write `activation: softmax`, with 10 units")
    assert error.message == "a single sigmoid separates two classes, but digits has 10"
    assert one_output_hint(head(net("global_avg_pool", "dense: {units: 1}"))).endswith(
        "write `activation: sigmoid`"
    )


@pytest.mark.parametrize(("units", "activation"), [(1, "sigmoid"), (2, "softmax")])
def test_the_warning_of_logits_names_what_fits(units: int, activation: str) -> None:
    (note,) = net("global_avg_pool", f"dense: {{units: {units}}}").notes
    assert note.code == "no-softmax" and f"without a {activation}" in note.message
    assert note.hint and note.hint.startswith(f"write `activation: {activation}`")


def test_a_library_layer_is_named_with_the_line_that_used_it(tmp_path: Path) -> None:
    (tmp_path / "ends.yaml").write_text("archc: 1\nblocks:\n  ending: [dense: {units: 5}, tanh]\n")
    spec = tmp_path / "net.yaml"
    spec.write_text(
        "archc: 1\nuses: [ends.yaml]\ninput: [4, 4, 3]\nhead:\n  - global_avg_pool\n  - ending\n"
    )
    with pytest.raises(SpecError) as caught:
        head(api.compile(spec))
    (actual,) = caught.value.diagnostics
    assert Path(actual.location.file).name == "ends.yaml" and [
        (text, at.line) for text, at in actual.notes
    ] == [("used here", 6)]


@pytest.mark.parametrize(
    "name",
    [
        "resnet_v1_20",
        "keras_mobilenet_v3_large",
        "keras_efficientnet_b0",
        "googlenet",
        "densenet_bc_100_12",
    ],
)
def test_shipped_networks_put_out_probabilities(name: str) -> None:
    actual = head(shipped_graph(name))
    assert (actual.output, actual.notes) == ("probabilities", ())


def test_every_op_has_an_answer() -> None:
    """Each of the table's ops says what its values are, or that they depend on its inputs;
    activations always say.
    """
    ops = {
        kind: REGISTRY[kind](**rows[0].attributes).lower()[-1] for kind, (rows, _) in ROWS.items()
    }
    assert set(SPANS) == set(ACTIVATIONS)
    assert {kind for kind, op in ops.items() if op.span is not None} == {
        *(kind for kind in ACTIVATIONS if kind != "leaky_relu"),
        "activation",
        "conv",
        "depthwise_conv",
        "separable_conv",
        "conv_transpose",
        "dense",
        "attention",
    }
    assert {kind for kind, op in ops.items() if op.span is not None and op.is_weighted} == {
        "attention",
        "conv",
        "depthwise_conv",
        "separable_conv",
        "conv_transpose",
        "dense",
    }
