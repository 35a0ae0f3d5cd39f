"""`archc data preview`: what is on the sheet is what the trainer feeds its network."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import archcompile
from archcompile.data import Split
from archcompile.data import sources as data
from archcompile.engine import MixedLabels, open_engine, statistics
from archcompile.errors import UsageError
from archcompile.recipe import Preprocessing, Recipe
from archcompile.recipe import load as load_recipe
from archcompile.report import Tile, draw_sheet
from archcompile.training import PreviewRequest, draw_preview
from archcompile.training.preview import preview, restore
from tests.command_line import Archc
from tests.training.runs import SPEC

pytestmark = pytest.mark.keras

RECIPE = """archc: 1
data: {source: digits}
preprocessing: {mean: per_pixel, std: per_channel}
augment:
  resized_crop: {area: [0.4, 1.0]}
  policy: {kind: rand_augment, interpolation: bilinear}
  flip: horizontal
  erase: {probability: 0.5}
  mix: {mixup: 0.5, cutmix: 1.0}
  views: 2
batch_size: 50
epochs: 3
optimizer: {kind: sgd, learning_rate: 0.1}
"""
SEED = 3


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    file = tmp_path / "seen.yaml"
    file.write_text(RECIPE)
    return file


def record_steps(recipe: Recipe, steps: list[int]) -> dict[int, tuple[np.ndarray, MixedLabels]]:
    """What the forward passes of these steps of a training get."""
    import tensorflow as tf

    engine, images = open_engine("tensorflow"), data.load("digits").train
    measured = statistics(images, recipe.preprocessing, (8, 8))
    trainer: Any = engine.make_trainer(
        archcompile.compile(SPEC),
        recipe,
        images,
        statistics=measured,
        seed=SEED,
        devices=engine.choose_devices("cpu"),
        kernels="portable",
    )
    seen: dict[int, tuple[np.ndarray, MixedLabels]] = {}
    gradients = trainer._gradients

    def record(images: Any, labels: Any, **others: Any) -> Any:
        seen[step] = (images.numpy(), tf.nest.map_structure(np.asarray, labels))
        return gradients(images, labels, **others)

    trainer._gradients = record
    tf.config.run_functions_eagerly(True)
    try:
        for step in steps:
            assert trainer.run(step, [0.0]) == 1
    finally:
        tf.config.run_functions_eagerly(False)
    return seen


def test_the_sheet_has_what_the_network_is_fed(recipe: Path) -> None:
    request = PreviewRequest(seed=SEED, epoch=1, images=3, versions=4)
    drawn = draw_preview(recipe, [], request)
    loaded = load_recipe(recipe)
    digits = data.load("digits")
    measured = statistics(digits.train, loaded.preprocessing, (8, 8))
    steps = sorted({version.step for image in drawn.images for version in image.versions})
    batches = record_steps(loaded, steps)
    for image in drawn.images:
        assert image.label == digits.classes[digits.train.labels[image.row]]
        assert np.array_equal(image.pixels, digits.train.images[image.row])
        assert len(image.versions) == 4 and image.versions[0].epoch == 1
        for version in image.versions:
            images, labels = batches[version.step]
            shown = restore(measured, images, 255.0)
            matches = [
                place
                for place in np.flatnonzero(labels.first == digits.train.labels[image.row])
                if np.abs(shown[place].astype(int) - version.pixels).max() <= 1
            ]
            assert matches
            share = float(labels.share[matches[0]])
            assert max(share, 1 - share) == pytest.approx(version.labels[0][1], abs=0.006) or (
                len(version.labels) == 1
            )
            assert sum(share for _, share in version.labels) == pytest.approx(1.0, abs=0.006)
    assert any(len(v.labels) == 2 for image in drawn.images for v in image.versions)
    # both views of an image are in the same step, and differ
    first, second, *_ = drawn.images[0].versions
    assert first.step == second.step and not np.array_equal(first.pixels, second.pixels)


def test_the_command_writes_a_sheet_of_that_size(
    recipe: Path, tmp_path: Path, archc: Archc
) -> None:
    sheet = tmp_path / "sheet.png"
    options = ["-o", sheet, "--rows", "2", "--columns", "3", "--json"]
    record = json.loads(archc("data", "preview", recipe, *options).out)
    assert [len(image["versions"]) for image in record["images"]] == [3, 3]
    assert record["images"][0]["versions"][0].keys() == {"epoch", "step", "labels"}
    width, _ = Image.open(sheet).size
    assert width == 10 + 4 * (8 * 14 + 10)


def test_a_network_says_the_size(recipe: Path, tmp_path: Path, archc: Archc) -> None:
    sets = ["--set", "data.fit=crop", "--set", "data.canvas=12"]
    done = archc("data", "preview", recipe, *sets, "-o", tmp_path / "a.png")
    assert done.code == 2 and "name it with --spec" in done.err
    done = archc("data", "preview", recipe, *sets, "-o", tmp_path / "a.png", "--spec", SPEC)
    assert done.code == 0, done.err


def test_what_is_refused(recipe: Path, tmp_path: Path, archc: Archc) -> None:
    done = archc("data", "preview", recipe, "-o", tmp_path / "a.svg")
    assert done.code == 2 and "give it the suffix .png" in done.err
    with pytest.raises(UsageError, match="names no data"):
        draw_preview(recipe, ["data.source=null"], PreviewRequest())


def test_pixels_come_back_from_any_preprocessing() -> None:
    images = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 1), np.uint8)
    digits = data.load("digits")
    for mean, std in (("per_pixel", "none"), ("per_channel", "per_channel"), ("none", "none")):
        values = {"mean": mean, "std": std}
        settings = Preprocessing.model_validate(values)
        measured = statistics(digits.train, settings, (8, 8))
        assert np.array_equal(restore(measured, measured.prepare(images, 255.0), 255.0), images)


def test_grey_and_coloured_pictures_and_long_words() -> None:
    for channels in (1, 3):
        tile = Tile(np.zeros((200, 100, channels), np.uint8), ["a very long word indeed" * 3])
        image = Image.open(io.BytesIO(draw_sheet("title", ["head"], [[tile, tile], [tile]])))
        assert image.size == (10 + 2 * 110, 10 + 32 + 10 + 2 * (200 + 16 + 10))


def test_images_of_four_channels_have_no_colours(recipe: Path) -> None:
    digits = data.load("digits")
    four = Split(np.repeat(digits.train.images, 4, axis=3), digits.train.labels)
    with pytest.raises(UsageError, match="images of 1 or 3 channels, got 4"):
        preview(load_recipe(recipe), replace(digits, train=four), PreviewRequest(), size=(8, 8))
