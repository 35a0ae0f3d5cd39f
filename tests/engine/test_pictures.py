"""What is done to pictures, against Pillow and against references of their own, in both engines."""

import colorsys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from archcompile.data import Split
from archcompile.engine import MixedLabels, open_engine, statistics
from archcompile.engine.epoch_order import order, repeat_in_batches
from archcompile.engine.picture_draws import Columns, PictureDraws, draw_mixing
from archcompile.engine.picture_ops import CODES, TIMM, TORCHVISION, WIDE, matrices
from archcompile.recipe import Augment, Mix, Recipe
from tests.conftest import ROOT
from tests.warm import read_output

pytestmark = pytest.mark.keras

HEIGHT, WIDTH, COUNT = 24, 20, 8
SMOOTH = 0.02  # of the pixels may be one level off: Pillow computes some in float32, some in fixed
Array = np.ndarray


def photographs(count: int = COUNT, height: int = HEIGHT, width: int = WIDTH) -> Array:
    """Smooth coloured images, uint8 (N, H, W, 3), of a limited range in some channels."""
    random = np.random.default_rng(0)
    small = random.integers(20, 230, (count, 5, 5, 3), np.uint8)
    size = width, height
    return np.stack([np.asarray(Image.fromarray(each).resize(size, 3)) for each in small])


def take_rows() -> Any:
    from archcompile.engine.tensorflow.augment import take_rows

    return take_rows


def check_close(actual: Any, expected: Array, share: float = SMOOTH, most: float = 1.0) -> None:
    """Equal but for a share of the values, which may be so many levels off."""
    differences = np.abs(np.asarray(actual, np.float64) - expected)
    assert differences.max() <= most and (differences > 0).mean() <= share


# ---- each op -------------------------------------------------------------------------------------


def pillow_op(kind: str, image: Image.Image, value: float) -> Image.Image:
    enhancers = {
        "brightness": ImageEnhance.Brightness,
        "saturation": ImageEnhance.Color,
        "contrast": ImageEnhance.Contrast,
        "sharpness": ImageEnhance.Sharpness,
    }
    if kind in enhancers:
        return enhancers[kind](image).enhance(value)
    others: dict[str, Callable[[], Image.Image]] = {
        "posterize": lambda: ImageOps.posterize(image, int(value)),
        "solarize": lambda: ImageOps.solarize(image, value),  # type: ignore[arg-type]
        "solarize_add": lambda: image.point(
            [min(255, level + int(value)) if level < 128 else level for level in range(256)] * 3
        ),
        "autocontrast": lambda: ImageOps.autocontrast(image),
        "equalize": lambda: ImageOps.equalize(image),
        "hue": lambda: turn_hues(image, value),
    }
    return others[kind]()


def turn_hues(image: Image.Image, turn: float) -> Image.Image:
    pixels = np.asarray(image)
    turned = np.empty(pixels.shape)
    for place in np.ndindex(*pixels.shape[:2]):
        hue, saturation, value = colorsys.rgb_to_hsv(*(pixels[place] / 255.0))
        turned[place] = colorsys.hsv_to_rgb((hue + turn) % 1.0, saturation, value)
    return Image.fromarray(np.floor(turned * 255.0 + 0.5).astype(np.uint8))


VALUES: list[tuple[str, list[float]]] = [
    ("brightness", [0.1, 1.0, 1.9, 0.5]),
    ("saturation", [0.0, 1.0, 1.99, 0.3]),
    ("contrast", [0.01, 1.0, 1.9, 0.5]),
    ("sharpness", [0.1, 1.0, 1.9, 0.5]),
    ("posterize", [8, 7, 4, 2]),
    ("solarize", [255.0, 178.5, 0.0, 128.0]),
    ("solarize_add", [0, 40, 110, 128]),
    ("autocontrast", [0.0]),
    ("equalize", [0.0]),
    ("hue", [0.1, -0.25, 0.5, 0.0]),
]


