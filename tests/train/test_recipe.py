"""Recipes: what ships, what a file or a setting may say, and what is told where it may not."""

from pathlib import Path

import pytest

from archcompile.errors import ArchError, SpecError, UsageError
from archcompile.spec.files import shipped_folder
from archcompile.recipe import load as recipe

SHIPPED = sorted(path.stem for path in (shipped_folder() / "recipes").glob("*.yaml"))


@pytest.mark.parametrize("name", SHIPPED)
def test_what_ships_is_valid_and_its_text_reads_back(name: str, tmp_path: Path) -> None:
    shipped = recipe.load(recipe.find(name))
    assert shipped.name == name
    copy = tmp_path / "other.yaml"
    copy.write_text(shipped.text())
    assert recipe.load(copy) == shipped


def test_the_article() -> None:
    found = recipe.load(recipe.find("article")).identity()
    assert found == {
        "data": {"fit": None, "channels": None, "holdout": 0.2},
        "preprocessing": {"scale": 255.0, "mean": "per_pixel"},
        "augment": {"shift": 0.1, "interpolation": "bilinear", "fill": "nearest", "flip": "horizontal"},
        "batch_size": 32,
        "optimizer": {"kind": "adam", "learning_rate": 1e-3, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7},
        "schedule": {"boundaries": [81, 121, 161, 181], "factors": [0.1, 0.01, 0.001, 0.0005]},
    }


def test_settings_change_the_recipe_and_its_hash_where_they_matter() -> None:
    plain = recipe.load(recipe.find("article"))
    sets = ["train.batch_size=128", "data.fit=pad", "train.augment.flip=none", "train.optimizer.learning_rate=1e-2"]
    changed = recipe.load(recipe.find("article"), sets)
    assert (changed.batch_size, changed.data.fit, changed.augment.flip) == (128, "pad", "none")
    assert changed.optimizer.learning_rate == 0.01
    assert changed.hash() != plain.hash()
    assert recipe.load(recipe.find("article"), ["train.epochs=3"]).hash() == plain.hash()
    sgd = recipe.load(recipe.find("article"), ["train.optimizer={kind: sgd, learning_rate: 0.1, momentum: 0.9}"])
    assert sgd.optimizer == recipe.SGD(kind="sgd", learning_rate=0.1, momentum=0.9)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("train.bach_size=128", "did you mean `batch_size`"),
        ("train.augment.shfit=0.1", "did you mean `shift`"),
        ("train.epochs=0", "at least 1"),
        ("train.epochs=1.5", "whole number"),
        ("train.augment.shift=1.0", "less than 1"),
        ("train.optimizer.learning_rate=-1", "more than 0"),
        ("train.schedule={boundaries: [5, 3], factors: [1, 1]}", "must increase"),
        ("train.schedule={boundaries: [5], factors: [1, 1]}", "as many factors"),
        ("data.fit=strech", "pad, resize"),
        ("train.archc=2", "archc"),
    ],
)
def test_a_wrong_setting_is_refused(setting: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        recipe.load(recipe.find("article"), [setting])
    told = [f"{d.message} {d.hint}" for d in caught.value.diagnostics]
    assert any(message in text for text in told), told


def test_a_mistake_in_a_file_is_told_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("archc: 1\nbatch_size: 32\nepoch: 3\noptimizer: {kind: adam, learning_rate: 1e-3}\n")
    with pytest.raises(SpecError) as caught:
        recipe.load(file)
    (found,) = caught.value.diagnostics
    assert (found.location.line, found.location.column, found.hint) == (3, 1, "did you mean `epochs`?")


@pytest.mark.parametrize(("name", "hint"), [("artcle", "did you mean `article`?"), ("nothing_like_it", "there are: ")])
def test_a_recipe_that_does_not_ship(name: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        recipe.find(name)
    assert caught.value.hint is not None and caught.value.hint.startswith(hint)


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(ArchError) as caught:
        recipe.load(recipe.find("./no/such.yaml"))
    assert caught.value.exit_code == 2
