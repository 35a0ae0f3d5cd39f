"""The comparison calls equal models equal, and sees every difference that a careless compiler would
make.

The deviating models are made from the hand-written networks by editing their configuration, so that
each differs in just the one thing that its row names.
"""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytestmark = pytest.mark.keras

Config = dict[str, Any]  # a functional model's `get_config()`


@pytest.fixture(autouse=True)
def fresh_names() -> Iterator[None]:
    """Keras numbers layers on; the rows below name them as a fresh process would."""
    import keras

    keras.utils.clear_session()
    yield


def build(net: str) -> Any:
    """`v1-8` or `v2-11`, written by hand."""
    from tests.oracles import article

    family, depth = net.split("-")
    return getattr(article, f"resnet_{family}")(int(depth))


def deviating(model: Any, edit: Callable[[Config], None]) -> Any:
    config = copy.deepcopy(model.get_config())
    edit(config)
    return type(model).from_config(config)


def prepare(reference: Any, candidate: Any, dense: float = 1.0) -> tuple[Any, Any, Any]:
    """Both, paired, with random weights, the dense kernel multiplied. Settings are left to the
    numbers.
    """
    from archcompile.keras_config.live_models import live
    from archcompile.verification.compared_steps import exact_view
    from archcompile.verification.match import match
    from archcompile.verification.weights import copy_weights, randomise

    ours, theirs = live(reference), live(candidate)
    pairing = match(exact_view(ours.net), exact_view(theirs.net), settings=False)
    randomise(ours, seed=0)
    kernel = reference.get_layer("dense").kernel
    kernel.assign(kernel * dense)
    copy_weights(ours, theirs, pairing)
    return ours, theirs, pairing


def matched(reference: Any, candidate: Any) -> Any:
    from archcompile.keras_config.live_models import live
    from archcompile.verification.compared_steps import exact_view
    from archcompile.verification.match import match

    return match(exact_view(live(reference).net), exact_view(live(candidate).net))


# ------------------------------------------------------------------------------------------------ e


def _layer(config: Config, name: str) -> Config:
    return next(layer for layer in config["layers"] if layer["name"] == name)


def settings(*names: str, **values: Any) -> Callable[[Config], None]:
    def edit(config: Config) -> None:
        for name in names:
            assert values.keys() <= _layer(config, name)["config"].keys()
            _layer(config, name)["config"].update(values)

    return edit


def source(name: str, number: int, new: str) -> Callable[[Config], None]:
    """Input `number` of layer `name` comes from layer `new`."""

    def edit(config: Config) -> None:
        argument = _layer(config, name)["inbound_nodes"][0]["args"][0]
        tensor = argument[number] if isinstance(argument, list) else argument
        tensor["config"]["keras_history"] = [new, 0, 0]

    return edit


def together(*edits: Callable[[Config], None]) -> Callable[[Config], None]:
    def edit(config: Config) -> None:
        for first in edits:
            first(config)

    return edit


def swapped(first: str, second: str, after: str) -> Callable[[Config], None]:
    """`… -> first -> second -> after` becomes `… -> second -> first -> after`."""

    def edit(config: Config) -> None:
        before = _layer(config, first)["inbound_nodes"][0]["args"][0]["config"]["keras_history"][0]
        together(source(second, 0, before), source(first, 0, second), source(after, 0, first))(
            config
        )

    return edit


def norm_behind(name: str, reader: str, number: int) -> Callable[[Config], None]:
    """A batch normalisation between the layer `name` and input `number` of its reader."""

    def edit(config: Config) -> None:
        extra = copy.deepcopy(_layer(config, "batch_normalization_2"))
        extra["name"] = extra["config"]["name"] = "extra"
        tensor = extra["inbound_nodes"][0]["args"][0]["config"]
        shape = copy.deepcopy(
            _layer(config, reader)["inbound_nodes"][0]["args"][0][number]["config"]["shape"]
        )
        tensor["shape"], tensor["keras_history"] = shape, [name, 0, 0]
        extra.get("build_config", {})["input_shape"] = shape
        config["layers"].append(extra)
        source(reader, number, "extra")(config)

    return edit


L2_HALVED = {
    "module": "keras.regularizers",
    "class_name": "L2",
    "config": {"l2": 5e-5},
    "registered_name": None,
}
GLOROT = {"module": "keras.initializers", "class_name": "GlorotUniform", "config": {"seed": None}}