@pytest.mark.parametrize(("kind", "values"), VALUES)
def test_an_op_is_that_of_pillow(kind: str, values: list[float]) -> None:
    from archcompile.engine.augmentation import Augmentation

    images = photographs()
    images[1, ..., 0] = 77  # a channel of one level
    images[2] = images[2] // 3  # a dark image
    given = np.resize(values, COUNT)
    pairs = np.stack([np.full(COUNT, CODES[kind]), given], axis=1).astype(np.float32)
    augmentation = Augmentation(Augment(), (HEIGHT, WIDTH), take_rows())
    actual = augmentation._do_one_of(frozenset({kind}), images.astype(np.float32), pairs)
    pictures = zip(images, given, strict=True)
    expected = [np.asarray(pillow_op(kind, Image.fromarray(i), v)) for i, v in pictures]
    check_close(actual, np.stack(expected))
    if kind not in ("autocontrast", "equalize"):
        assert not np.array_equal(np.asarray(actual), images)


def test_a_grey_image_has_neither_saturation_nor_hue() -> None:
    from archcompile.engine.augmentation import Augmentation

    images = photographs()[..., :1].astype(np.float32)
    augmentation = Augmentation(Augment(), (HEIGHT, WIDTH), take_rows())
    for kind in ("saturation", "hue"):
        pairs = np.tile(np.array([CODES[kind], 0.3], np.float32), (COUNT, 1))
        assert np.array_equal(augmentation._do_one_of(frozenset({kind}), images, pairs), images)


MOVES = [
    ("shear_x", 0.3),
    ("shear_x", -0.9),
    ("shear_y", 0.7),
    ("translate_x", 5),
    ("translate_y", -7),
    ("rotate", 30.0),
    ("rotate", -132.0),
    ("rotate", 90.0),
]


def pillow_matrix(kind: str, value: float, image: Image.Image) -> tuple[float, ...]:
    """As torchvision and timm give it to `Image.transform`."""
    return {
        "shear_x": (1, value, 0, 0, 1, 0),
        "shear_y": (1, 0, 0, value, 1, 0),
        "translate_x": (1, 0, value, 0, 1, 0),
        "translate_y": (1, 0, 0, 0, 1, value),
    }[kind]


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
@pytest.mark.parametrize(("kind", "value"), MOVES)
def test_a_move_is_that_of_pillow(kind: str, value: float, interpolation: Any) -> None:
    from archcompile.engine.sampling import move_by_matrix

    images = photographs()
    codes, values = np.full(COUNT, CODES[kind]), np.full(COUNT, float(value))
    moved = move_by_matrix(
        images.astype(np.float32),
        matrices(codes, values, (HEIGHT, WIDTH)),
        take_rows(),
        interpolation=interpolation,
        fill=128.0,
    )
    resample = {"nearest": Image.Resampling.NEAREST, "bilinear": Image.Resampling.BILINEAR}
    how = {"resample": resample[interpolation], "fillcolor": (128, 128, 128)}
    expected = []
    for pixels in images:
        image = Image.fromarray(pixels)
        if kind == "rotate":
            expected.append(np.asarray(image.rotate(value, **how)))  # type: ignore[arg-type]
        else:
            matrix = pillow_matrix(kind, value, image)
            done = image.transform(image.size, Image.Transform.AFFINE, matrix, **how)  # type: ignore[arg-type]
            expected.append(np.asarray(done))
    check_close(moved, np.stack(expected), share=0.005)


def resized(pixels: Array, size: tuple[int, int]) -> Array:
    """By Pillow, channel by channel in floating point, and rounded at the end."""
    planes = [Image.fromarray(pixels[..., place].astype(np.float32)) for place in range(3)]
    done = [np.asarray(plane.resize(size[::-1], Image.Resampling.BILINEAR)) for plane in planes]
    return np.floor(np.stack(done, axis=-1) + 0.5).astype(np.uint8)


