"""What is drawn for each picture: its range, its distribution, and by the source of its table."""

from typing import Any

import numpy as np
import pytest

from archcompile.engine.epoch_order import order, repeat_in_batches
from archcompile.engine.picture_draws import Columns, PictureDraws, draw_mixing
from archcompile.engine.picture_ops import CODES, TIMM, TORCHVISION, WIDE
from archcompile.recipe import Augment, Mix
from tests.engine.pillow_pictures import ALL, Array

pytestmark = pytest.mark.keras


def draws(settings: Augment, size: tuple[int, int] = (32, 32)) -> PictureDraws:
    return PictureDraws.of(settings, (*size, 3), size)


def test_draws_depend_on_seed_and_step_and_nothing_else() -> None:
    drawn = {(seed, step): draws(ALL).draw(seed, step, 20) for seed in (0, 1) for step in (0, 9)}
    assert len({numbers.tobytes() for numbers in drawn.values()}) == 4
    assert np.array_equal(drawn[1, 9], draws(ALL).draw(1, 9, 20))
    assert np.array_equal(drawn[1, 9][:7], draws(ALL).draw(1, 9, 7))
    assert all(numbers.dtype == np.float32 for numbers in drawn.values())


def column(name: str, settings: Augment, count: int = 20_000) -> Array:
    """The numbers of that name of so many images."""
    numbers = np.concatenate([np.zeros((count, 5)), draws(settings).draw(3, 4, count)], axis=1)
    return numbers[:, Columns(settings, 3)[name]]


def test_a_crop_has_the_area_and_the_shape_that_were_asked_for() -> None:
    top, left, height, width = column("crop", ALL).T
    share, ratio = height * width / 32**2, width / height
    assert 0.18 < share.min() < 0.21 and share.max() == 1 and abs(np.median(share) - 0.58) < 0.05
    assert 0.7 < ratio.min() < 0.76 and 1.32 < ratio.max() < 1.45
    assert min(top.min(), left.min()) == 0
    assert (top + height).max() == (left + width).max() == 32


def test_a_crop_that_never_fits_is_the_largest_in_the_middle() -> None:
    wide = Augment.model_validate({"resized_crop": {"area": [1, 1], "ratio": [2, 4]}})
    assert (column("crop", wide, 50) == [8, 0, 16, 32]).all()


def test_what_is_erased() -> None:
    top, left, height, width = column("erase", ALL).T
    is_erased = height > 0
    assert abs(is_erased.mean() - 0.5) < 0.02
    share = (height * width / 32**2)[is_erased]
    assert 0.015 < share.min() < 0.025 and 0.3 < share.max() < 0.35
    assert (top + height).max() <= 32 and (left + width).max() <= 32
    colour = column("colour", ALL)
    assert abs(colour.mean()) < 0.02 and abs(colour.std() - 1) < 0.02


def test_jitter_changes_each_property_once_in_every_order() -> None:
    pairs = column("jitter", ALL).reshape(-1, 4, 2)
    names = ("brightness", "contrast", "saturation", "hue")
    codes = [CODES[name] for name in names]
    assert (np.sort(pairs[:, :, 0]) == sorted(codes)).all()
    assert len({tuple(row) for row in pairs[:, :, 0]}) == 24
    for name, (low, high) in zip(names, [(0.6, 1.4)] * 3 + [(-0.1, 0.1)], strict=True):
        values = pairs[pairs[:, :, 0] == CODES[name]][:, 1]
        assert low <= values.min() < low + 0.01 and high - 0.01 < values.max() <= high


Row = tuple[str, str, dict[str, Any], tuple[float, ...]]
# (kind, table, policy) and the values that it may have, from the source of the table
MAGNITUDES: list[tuple[str, dict[str, Any], set[float]]] = [
    ("shear_x", {}, {-0.09, 0.09}),
    ("translate_y", {}, {-4.0, 4.0}),  # int(150 / 331 * 32 * 9 / 30)
    ("rotate", {}, {-9.0, 9.0}),
    ("contrast", {}, {0.73, 1.27}),
    ("posterize", {}, {7.0}),
    ("solarize", {}, {178.5}),
    ("posterize", {"magnitude": 30}, {4.0}),
    ("solarize", {"magnitude": 30}, {0.0}),
    ("rotate", {"table": "timm", "magnitude": 7}, {-21.0, 21.0}),
    ("shear_y", {"table": "timm", "magnitude": 7}, {-0.21, 0.21}),
    ("translate_x", {"table": "timm", "magnitude": 7}, {-10.08, 10.08}),
    ("saturation", {"table": "timm", "magnitude": 7}, {0.37, 1.63}),
    ("saturation", {"table": "timm", "magnitude": 10}, {0.1, 1.9}),
    ("posterize", {"table": "timm", "magnitude": 7}, {2.0}),
    ("solarize", {"table": "timm", "magnitude": 7}, {77.0, 0.0}),  # 0: an inversion
    ("solarize_add", {"table": "timm", "magnitude": 7}, {77.0}),
]