# In v1-8 `conv2d_3`, `_4` and the projection `_5` are the second unit, which `add_1` ends; in v2-11
# `conv2d_5`, `_6`,
# `_7` and the projection `_8`. What the message must hold: both layers' places and the setting.
#   net, edit, words of the message
DIFFERENCES = {
    "no bias": (
        "v1-8",
        settings("conv2d_4", use_bias=False),
        ["conv2d_4", "use_bias (True and False)"],
    ),
    "projection with norm": (
        "v1-8",
        norm_behind("conv2d_5", "add_1", 0),
        ["candidate has `extra` (BatchNormalization) after `conv2d_5`"],
    ),
    "epsilon": (
        "v1-8",
        settings("batch_normalization_3", epsilon=1.001e-3),
        ["batch_normalization_3", "epsilon"],
    ),
    "momentum": (
        "v2-11",
        settings("batch_normalization_9", momentum=0.9),
        ["batch_normalization_9", "momentum"],
    ),
    "half the l2": (
        "v1-8",
        settings("conv2d_8", kernel_regularizer=L2_HALVED),
        ["conv2d_8", "kernel_regularizer.l2 (0.0001 and 5e-05)"],
    ),
    "initialiser": (
        "v2-11",
        settings("dense", kernel_initializer=GLOROT),
        ["dense", "HeNormal", "GlorotUniform"],
    ),
    "norm behind relu": (
        "v1-8",
        swapped("batch_normalization_1", "activation_1", "conv2d_2"),
        [
            "`batch_normalization_1` (BatchNormalization) after `conv2d_1`",
            "`activation_1` (Activation) after `conv2d_1`",
        ],
    ),
    "shortcut before relu": (
        "v2-11",
        source("conv2d_8", 0, "activation_3"),
        [
            "input 0",
            "`conv2d_8` (Conv2D) comes from `add`",
            "`conv2d_8` (Conv2D) from `activation_3`",
        ],
    ),
    "shortcut behind norm": (
        "v1-8",
        source("add", 0, "batch_normalization"),
        ["`add`", "`activation`"],
    ),
    "stride on the other conv": (
        "v1-8",
        together(settings("conv2d_3", strides=[1, 1]), settings("conv2d_4", strides=[2, 2])),
        ["conv2d_3", "strides ((2, 2) and (1, 1))"],
    ),
    "frozen": (
        "v1-8",
        settings("conv2d_1", trainable=False),
        ["conv2d_1", "trainable (True and False)"],
    ),
    "half precision": ("v1-8", settings("dense", dtype="mixed_float16"), ["dense", "dtype"]),
}


@pytest.mark.parametrize("case", DIFFERENCES)
def test_match_names_the_first_difference(case: str) -> None:
    from archcompile.verification.output_order import ModelsDiffer

    net, edit, words = DIFFERENCES[case]
    reference = build(net)
    with pytest.raises(ModelsDiffer) as caught:
        matched(reference, deviating(reference, edit))
    assert all(word in caught.value.message for word in words), caught.value.message


def test_the_order_of_a_sum_does_not_count() -> None:
    from archcompile.verification.numerics import compare
    from archcompile.verification.report import Verdict

    reference = build("v1-8")
    swap = together(source("add", 0, "batch_normalization_2"), source("add", 1, "activation"))
    actual = compare(*prepare(reference, deviating(reference, swap)), seed=0)
    assert actual.verdict is Verdict.EQUAL, actual


@pytest.mark.parametrize("net", ["v1-8", "v2-11"])
def test_equal_models_are_equal_and_left_alone(net: str) -> None:
    import numpy as np

    from archcompile.verification.numerics import compare
    from archcompile.verification.report import Verdict

    reference, candidate = build(net), build(net)
    ours, theirs, pairing = prepare(reference, candidate)
    assert pairing == matched(reference, candidate)
    assert [layer.name for layer in reference.layers] != [layer.name for layer in candidate.layers]
    assert len(pairing.pairs) == len(reference.layers)
    before = [weight.numpy() for weight in reference.weights]
    actual = compare(ours, theirs, pairing, seed=0)
    assert actual.verdict is Verdict.EQUAL, actual
    counts = {
        kind: sum(q.kind == kind for q in actual.quantities)
        for kind in ("op", "weight", "gradient", "loss")
    }
    assert counts == {
        "op": 2 * (len(reference.layers) - 1),
        "weight": len(reference.weights),
        "gradient": 2 * len(reference.trainable_weights),
        "loss": 6,
    }
    assert all(np.array_equal(a, b.numpy()) for a, b in zip(before, reference.weights, strict=True))


# What the numbers must show by themselves, and where.
#   net, edit, kind and name of a quantity that has to be different
NUMBERS = {
    "epsilon": (
        "v1-8",
        settings("batch_normalization_3", epsilon=1e-4),
        "op",
        "batch_normalization_3",
    ),
    "momentum": (
        "v1-8",
        settings("batch_normalization_3", momentum=0.9),
        "op state",
        "batch_normalization_3/moving_mean",
    ),
    "half the l2": (
        "v1-8",
        settings("conv2d_8", kernel_regularizer=L2_HALVED),
        "gradient",
        "conv2d_8/kernel",
    ),
    "half the l2, summed": (
        "v1-8",
        settings("conv2d_8", kernel_regularizer=L2_HALVED),
        "loss",
        "penalty",
    ),
    "stride on the other conv": (
        "v1-8",
        together(settings("conv2d_3", strides=[1, 1]), settings("conv2d_4", strides=[2, 2])),
        "op",
        "conv2d_3",
    ),
    "activation": ("v2-11", settings("activation_9", activation="elu"), "op", "activation_9"),
}


