"""Batches in parts: the steps of the whole batch, but for what norms see."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from archcompile.engine import model_tensors, parts_of
from archcompile.ops import ceil_div
from archcompile.recipe import Recipe
from tests.engine.first_steps import COUNT, SGD, Case, trainer_of

RATE = 0.02
NORMS = "  - bn\n"
PLAIN = Case(recipe={"batch_size": 15, "augment": {"shift": 0.2}, "clip_norm": 0.5})


def test_parts_of_a_smaller_batch_are_no_larger() -> None:
    for size in (1, 2, 7, 16):
        for accumulate in range(1, size + 1):
            recipe = Recipe.model_validate(
                {
                    "archc": 1,
                    "name": "parts",
                    "epochs": 1,
                    "batch_size": size,
                    "accumulate": accumulate,
                    "optimizer": SGD,
                }
            )
            assert parts_of(recipe, size, 1) == accumulate
            for images in range(1, size + 1):
                parts = parts_of(recipe, images, 1)
                assert 1 <= parts <= images
                assert ceil_div(images, parts) <= recipe.images_at_once
            assert all(parts_of(recipe, images, 2) <= images // 2 for images in range(2, size + 1))


def end_of_epoch(accumulate: int, folder: Path, *, devices: str = "cpu") -> Any:
    """After an epoch of 15, 15, 15 and 5 images, without norms that see the batch."""
    case = Case(recipe={**PLAIN.recipe, "accumulate": accumulate})
    trainer: Any = trainer_of(case, "tensorflow", folder, devices=devices, without=NORMS)
    trainer.run(0, [RATE] * trainer.steps)
    assert trainer.images_in(trainer.steps) == COUNT
    return trainer


@pytest.mark.keras
def test_without_norms_the_steps_are_those_of_the_whole_batch(tmp_path: Path) -> None:
    whole, parts = (end_of_epoch(accumulate, tmp_path) for accumulate in (1, 4))
    expected = model_tensors(whole.tensors())
    for name, array in model_tensors(parts.tensors()).items():
        np.testing.assert_allclose(array, expected[name], atol=1e-6, err_msg=name)
    assert parts.means() == pytest.approx(whole.means(), rel=1e-5)


@pytest.mark.keras
def test_norms_see_each_part_alone(tmp_path: Path) -> None:
    """The first norm, whose input no step has changed: one update of its mean for each part."""
    case = Case(recipe={"batch_size": 15, "accumulate": 4, "optimizer": SGD})
    trainer: Any = trainer_of(case, "tensorflow", tmp_path, devices="cpu")
    norm = next(layer for layer in trainer.model.layers if layer.name.endswith("bn1"))
    before = trainer.model.layers[trainer.model.layers.index(norm) - 1]
    ((rows,), _), *_ = trainer.inputs.take(0, 1)
    look = _part_of_model(trainer.model, before)
    images = trainer.pictures.prepare(trainer.feed.constants[0].numpy()[np.asarray(rows)])
    expected = np.zeros(norm.moving_mean.shape)
    for part in range(4):
        mean = look(images[part::4]).numpy().mean(axis=(0, 1, 2))
        expected = expected * norm.momentum + mean * (1 - norm.momentum)
    trainer.run(0, [RATE])
    np.testing.assert_allclose(norm.moving_mean.numpy(), expected, atol=1e-6)


def _part_of_model(model: Any, layer: Any) -> Any:
    from archcompile.quiet import load_keras

    return load_keras().Model(model.inputs, layer.output)