@pytest.mark.parametrize("size", [(32, 32), (9, 12), (HEIGHT, WIDTH)])
def test_a_part_is_resized_as_by_pillow(size: tuple[int, int]) -> None:
    from archcompile.engine.colours import round_pixels
    from archcompile.engine.sampling import resize_parts

    images = photographs()
    boxes = [(0, 0, 24, 20), (3, 5, 10, 7), (20, 16, 4, 4), (0, 0, 24, 1), (5, 0, 12, 20)]
    boxes += [(0, 3, 2, 2), (1, 1, 22, 18), (10, 10, 1, 1)]
    actual = round_pixels(resize_parts(images, np.array(boxes, np.float32), size))
    for pixels, box, got in zip(images, boxes, np.asarray(actual), strict=True):
        top, left, height, width = box
        part = pixels[top : top + height, left : left + width]
        check_close(got, resized(part, size), share=0.03)  # halves may go up or down
        # of bytes, Pillow rounds between the two axes, too
        of_bytes = Image.fromarray(part).resize(size[::-1], Image.Resampling.BILINEAR)
        check_close(got, np.asarray(of_bytes, np.float64), share=1.0)


# ---- what is drawn -------------------------------------------------------------------------------


def draws(settings: Augment, size: tuple[int, int] = (32, 32)) -> PictureDraws:
    return PictureDraws.of(settings, (*size, 3), size)


ALL = Augment.model_validate(
    {
        "resized_crop": {"area": [0.2, 1.0]},
        "jitter": {"brightness": 0.4, "contrast": 0.4, "saturation": 0.4, "hue": 0.1},
        "policy": {"kind": "rand_augment"},
        "erase": {"probability": 0.5, "fill": "colour"},
        "mix": {"mixup": 0.2, "cutmix": 1.0},
        "flip": "horizontal",
    }
)


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


# ---- a whole step --------------------------------------------------------------------------------

CASES: dict[str, dict[str, Any]] = {
    "all": ALL.model_dump(mode="json"),
    "timm": {
        "policy": {
            "kind": "rand_augment",
            "table": "timm",
            "magnitude": 7,
            "deviation": 0.5,
            "interpolation": "bilinear",
        },
        "mix": {"cutmix": 1.0},
        "views": 2,
    },
    "trivial": {
        "policy": {"kind": "trivial_augment"},
        "pad_crop": 2,
        "erase": {"probability": 0.7},
        "mix": {"mixup": 0.5},
    },
}
SIDE, CANVAS, BATCH = 16, 20, 15


def step_pictures(name: str, engine: Any) -> Any:
    recipe = Recipe.model_validate(
        {
            "archc": 1,
            "name": name,
            "augment": CASES[name],
            "batch_size": BATCH,
            "epochs": 2,
            "optimizer": {"kind": "sgd", "learning_rate": 0.1},
            "preprocessing": {"mean": "per_channel", "std": "per_channel"},
        }
    )
    images = photographs(40, CANVAS, CANVAS)
    train = Split(images, np.arange(40) % 10)
    size = (SIDE, SIDE)
    return open_engine(engine).make_pictures(
        recipe,
        train,
        statistics=statistics(train, recipe.preprocessing, size),
        size=size,
        seed=5,
    )


def flat(name: str, engine: Any) -> dict[str, Array]:
    pictures, result = step_pictures(name, engine), {}
    for step in (0, 2, 4):  # the third is that of a smaller batch
        images, labels = pictures.at(step)
        for key, value in zip(("images", *MixedLabels._fields), (images, *labels), strict=True):
            result[f"{name}|{step}|{key}"] = value
    return result


def write_pictures(path: str) -> None:
    """In a process of its own: the pictures of every case under JAX."""
    arrays: dict[str, Array] = {}
    for name in CASES:
        arrays |= flat(name, "jax")
    with Path(path).open("wb") as out:
        np.savez(out, **arrays)  # type: ignore[arg-type]


def test_both_engines_train_on_the_same_pictures(tmp_path: Path) -> None:
    file = tmp_path / "pictures.npz"
    read_output(write_pictures, str(file), cwd=ROOT, engine="jax")
    with np.load(file) as arrays:
        for name in CASES:
            for key, expected in flat(name, "tensorflow").items():
                differences = np.abs(arrays[key] - expected)
                # a level is 0.02 to 0.03 of a deviation; rounding may fall to either side
                assert (differences > 1e-4).mean() < 0.01, key


