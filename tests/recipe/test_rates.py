"""The learning rate of every step."""

from math import cos, pi
from typing import Any

import pytest

from archcompile.errors import UsageError
from archcompile.recipe.descriptions import rate_rows, sparkline
from archcompile.recipe.loading import find, load
from archcompile.recipe.model import Recipe
from archcompile.recipe.rates import CIFAR, Pace, curve, pace, pace_on, pieces, rate


def recipe(schedule: Any = None, warmup: Any = None, **length: int) -> Recipe:
    """A recipe of rate 0.5 and batches of 10; its length is 10 epochs where none is given."""
    values = {
        "archc": 1,
        "name": "test",
        "batch_size": 10,
        "optimizer": {"kind": "sgd", "learning_rate": 0.5},
        "schedule": schedule,
        "warmup": warmup,
        **(length or {"epochs": 10}),
    }
    return Recipe.model_validate(values)


def rates(of: Recipe, steps: list[int], images: int = 100) -> list[float]:
    return [rate(of, step, pace(of, images)) for step in steps]


@pytest.mark.parametrize("name", ["article", "article_holdout"])
def test_the_article_in_all_200_epochs(name: str) -> None:
    article = load(find(name))
    cifar_pace = pace_on(article, CIFAR)
    assert article.epochs == 200 and cifar_pace.total == 200 * cifar_pace.epoch
    first = [rate(article, epoch * cifar_pace.epoch, cifar_pace) for epoch in range(200)]
    assert first == [1e-3] * 81 + [1e-4] * 40 + [1e-5] * 40 + [1e-6] * 20 + [5e-7] * 19
    assert [
        rate(article, (epoch + 1) * cifar_pace.epoch - 1, cifar_pace) for epoch in range(200)
    ] == first, "to its last step"


def test_an_epoch_counts_the_partial_batch() -> None:
    assert pace_on(load(find("article")), CIFAR) == Pace(epoch=1563, total=312_600)
    assert pace_on(load(find("article_holdout")), CIFAR) == Pace(epoch=1407, total=281_400)
    assert pace_on(load(find("he2015")), CIFAR) == Pace(epoch=391, total=64_000)


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("he2015", {0: 0.1, 31_999: 0.1, 32_000: 0.01, 47_999: 0.01, 48_000: 0.001, 63_999: 0.001}),
        (
            "highway",
            {
                0: 0.025,
                99_999: 0.025,
                100_000: 0.0025,
                149_999: 0.0025,
                150_000: 2.5e-4,
                175_000: 2.5e-5,
                199_999: 2.5e-5,
            },
        ),
    ],
)
def test_recipes_that_count_steps(name: str, at: dict[int, float]) -> None:
    actual = load(find(name)).for_depth(20)
    cifar_pace = pace_on(actual, CIFAR)
    assert cifar_pace.total == max(at) + 1
    assert {step: rate(actual, step, cifar_pace) for step in at} == pytest.approx(at, rel=1e-12)


@pytest.mark.parametrize(
    ("name", "lengths"),
    [
        ("wrn", {0.1: 60, 0.02: 60, 0.004: 40, 0.0008: 40}),
        ("stochastic_depth", {0.1: 250, 0.01: 125, 0.001: 125}),
    ],
)
def test_recipes_that_count_epochs(name: str, lengths: dict[float, int]) -> None:
    actual = load(find(name))
    cifar_pace = pace_on(actual, CIFAR)
    expected = [value for value, epochs in lengths.items() for _ in range(epochs)]
    assert [
        rate(actual, epoch * cifar_pace.epoch, cifar_pace) for epoch in range(actual.epochs or 0)
    ] == pytest.approx(expected, rel=1e-12)


def test_the_warm_up_of_depth_110() -> None:
    deep, deep_pace = load(find("he2015")).for_depth(110), Pace(epoch=391, total=64_000)
    assert [rate(deep, step, deep_pace) for step in (0, 399, 400, 31_999, 32_000)] == pytest.approx(
        [0.01, 0.01, 0.1, 0.1, 0.01], rel=1e-12
    )