@pytest.mark.parametrize("case", NUMBERS)
def test_numbers_show_the_difference(case: str) -> None:
    from archcompile.verification.numerics import compare
    from archcompile.verification.report import Verdict

    net, edit, kind, name = NUMBERS[case]
    reference = build(net)
    candidate = deviating(reference, edit)
    actual = compare(*prepare(reference, candidate), seed=0)
    different = {(q.kind, q.name) for q in actual.quantities if q.verdict is Verdict.DIFFERENT}
    assert actual.verdict is Verdict.DIFFERENT and (kind, name) in different, actual
    # Fed the same, only the layers that were edited answer differently.
    assert {n for k, n in different if k == "op"} <= {name, "conv2d_4"}


def test_one_changed_weight_shows() -> None:
    from archcompile.verification.numerics import compare
    from archcompile.verification.report import Verdict

    reference, candidate = build("v1-8"), build("v1-8")
    ours, theirs, pairing = prepare(reference, candidate)
    names = {
        pairing.reference.name(first): pairing.candidate.name(second)
        for first, second in pairing.pairs
    }
    kernel = candidate.get_layer(names["conv2d_4"]).kernel
    changed = kernel.numpy()
    changed[1, 1, 5, 7] += 1e-3
    kernel.assign(changed)
    actual = compare(ours, theirs, pairing, seed=0)
    different = {(q.kind, q.name) for q in actual.quantities if q.verdict is Verdict.DIFFERENT}
    assert {("weight", "conv2d_4/kernel"), ("op", "conv2d_4")} <= different
    assert any(kind == "output" for kind, _ in different)


#  what the dense kernel is multiplied by, reason
BLIND = [(0.0, "zero"), (float("nan"), "not finite"), (1e4, "saturated")]


@pytest.mark.parametrize(("factor", "reason"), BLIND)
def test_no_evidence_is_not_equality(factor: float, reason: str) -> None:
    """Dead, broken or saturated networks agree whatever their settings are: the report has to say
    so.
    """
    from archcompile.verification.numerics import compare
    from archcompile.verification.report import Verdict

    reference, candidate = build("v1-8"), build("v1-8")
    actual = compare(*prepare(reference, candidate, factor), seed=0)
    assert actual.verdict is Verdict.CANNOT_TELL, actual
    assert reason in {q.reason for q in actual.uninformative}


def test_only_the_candidate_overflows() -> None:
    from archcompile.verification.numerics import compare
    from archcompile.verification.report import Verdict

    reference, candidate = build("v1-8"), build("v1-8")
    prepared = prepare(reference, candidate)
    kernel = candidate.get_layer("dense_1").kernel
    kernel.assign(kernel * float("nan"))
    assert compare(*prepared, seed=0).verdict is Verdict.DIFFERENT


def test_random_weights_keep_a_deep_net_alive() -> None:
    import numpy as np

    from archcompile.keras_config.live_models import live
    from archcompile.verification.weights import randomise

    model = build("v1-56")
    side = live(model)
    randomise(side, seed=3)
    values = {weight.path: weight.numpy() for weight in model.weights}
    assert all((value != 0).all() and np.isfinite(value).all() for value in values.values())
    assert all(
        (value > 0).all() for path, value in values.items() if path.endswith("moving_variance")
    )
    for training in (False, True):
        random_images = np.random.default_rng(0).normal(0, 0.5, (6, 32, 32, 3))
        highest = model(random_images, training=training).numpy().max(axis=1)
        assert (highest < 0.99).all()
    randomise(side, seed=3)
    assert all(
        np.array_equal(value, weight.numpy())
        for value, weight in zip(values.values(), model.weights, strict=True)
    )
    randomise(side, seed=4)
    assert not np.array_equal(values[model.weights[0].path], model.weights[0].numpy())


def test_the_seed_settles_random_layers_too() -> None:
    import keras
    import numpy as np

    from archcompile.keras_config.live_models import live
    from archcompile.verification.weights import randomise

    def drawn(seed: int) -> list[Any]:
        model = keras.Sequential(
            [keras.Input((8,)), keras.layers.Dense(8), keras.layers.Dropout(0.5)]
        )
        randomise(live(model), seed)
        return [variable.numpy() for variable in model.variables] + [
            model(np.ones((2, 8)), training=True).numpy()
        ]

    once, again, another = drawn(3), drawn(3), drawn(4)
    assert len(once) == 4
    assert all(np.array_equal(a, b) for a, b in zip(once, again, strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(once, another, strict=True))