def reference_step(name: str, step: int) -> tuple[Array, Sequence[Array]]:
    """The pictures of a step, one by one with Pillow: not cut, moved or flipped by us."""
    pictures = step_pictures(name, "tensorflow")
    batches = pictures.batches
    epoch, index = divmod(step, batches.steps)
    rows = batches.rows(epoch)
    numbers = next(batches.numbers(rows, epoch, first=index, draw=pictures.inputs.draw))
    rows = rows[index * BATCH : (index + 1) * BATCH]
    held = photographs(40, CANVAS, CANVAS)
    columns = Columns(pictures.batches.pictures.settings, 3)
    settings = columns.settings
    assert settings.policy is not None
    done = []
    for row, drawn in zip(rows, numbers, strict=True):
        image = Image.fromarray(held[row])
        if settings.resized_crop:
            top, left, height, width = (int(each) for each in drawn[columns["crop"]])
            part = held[row][top : top + height, left : left + width]
            image = Image.fromarray(resized(part, (SIDE, SIDE)))
        else:
            border = (CANVAS - SIDE) // 2
            image = image.crop((border, border, border + SIDE, border + SIDE))
        for code, value in drawn[columns["jitter"]].reshape(-1, 2):
            image = pillow_op(KIND_OF[int(code)], image, float(value))
        for part in drawn[columns["policy"]].reshape(-1, 8):
            kind = KIND_OF[int(part[0])]
            if kind in ("shear_x", "shear_y", "translate_x", "translate_y", "rotate"):
                timm = getattr(settings.policy, "table", "") == "timm"
                smooth = settings.policy.interpolation == "bilinear"
                image = image.transform(
                    image.size,
                    Image.Transform.AFFINE,
                    tuple(map(float, part[2:])),
                    resample=Image.Resampling.BILINEAR if smooth else Image.Resampling.NEAREST,
                    fillcolor=(128, 128, 128) if timm else (0, 0, 0),
                )
            elif kind != "identity":
                image = pillow_op(kind, image, float(part[1]))
        done.append(np.asarray(image))
    prepared = np.asarray(pictures.prepare(np.stack(done)))
    return finish(prepared, rows % 10, numbers, columns=columns)


KIND_OF = {code: kind for kind, code in CODES.items()}


def finish(
    prepared: Array, labels: Array, numbers: Array, *, columns: Columns
) -> tuple[Array, Sequence[Array]]:
    """Flipped, shifted, erased and mixed, image by image."""
    settings, images = columns.settings, []
    for whole, drawn in zip(prepared, numbers, strict=True):
        image = whole.copy()
        if settings.pad_crop:
            border = settings.pad_crop
            padded = np.pad(image, [(border, border), (border, border), (0, 0)], mode="edge")
            top, left = (int(drawn[axis] * (2 * border + 1)) for axis in (0, 1))
            image[:] = padded[top : top + SIDE, left : left + SIDE]
        if settings.flip == "horizontal" and drawn[2] < 0.5:
            image[:] = image[:, ::-1].copy()
        if settings.erase:
            top, left, height, width = (int(each) for each in drawn[columns["erase"]])
            colour = drawn[columns["colour"]] if columns.has_colour else 0.0
            image[top : top + height, left : left + width] = colour
        images.append(image)
    partner = [min(place + 1 - 2 * (place % 2), len(images) - 1) for place in range(len(images))]
    mixed = []
    for place, drawn in enumerate(numbers):
        weight, *box = drawn[columns["mix"]][1:]
        top, left, height, width = map(int, box)
        other = images[partner[place]]
        image = images[place] * weight + other * (1 - weight)
        image[top : top + height, left : left + width] = other[
            top : top + height, left : left + width
        ]
        mixed.append(image)
    shares = numbers[:, columns["mix"]][:, 0]
    return np.stack(mixed), (labels, labels[partner], shares)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("step", [0, 1, 2, 5])
def test_a_step_trains_on_what_a_reference_makes_of_the_numbers(name: str, step: int) -> None:
    images, labels = step_pictures(name, "tensorflow").at(step)
    expected, of_reference = reference_step(name, step)
    for got, reference in zip(labels, of_reference, strict=True):
        np.testing.assert_allclose(got, reference)
    differences = np.abs(images - expected)
    # two levels of 255: where an op before has rounded otherwise, the next may magnify it
    assert np.median(differences) < 1e-5 and (differences > 0.1).mean() < 0.03
