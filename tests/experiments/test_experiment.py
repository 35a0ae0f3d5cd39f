"""Experiments: what a file may say, and what is told where it may not."""

from pathlib import Path

import pytest

from archcompile.errors import SpecError, UsageError
from archcompile.experiments import definition as experiment
from tests.command_line import Archc

HEAD = "archc: 1\nspecs: [plain_20, net.yaml]\nrecipes: [article]\n"
NET = (
    "archc: 1\ninput: [8, 8, 3]\nvars: {classes: 4}\nhead: [flatten, dense: {units: $classes}, "
    "softmax]\n"
)


def write(folder: Path, text: str) -> Path:
    (folder / "net.yaml").write_text(NET)
    file = folder / "compare.yaml"
    file.write_text(text)
    return file


def test_what_is_not_written_has_defaults_and_specs_become_files(tmp_path: Path) -> None:
    actual = experiment.load_experiment(write(tmp_path, HEAD))
    assert [Path(spec).name for spec in actual.specs] == ["plain_20.yaml", "net.yaml"]
    assert all(Path(spec).is_file() for spec in actual.specs), "from any working folder"
    assert [Path(recipe).name for recipe in actual.recipes] == ["article.yaml"]
    assert (actual.seeds, actual.set, actual.about) == ((0,), (), "")


@pytest.mark.parametrize(
    ("text", "code", "line", "words"),
    [
        (HEAD + "seeds: ['1']", "wrong-type", 4, "whole number"),
        (HEAD + "seeds: [-1]", "out-of-range", 4, "at least 0"),
        (HEAD + "seeds: []", "wrong-type", 4, "at least 1 value"),
        (HEAD + "seds: [1]", "unknown-key", 4, "'seds'"),
        (HEAD + "set: a=1", "wrong-type", 4, "a list"),
        (HEAD.replace("plain_20", "plain_2"), "unknown-file", 2, "plain_2"),
        (HEAD.replace("net.yaml", "../net.yaml"), "unknown-file", 2, "../net.yaml"),
        (HEAD.replace("plain_20", "./plain_20.yaml"), "unknown-file", 2, "./plain_20.yaml"),
        (
            HEAD.replace("article", "./recipes/article.yaml"),
            "unknown-file",
            3,
            "./recipes/article.yaml",
        ),
        (HEAD.replace("1", "1.0", 1), "wrong-type", 1, "'archc' of an experiment cannot be 1.0"),
        (HEAD.replace("article", "artikle"), "unknown-recipe", 3, "artikle"),
        ("archc: 1\nspecs: []\nrecipes: [article]", "wrong-type", 2, "at least 1 value"),
        ("archc: 1\nspecs: [plain_20]", "missing-key", 1, "'recipes'"),
    ],
)
def test_mistakes_have_places(tmp_path: Path, text: str, code: str, line: int, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        experiment.load_experiment(write(tmp_path, text))
    (actual,) = caught.value.diagnostics
    assert (actual.code, actual.location.line) == (code, line)
    assert words in actual.message


def test_a_list_is_shown_where_a_map_is_given(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        experiment.load_experiment(write(tmp_path, HEAD + "set: {depth: [8]}"))
    hint = "for instance `set: [classes=10, train.epochs=3]`"
    assert caught.value.diagnostics[0].hint == hint


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        experiment.load_experiment(tmp_path / "none.yaml")


def test_validate_checks_all_that_it_names(archc: Archc, tmp_path: Path) -> None:
    file = write(tmp_path, HEAD + "set: [classes=5, train.epochs=2]\n")
    assert archc("validate", file).code == 0
    for text, words in (
        (HEAD + "set: [clases=5]", "did you mean `classes`?"),
        (HEAD + "set: [train.epoch=5]", "`epochs`"),
        ("archc: 1\nspecs: [plain_20]\n", "experiment needs 'recipes'"),
    ):
        result = archc("validate", write(tmp_path, text))
        assert result.code == 1 and words in result.err, result.err
    write(tmp_path, HEAD)
    (tmp_path / "net.yaml").write_text(NET.replace("units", "unit"))
    result = archc("validate", file)
    assert result.code == 1 and "net.yaml:4:" in result.err
