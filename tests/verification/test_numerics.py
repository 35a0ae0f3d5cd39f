"""The comparison calls equal models equal, and sees every difference that a careless compiler would
make.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.verify_rows import DEVIATIONS  # those that `archc verify` is asked about
from tests.conftest import rarely
from tests.verification.deviations import (
    DIFFERENCES,
    L2_HALVED,
    build,
    deviating,
    settings,
    source,
    together,
)

pytestmark = pytest.mark.keras


@pytest.fixture(autouse=True)
def fresh_names() -> Iterator[None]:
    """Keras numbers layers on; the rows below name them as a fresh process would."""
    import keras

    keras.utils.clear_session()
    yield


def prepare(reference: Any, candidate: Any, dense: float = 1.0) -> tuple[Any, Any, Any]:
    """Both, paired, with random weights, the dense kernel multiplied. Settings are left to the
    numbers.
    """
    from archcompile.keras_config.live_models import live
    from archcompile.verification.compared_steps import exact_view
    from archcompile.verification.match import match
    from archcompile.verification.random_weights import copy_weights, randomise

    reference_model, candidate_model = live(reference), live(candidate)
    pairing = match(
        exact_view(reference_model.net), exact_view(candidate_model.net), settings=False
    )
    randomise(reference_model, seed=0)
    kernel = reference.get_layer("dense").kernel
    kernel.assign(kernel * dense)
    copy_weights(reference_model, candidate_model, pairing)
    return reference_model, candidate_model, pairing


def match_models(reference: Any, candidate: Any) -> Any:
    from archcompile.keras_config.live_models import live
    from archcompile.verification.compared_steps import exact_view
    from archcompile.verification.match import match

    return match(exact_view(live(reference).net), exact_view(live(candidate).net))


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=pytest.mark.thorough if case in DEVIATIONS else ())
        for case in DIFFERENCES
    ],
)
def test_match_names_the_first_difference(case: str) -> None:
    from archcompile.verification.output_order import ModelsDiffer

    net, edit, words = DIFFERENCES[case]
    reference = build(net)
    with pytest.raises(ModelsDiffer) as caught:
        match_models(reference, deviating(reference, edit))
    assert all(word in caught.value.message for word in words), caught.value.message


def test_the_order_of_a_sum_does_not_count() -> None:
    from archcompile.verification.numerics import compare
    from archcompile.verification.report import Verdict

    reference = build("v1-8")
    swap = together(source("add", 0, "batch_normalization_2"), source("add", 1, "activation"))
    actual = compare(*prepare(reference, deviating(reference, swap)), seed=0)
    assert actual.verdict is Verdict.EQUAL, actual


@pytest.mark.parametrize("net", ["v1-8", pytest.param("v2-11", marks=pytest.mark.thorough)])
def test_equal_models_are_equal_and_left_alone(net: str) -> None:
    import numpy as np

    from archcompile.verification.numerics import compare
    from archcompile.verification.report import Verdict

    reference, candidate = build(net), build(net)
    reference_model, candidate_model, pairing = prepare(reference, candidate)
    assert pairing == match_models(reference, candidate)
    assert [layer.name for layer in reference.layers] != [layer.name for layer in candidate.layers]
    assert len(pairing.pairs) == len(reference.layers)
    before = [weight.numpy() for weight in reference.weights]
    actual = compare(reference_model, candidate_model, pairing, seed=0)
    assert actual.verdict is Verdict.EQUAL, actual
    counts = Counter(quantity.kind for quantity in actual.quantities)
    assert {kind: counts[kind] for kind in ("op", "weight", "gradient", "loss")} == {
        "op": 2 * (len(reference.layers) - 1),
        "weight": len(reference.weights),
        "gradient": 2 * len(reference.trainable_weights),
        "loss": 6,
    }
    assert all(np.array_equal(a, b.numpy()) for a, b in zip(before, reference.weights, strict=True))


# What the numbers must show by themselves, and where.
#   net, edit, kinds and names of quantities that have to be different
NUMBERS = {
    "epsilon": (
        "v1-8",
        settings("batch_normalization_3", epsilon=1e-4),
        {("op", "batch_normalization_3")},
    ),
    "momentum": (
        "v1-8",
        settings("batch_normalization_3", momentum=0.9),
        {("op state", "batch_normalization_3/moving_mean")},
    ),
    "half the l2": (
        "v1-8",
        settings("conv2d_8", kernel_regularizer=L2_HALVED),
        {("gradient", "conv2d_8/kernel"), ("loss", "penalty")},
    ),
    "stride on the other conv": (
        "v1-8",
        together(settings("conv2d_3", strides=[1, 1]), settings("conv2d_4", strides=[2, 2])),
        {("op", "conv2d_3")},
    ),
    "activation": (
        "v2-11",
        settings("activation_9", activation="softsign"),
        {("op", "activation_9")},
    ),
}


RARE = ("momentum", "stride on the other conv", "activation")


@pytest.mark.parametrize("case", ["epsilon", "half the l2", *map(rarely, RARE)])
def test_numbers_show_the_difference(case: str) -> None:
    from archcompile.verification.numerics import compare
    from archcompile.verification.report import Verdict

    net, edit, expected = NUMBERS[case]
    reference = build(net)
    candidate = deviating(reference, edit)
    actual = compare(*prepare(reference, candidate), seed=0)
    different = {(q.kind, q.name) for q in actual.quantities if q.verdict is Verdict.DIFFERENT}
    assert actual.verdict is Verdict.DIFFERENT and expected <= different, actual
    # Fed the same, only the layers that were edited answer differently.
    edited = {name for _, name in expected} | {"conv2d_4"}
    assert {name for kind, name in different if kind == "op"} <= edited


def test_one_changed_weight_shows() -> None:
    from archcompile.verification.numerics import compare
    from archcompile.verification.report import Verdict

    reference, candidate = build("v1-8"), build("v1-8")
    reference_model, candidate_model, pairing = prepare(reference, candidate)
    names = {
        pairing.reference.name(first): pairing.candidate.name(second)
        for first, second in pairing.pairs
    }
    kernel = candidate.get_layer(names["conv2d_4"]).kernel
    changed = kernel.numpy()
    changed[1, 1, 5, 7] += 1e-3
    kernel.assign(changed)
    actual = compare(reference_model, candidate_model, pairing, seed=0)
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


@pytest.mark.thorough
def test_random_weights_keep_a_deep_net_alive() -> None:
    import numpy as np

    from archcompile.keras_config.live_models import live
    from archcompile.verification.random_weights import randomise

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
    from archcompile.verification.random_weights import randomise

    def draw_values(seed: int) -> list[Any]:
        model = keras.Sequential(
            [keras.Input((8,)), keras.layers.Dense(8), keras.layers.Dropout(0.5)]
        )
        randomise(live(model), seed)
        return [variable.numpy() for variable in model.variables] + [
            model(np.ones((2, 8)), training=True).numpy()
        ]

    once, again, another = draw_values(3), draw_values(3), draw_values(4)
    assert len(once) == 4
    assert all(np.array_equal(a, b) for a, b in zip(once, again, strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(once, another, strict=True))