@pytest.mark.parametrize(("kind", "policy", "expected"), MAGNITUDES)
def test_magnitudes_are_those_of_the_table(
    kind: str, policy: dict[str, Any], expected: set[float]
) -> None:
    settings = Augment.model_validate({"policy": {"kind": "rand_augment", "ops": 1, **policy}})
    code, value, *_ = column("policy", settings).T
    values = value[code == CODES[kind]]
    assert {round(float(v), 4) for v in values} == expected


def test_trivial_augment_has_all_magnitudes_of_a_wide_range() -> None:
    settings = Augment.model_validate({"policy": {"kind": "trivial_augment"}})
    code, value, *_ = column("policy", settings).T
    turns = value[code == CODES["rotate"]]
    assert turns.min() == -135 and turns.max() == 135 and len(set(turns)) == 61
    assert set(value[code == CODES["posterize"]]) == {2, 3, 4, 5, 6, 7, 8}
    counts = np.bincount(code.astype(int), minlength=16)
    assert sorted(np.flatnonzero(counts)) == sorted(CODES[kind] for kind in WIDE.kinds)
    assert abs(counts[counts > 0] / 20_000 - 1 / 14).max() < 0.01


def test_timm_does_half_of_its_ops_and_draws_their_magnitude() -> None:
    policy = {"kind": "rand_augment", "table": "timm", "magnitude": 7, "deviation": 0.5}
    settings = Augment.model_validate({"policy": {**policy, "ops": 1}})
    code, value, *_ = column("policy", settings).T
    assert abs((code == 0).mean() - 0.5) < 0.01
    turns = np.abs(value[code == CODES["rotate"]]) / 3
    assert abs(turns.mean() - 7) < 0.1 and abs(turns.std() - 0.5) < 0.05
    assert len(TIMM.ops) == 15 and len(TORCHVISION.ops) == 14


def test_mixing_is_drawn_once_for_a_batch() -> None:
    numbers = draws(ALL).draw(0, 0, 50)[:, -6:]
    assert (numbers == numbers[0]).all()
    steps = np.stack([draws(ALL).draw(0, step, 1)[0, -6:] for step in range(2000)])
    is_cut = steps[:, 1] == 1
    assert abs(is_cut.mean() - 0.5) < 0.05
    cut = steps[is_cut]
    assert np.allclose(cut[:, 0], 1 - cut[:, 4] * cut[:, 5] / 32**2, atol=1e-6)
    assert abs(steps[~is_cut][:, 0].mean() - 0.5) < 0.05
    assert steps[~is_cut][:, 0].std() > 0.4  # most shares of Beta(0.2, 0.2) are near 0 or 1
    assert abs(cut[:, 0].mean() - 0.7) < 0.03  # the window is cut off at the edges


def test_a_batch_may_stay_unmixed() -> None:
    mix = Mix(mixup=1.0, probability=0.25)
    mixed = [draw_mixing(mix, (32, 32), np.random.default_rng(seed))[0] < 1 for seed in range(2000)]
    assert abs(np.mean(mixed) - 0.25) < 0.03


def test_views_of_an_image_share_a_batch_and_are_no_neighbours() -> None:
    rows = repeat_in_batches(order(0, 0, 103), 20, 3)
    assert len(rows) == 103
    for start in range(0, 100, 20):
        batch = rows[start : start + 20]
        assert sorted(np.bincount(np.unique(batch, return_inverse=True)[1]))[1:] == [3] * 6
        assert (batch[1:] != batch[:-1]).all()
    batches = [set(rows[start : start + 20]) for start in range(0, 103, 20)]
    assert len(set.union(*batches)) == sum(map(len, batches)) == 36


@pytest.mark.keras
def test_noise_is_normal_and_of_each_image() -> None:
    from archcompile.engine.noise import draw_noise

    seeds = np.array([[0.0], [1.0], [2.0**24 - 1]], np.float32)
    values = np.asarray(draw_noise(seeds, (64, 64, 3))).reshape(3, -1)
    assert np.abs(values.mean(axis=1)).max() < 0.03
    assert np.abs(values.std(axis=1) - 1).max() < 0.02
    assert np.abs(np.quantile(values, [0.025, 0.975]) - [-1.96, 1.96]).max() < 0.05
    assert np.abs(np.corrcoef(values) - np.eye(3)).max() < 0.03
    neighbours = np.corrcoef(values[0, 1:], values[0, :-1])
    assert abs(neighbours[0, 1]) < 0.03
