"""Whole batches of pictures, against a reference of their own, and in both engines."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from archcompile.data import Split
from archcompile.engine import MixedLabels, open_engine, statistics
from archcompile.engine.picture_draws import Columns
from archcompile.engine.picture_ops import CODES
from archcompile.recipe import Recipe
from tests.conftest import ROOT
from tests.engine.pillow_pictures import ALL, Array, photographs, pillow_op, resize_exactly
from tests.warm import read_output

pytestmark = pytest.mark.keras

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
        "erase": {"probability": 0.7, "fill": "noise"},
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
    return open_engine(engine).StepPictures(
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
            image = Image.fromarray(resize_exactly(part, (SIDE, SIDE)))
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


def mix_bits(value: int) -> int:
    """Wellons' lowbias32, on whole numbers of any length."""
    value = (value ^ value >> 16) * 0x7FEB352D % 2**32
    value = (value ^ value >> 15) * 0x846CA68B % 2**32
    return value ^ value >> 16


def noise(seed: int, shape: tuple[int, ...]) -> Array:
    """Normal numbers of an image, one hash after the other."""
    count, base = int(np.prod(shape)), mix_bits(seed)
    uniform = [(mix_bits(place ^ base) >> 8) / 2**24 for place in range(2 * count)]
    first, second = np.array(uniform[:count]), np.array(uniform[count:])
    return (np.sqrt(-2 * np.log1p(-first)) * np.cos(2 * np.pi * second)).reshape(shape)


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
            fill = np.zeros_like(image)
            if columns.has_colour:
                fill[:] = drawn[columns["colour"]]
            if columns.has_noise:
                fill = noise(int(drawn[columns["noise"]][0]), image.shape)
            inside = np.s_[top : top + height, left : left + width]
            image[inside] = fill[inside]
        images.append(image)
    partner = [min(place + 1 - 2 * (place % 2), len(images) - 1) for place in range(len(images))]
    mixed = []
    for place, drawn in enumerate(numbers):
        weight, *box = drawn[columns["mix"]][1:]
        top, left, height, width = map(int, box)
        neighbour = images[partner[place]]
        image = images[place] * weight + neighbour * (1 - weight)
        image[top : top + height, left : left + width] = neighbour[
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
