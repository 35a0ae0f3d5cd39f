"""Hints for names of steps and blocks that are not there."""

import pytest

from archcompile.ops import REGISTRY
from archcompile.ops.conv import Conv
from archcompile.ops.values import ACTIVATIONS
from archcompile.spec.check.attributes import attribute_names
from archcompile.spec.language.elsewhere import (
    ABSENT,
    ATTRIBUTES,
    INITS,
    NO_ACTIVATIONS,
    NO_ATTRIBUTES,
    OPS,
    STEPS,
)
from archcompile.spec.language.elsewhere import ACTIVATIONS as FOREIGN_ACTIVATIONS
from archcompile.spec.language.file_forms import SpecFile
from archcompile.spec.language.foreign_keys import KEYS
from archcompile.spec.language.hints import (
    activation_hint,
    attribute_hint,
    bare,
    init_hint,
    step_hint,
)
from archcompile.spec.language.value_hints import number_hint
from archcompile.spec.yaml.strict_yaml import parse
from archcompile.spec.yaml.tree import plain


def test_every_foreign_name_means_an_op_and_is_none() -> None:
    assert set(OPS.values()) <= set(REGISTRY)
    assert not set(OPS) & {name.replace("_", "") for name in REGISTRY}


@pytest.mark.parametrize(
    ("word", "op"),
    {
        "batch_norm": "bn",
        "batchnorm": "bn",
        "conv2d": "conv",
        "Conv2DTranspose": "conv_transpose",
        "linear": "dense",
        "fc": "dense",
        "gap": "global_avg_pool",
        "maxpool": "max_pool",
        "avgpool": "avg_pool",
        "silu": "swish",
        "concatenate": "concat",
        "mul": "multiply",
        "BatchNormalization": "bn",
    }.items(),
)
def test_foreign_names(word: str, op: str) -> None:
    assert step_hint(word, list(REGISTRY)) == f"did you mean `{op}`?"


def test_every_other_word_is_none_of_ours() -> None:
    ours = {name.replace("_", "") for name in REGISTRY}
    words = {*STEPS, *ABSENT, *NO_ACTIVATIONS, *OPS}
    assert not words & ours
    assert all(bare(word) == word for word in (*words, *ATTRIBUTES, *NO_ATTRIBUTES))
    assert len(words) == sum(map(len, (STEPS, ABSENT, NO_ACTIVATIONS, OPS)))
    attributes = {name for op in REGISTRY.values() for name in attribute_names(op)}
    assert set(ATTRIBUTES.values()) <= attributes
    assert set(NO_ATTRIBUTES) & attributes == {"shared"}  # slopes are, of `prelu` alone
    assert set(FOREIGN_ACTIVATIONS.values()) <= set(REGISTRY) and not set(KEYS) & set(
        SpecFile.model_fields
    )


@pytest.mark.parametrize(
    ("word", "words"),
    {
        "cross_attention": "`attention` is of a tensor with itself",
        "Transformer": "write a block of `layer_norm`",
        "cls_token": "no stock layer for learned constants",
        "MultiHeadAttention": "`attention`",
        "LSTM": "for images only",
        "embedding": "for images only",
        "Split": "`split: {parts: [left, right]}`",
        "Conv1D": "`input: [128, 1, 12]`",
        "MaxPool3d": "MaxPool3d does not exist here: layers work over height and width",
        "TimeDistributed": "none are shared",
        "AdaptiveAvgPool2d": "`global_avg_pool` is",
        "Dropout2d": "`dropout` drops single values",
        "CReLU": "CReLU does not exist here: there are relu,",
        "celu": "celu does not exist here",
        "Conv2D": "did you mean `conv`?",
        "MaxPooling2D": "did you mean `max_pool`?",
        "ReLU": "did you mean `relu`?",
        "Linear": "did you mean `dense`?",
        "nn.Conv2d": "did you mean `conv`?",
        "GELU": "did you mean `gelu`?",
        "LeakyReLU": "did you mean `leaky_relu`?",
        "ReLU6": "did you mean `relu6`?",
        "drpout": "did you mean `dropout`?",
        "GlobalAveragePooling2D": "did you mean `global_avg_pool`?",
        "zzz": "`archc explain unknown-step` lists the ops",
    }.items(),
)
def test_what_is_not_here_is_said_so(word: str, words: str) -> None:
    assert words in step_hint(word, list(REGISTRY))


@pytest.mark.parametrize(
    ("op", "word", "ours"),
    [
        ("conv", "kernel_size", "kernel"),
        ("conv", "kernel_initializer", "init"),
        ("conv", "kernel_regularizer", "l2"),
        ("conv", "out_channels", "filters"),
        ("conv", "strides", "stride"),
        ("dropout", "p", "rate"),
        ("bn", "eps", "epsilon"),
        ("dense", "out_features", "units"),
        ("leaky_relu", "negative_slope", "slope"),
        ("max_pool", "pool_size", "size"),
        ("max_pool", "kernel_size", "size"),
        ("avg_pool", "kernel", "size"),
    ],
)
def test_attributes_of_other_tools(op: str, word: str, ours: str) -> None:
    assert attribute_hint(word, attribute_names(REGISTRY[op])) == f"did you mean `{ours}`?"


@pytest.mark.parametrize(
    ("word", "words"),
    {
        "prelu": "`prelu` has weights",
        "celu": "celu does not exist here",
        "silu": "did you mean `swish`?",
        "ReLU": "did you mean `relu`?",
        "LReLU": "did you mean `leaky_relu`?",
        "linear": "did you mean `none`?",
        "sigmod": "did you mean `sigmoid`?",
    }.items(),
)
def test_activations_of_other_tools(word: str, words: str) -> None:
    assert words in activation_hint(word, list(ACTIVATIONS))


@pytest.mark.parametrize("word", INITS)
def test_initialisers_with_settings(word: str) -> None:
    hint = init_hint(word, [])
    written = hint.removeprefix("write `init: ").removesuffix("`")
    assert Conv(filters=1, kernel=1, init=plain(parse(written, "init.yaml")))


def test_an_initialiser_that_is_nearly_one() -> None:
    assert init_hint("he_norml", ["he_normal", "zeros"]) == "did you mean `he_normal`?"


@pytest.mark.parametrize(
    ("text", "words"),
    {
        "3 * 2": "write `$(3 * 2)`",
        "(depth - 2) / 6": "write `$((depth - 2) / 6)`",
        "0.224 ** 2": 'write `"$(pow(0.224, 2))"`',
        "w^2": 'write `"$(pow(w, 2))"`',
        "max(1, n)": 'write `"$(max(1, n))"`',
        "n - 1": "write `$(n - 1)`",
        "0.5": "remove the quotes",
        "-1e-4": "remove the quotes",
        "1_000": "write 1000",
        "he-normal": None,
        "two": None,
        "2 ** 3 ** 2": None,
        "$n": None,
    }.items(),
)
def test_numbers_as_text(text: str, words: str | None) -> None:
    hint = number_hint(text)
    assert hint is None if words is None else words in str(hint)