@pytest.mark.parametrize(
    ("schedule", "steps", "expected"),
    [
        (None, [0, 1000], [0.5, 0.5]),
        # boundaries count from 0, factors are of the base and not of the factor before
        (
            {"kind": "piecewise", "boundaries": [3, 5], "factors": [0.5, 2.0]},
            [0, 29, 30, 49, 50, 99],
            [0.5, 0.5, 0.25, 0.25, 1.0, 1.0],
        ),
        (
            {"kind": "piecewise", "unit": "steps", "boundaries": [3, 5], "factors": [0.5, 2.0]},
            [2, 3, 4, 5],
            [0.5, 0.25, 0.25, 1.0],
        ),
        (
            {"kind": "one_cycle", "peak": 0.2, "start": 0.04, "end": 0.1},
            [0, 10, 20, 60, 100],
            [0.02, 0.26, 0.5, 0.275, 0.05],
        ),
        (
            {"kind": "cosine"},
            [0, 25, 50, 75, 100],
            [0.5, 0.25 * (1 + cos(pi / 4)), 0.25, 0.25 * (1 + cos(pi * 0.75)), 0.0],
        ),
        ({"kind": "cosine", "end": 0.5}, [0, 50, 100], [0.5, 0.375, 0.25]),
        # a cycle begins at its own first step
        ({"kind": "cosine", "cycles": 2}, [0, 25, 50, 75, 100], [0.5, 0.25, 0.5, 0.25, 0.0]),
        # 1 + 2 + 4 parts of a run
        (
            {"kind": "cosine", "cycles": 3, "growth": 2.0, "end": 0.2},
            [0, 15, 43],
            [
                0.5,
                0.1 + 0.2 * (1 + cos(pi * (0.15 * 7 - 1) / 2)),
                0.1 + 0.2 * (1 + cos(pi * (0.43 * 7 - 3) / 4)),
            ],
        ),
        ({"kind": "linear", "end": 0.2}, [0, 50, 100], [0.5, 0.3, 0.1]),
        ({"kind": "polynomial", "power": 2.0}, [0, 50, 100], [0.5, 0.125, 0.0]),
        ({"kind": "polynomial"}, [50], [0.5 * 0.5**0.9]),
        ({"kind": "wsd", "decay": 0.2, "end": 0.1}, [0, 80, 90, 100], [0.5, 0.5, 0.275, 0.05]),
    ],
)
def test_schedules(schedule: Any, steps: list[int], expected: list[float]) -> None:
    assert rates(recipe(schedule), steps) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize(
    ("rise", "expected"), [(False, [0.05, 0.05, 0.05, 0.5]), (True, [0.05, 0.1625, 0.275, 0.5])]
)
def test_warm_up(rise: bool, expected: list[float]) -> None:
    actual = recipe(warmup={"steps": 4, "factor": 0.1, "rise": rise})
    assert rates(actual, [0, 1, 2, 4]) == pytest.approx(expected)


def test_a_warm_up_multiplies_the_schedule() -> None:
    actual = recipe(
        {"kind": "piecewise", "unit": "steps", "boundaries": [2], "factors": [0.5]},
        {"steps": 4, "factor": 0.1},
    )
    assert rates(actual, [0, 2, 4]) == pytest.approx([0.05, 0.025, 0.25])


def test_a_pace_that_changes_on_the_way_goes_on_from_where_it_was() -> None:
    """A run that turns out to be slower: 40 of 100 steps are done when the total becomes 60."""
    before, after = Pace(epoch=10, total=100), Pace(epoch=10, total=60, step=40, progress=0.4)
    actual = recipe({"kind": "cosine"})
    assert rate(actual, 40, after) == rate(actual, 40, before)
    assert [after.at(step) for step in (40, 50, 60)] == pytest.approx([0.4, 0.7, 1.0])
    assert Pace(epoch=10, total=40, step=40, progress=0.4).at(40) == 1.0


def test_validation_must_leave_images() -> None:
    held_out = load(find("article_holdout"))
    assert pace_on(held_out, 5001).epoch == 1
    with pytest.raises(UsageError, match="leave none"):
        pace_on(held_out, 5000)


SPANNING: list[dict[str, Any]] = [
    {"kind": "cosine", "cycles": 3, "growth": 1.5},
    {"kind": "linear"},
    {"kind": "polynomial"},
    {"kind": "wsd"},
]


@pytest.mark.parametrize(
    "name",
    [*("article", "he2015", "fast", "digits"), *(pytest.param(s, id=s["kind"]) for s in SPANNING)],
)
def test_pieces_are_the_run(name: str | dict[str, Any]) -> None:
    actual = load(find(name)) if isinstance(name, str) else recipe(name)
    cifar_pace = pace(actual, 2000)
    parts = pieces(actual, cifar_pace)
    assert [part.first for part in parts] == [0, *(part.end for part in parts[:-1])] and parts[
        -1
    ].end == cifar_pace.total
    for part in parts:
        values = [rate(actual, step, cifar_pace) for step in range(part.first, part.end)]
        assert (values[0], values[-1]) == (part.start, part.last)
        assert values in (sorted(values), sorted(values, reverse=True)), "no turn inside of a piece"
        assert part.is_flat == (len(set(values)) == 1)
    drawn = curve(actual, cifar_pace, 7)
    assert drawn == sorted(drawn) and all(
        value == rate(actual, step, cifar_pace) for step, value in drawn
    )
    assert drawn[0][0] == 0 and drawn[-1][0] == cifar_pace.total - 1


def test_a_boundary_at_the_end_makes_no_piece() -> None:
    actual = recipe({"kind": "piecewise", "boundaries": [5, 10, 12], "factors": [0.5, 0.2, 0.1]})
    assert [(part.first, part.end) for part in pieces(actual, pace(actual, 100))] == [
        (0, 50),
        (50, 100),
    ]


def test_what_a_person_reads() -> None:
    article, he = load(find("article")), load(find("he2015"))
    assert rate_rows(article, pace_on(article, CIFAR))[:2] == [
        ("epochs 1-81", "0.001", "to step 126,603"),
        ("epochs 82-121", "0.0001", "to step 189,123"),
    ]
    assert rate_rows(he, pace_on(he, CIFAR))[-1] == (
        "steps 48,001-64,000",
        "0.001",
        "to epoch 163.7",
    )
    cycle = recipe({"kind": "one_cycle", "peak": 0.5, "start": 0.0})
    assert rate_rows(cycle, pace(cycle, 100)) == [
        ("epochs 1-5", "0 rising to 0.49", "to step 50"),
        ("epochs 6-10", "0.5 falling to 0.01", "to step 100"),
    ]
    assert sparkline(article, pace_on(article, CIFAR)) == ""
    assert sparkline(cycle, pace(cycle, 100), 10) == "▁▂▄▆██▆▄▂▁"
