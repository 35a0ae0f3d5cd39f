"""Runs read from their plain files: how far they are, and what is said of damaged ones."""

from collections.abc import Callable
from pathlib import Path

import pytest

from archcompile.errors import ArchError, UsageError
from archcompile.report.reading import find, read
from archcompile.report.summary import Summary, list_runs, sort_runs, summary
from archcompile.run_files import holds_run
from tests.report.written_runs import put, write_run


def never(folder: Path) -> bool:
    return False


def pass_over(folder: Path) -> None:
    """No file is looked at."""


def test_a_finished_run(tmp_path: Path) -> None:
    assert summary(read(write_run(tmp_path / "a"))) == Summary(
        run=str(tmp_path / "a"),
        state="finished",
        name="net",
        hash="a" * 64,
        params=1234,
        recipe="small",
        dataset="digits",
        seed=0,
        epochs=4,
        of=4,
        test_loss=0.25,
        test_cross_entropy=0.225,
        test_accuracy=0.7,
        best_epoch=3,
        best_accuracy=0.8,
        best_chosen_on="test set",
        seconds=12.25,
        started="2026-01-02T03:04:05Z",
    )


def test_an_unfinished_run_has_the_figures_of_its_last_epoch(tmp_path: Path) -> None:
    actual = summary(read(write_run(tmp_path / "a", accuracies=(0.5, 0.6), result=False)))
    assert (actual.state, actual.epochs, actual.of, actual.name, actual.recipe) == (
        "unfinished",
        2,
        4,
        "net",
        "small",
    )
    assert (actual.test_accuracy, actual.test_loss, actual.seconds, actual.best_epoch) == (
        0.6,
        0.5,
        9.5,
        None,
    )


def test_figures_on_validation_are_none_on_the_test_set(tmp_path: Path) -> None:
    actual = summary(read(write_run(tmp_path / "a", result=False, validation=10)))
    assert (actual.test_accuracy, actual.test_loss, actual.test_cross_entropy) == (None, None, None)


@pytest.mark.parametrize(
    ("options", "running", "state", "epochs", "of"),
    [
        ({}, False, "finished", 4, 4),
        ({}, True, "running", 4, 4),
        ({"accuracies": (0.1, 0.2), "finished": False}, False, "stopped early", 2, 4),
        ({"accuracies": (), "result": False}, False, "unfinished", 0, 4),
    ],
)
def test_states(
    tmp_path: Path, options: dict, running: bool, state: str, epochs: int, of: int
) -> None:
    actual = summary(read(write_run(tmp_path / "a", **options), running))
    assert (actual.state, actual.epochs, actual.of) == (state, epochs, of)


def test_a_result_that_was_trained_past_no_longer_counts(tmp_path: Path) -> None:
    run = write_run(tmp_path / "a")
    put(
        run / "checkpoints/epoch-0005-step-00000050/state.json",
        {"pace": {"epoch": 10, "total": 80}, "epoch": 5, "step": 50, "seconds": 20.0},
    )
    actual = summary(read(run))
    assert (actual.state, actual.of, actual.seconds) == ("unfinished", 8, 20.0)


def test_a_length_fitted_to_a_time_is_that_of_the_checkpoint(tmp_path: Path) -> None:
    run = write_run(
        tmp_path / "a", accuracies=(0.1,), result=False, epochs=200, recipe={"fit_time": True}
    )
    state = {"pace": {"epoch": 10, "total": 31}, "epoch": 1, "step": 10, "seconds": 1.0}
    put(run / "checkpoints/epoch-0001-step-00000010/state.json", state)
    assert read(run).of == 4


def empty(file: Path) -> None:
    file.write_text("")


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-20])


def not_text(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00")


def replacing(old: str, new: str) -> Callable[[Path], None]:
    def change(file: Path) -> None:
        assert old in file.read_text()
        file.write_text(file.read_text().replace(old, new, 1))

    return change


@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        ("result.json", empty, "result.json is damaged: Invalid JSON"),
        ("result.json", cut, "result.json is damaged: Invalid JSON"),
        (
            "result.json",
            replacing('"test_accuracy": 0.7', '"test_accuracy": "x"'),
            "result.json is damaged: test_accuracy: Input should be",
        ),
        (
            "result.json",
            replacing('"test_accuracy": 0.7', '"test_accuracy": NaN'),
            "result.json is damaged: test_accuracy:",
        ),
        (
            "result.json",
            replacing('"best": {', '"best": {"x": {}}, "y": {'),
            "result.json is damaged: best.epoch: Field required",
        ),
        ("environment.json", not_text, "environment.json is damaged: it is not UTF-8 text"),
        ("environment.json", Path.unlink, "environment.json cannot be read: No such file"),
        ("environment.json", replacing('"seed": 0, "identity"', '"identity"'), ""),
        (
            "environment.json",
            replacing('"digits"', "3"),
            "environment.json is damaged: dataset.label",
        ),
    ],
)
def test_damaged_runs_are_listed_with_the_reason(
    tmp_path: Path, name: str, change: Callable[[Path], None], reason: str
) -> None:
    run = write_run(tmp_path / "a")
    change(run / name)
    (actual,) = list_runs(tmp_path, never, pass_over)
    assert (actual.problem is None) == (not reason)
    if reason:
        assert actual.state == "damaged" and str(run) in actual.problem and reason in actual.problem


@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        ("history.csv", empty, "it has no column epoch"),
        ("history.csv", replacing("val_accuracy", "accuracy_2"), "it has no column val_accuracy"),
        ("history.csv", cut, "a row is not 11 numbers"),
        ("history.csv", replacing("50.0", "x"), "a row is not 11 numbers"),
        ("history.csv", replacing("50.0", "nan"), "a row is not 11 numbers"),
        ("recipe.yaml", replacing("batch_size", "bach_size"), "bach_size"),
        ("recipe.yaml", Path.unlink, "recipe.yaml"),
        ("resolved.yaml", empty, "resolved.yaml:1:1: the file is empty"),
        ("checkpoints/epoch-0004-step-00000040/state.json", cut, "state.json is damaged"),
    ],
)
def test_what_an_open_run_takes_may_be_damaged_too(
    tmp_path: Path, name: str, change: Callable[[Path], None], reason: str
) -> None:
    run = write_run(tmp_path / "a", result=False)
    change(run / name)
    with pytest.raises(ArchError) as caught:
        summary(read(run))
    assert reason in caught.value.message
    (actual,) = list_runs(tmp_path, never, pass_over)
    assert actual.problem == caught.value.message


def test_runs_are_found_at_any_depth(tmp_path: Path) -> None:
    expected = [write_run(tmp_path / name) for name in ("b", "a/x", "a/y/z", "a/x/inner")]
    write_run(tmp_path / "b/checkpoints/not")
    write_run(tmp_path / ".hidden/run")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    (tmp_path / "build").mkdir()
    (tmp_path / "build/model.keras").touch()
    assert sorted(find(tmp_path)) == sorted(expected)
    assert list(find(tmp_path / "b")) == [tmp_path / "b"]
    assert not holds_run(tmp_path / "build")
    for nothing in (tmp_path / "nowhere", tmp_path / "b/recipe.yaml"):
        with pytest.raises(UsageError, match="there is no folder"):
            list(find(nothing))
    with pytest.raises(UsageError, match="build is not a run folder"):
        read(tmp_path / "build")


def test_the_order(tmp_path: Path) -> None:
    write_run(tmp_path / "c", started="2026-01-01T00:00:00Z", accuracies=(0.9,))
    write_run(tmp_path / "a", started="2026-01-03T00:00:00Z", accuracies=(0.2,))
    write_run(tmp_path / "b", started="2026-01-02T00:00:00Z", accuracies=(0.5,))
    write_run(tmp_path / "open", started="2026-01-04T00:00:00Z", result=False, validation=5)
    empty(write_run(tmp_path / "0") / "result.json")
    actual = list_runs(tmp_path, never, pass_over)
    for by, names in {
        "name": "a b c open 0",
        "date": "open a b c 0",
        "accuracy": "c b a open 0",
    }.items():
        assert [Path(first.run).name for first in sort_runs(actual, by)] == names.split(), by
