"""Experiments run: the grid, what is skipped and resumed, and how signals and failures end it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from archcompile.errors import DataError, Interrupted, UsageError
from archcompile.experiments import grid
from archcompile.experiments.definition import find_experiment, load_experiment
from archcompile.recipe.loading import load as load_recipe
from archcompile.report import compare_runs
from archcompile.run_folder.lock import is_locked
from tests.command_line import PROGRAM, Archc, in_a_process
from tests.conftest import ROOT
from tests.training.runs import assert_same_end, run_tiny, silent
from tests.warm import PIPE, start_archc

TRAINING = Path(__file__).parents[1] / "training"
TINY = TRAINING / "tiny.yaml"
RECIPE = TRAINING / "tiny_recipe.yaml"
TEXT = (
    "archc: 1\nspecs: [one.yaml, two.yaml]\nrecipes: [tiny.yaml]\nseeds: [0, 1]\n"
    "set: [train.epochs=2]\n"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Two networks and a recipe beside an experiment of four short trainings."""
    (tmp_path / "one.yaml").write_text(TINY.read_text())
    (tmp_path / "two.yaml").write_text(TINY.read_text().replace("filters: 4", "filters: 6"))
    (tmp_path / "tiny.yaml").write_text(RECIPE.read_text())
    (tmp_path / "small.yaml").write_text(TEXT)
    return tmp_path / "small.yaml"


def cells(file: Path) -> list[grid.Cell]:
    return grid.cells(load_experiment(file), file.parent / "runs")


def test_the_grid_is_specs_by_recipes_by_seeds(file: Path) -> None:
    assert [cell.run.path.name for cell in cells(file)] == [
        "one-tiny-0",
        "one-tiny-1",
        "two-tiny-0",
        "two-tiny-1",
    ]
    assert grid.folder_of(file) == Path("runs/small")
    file.write_text(TEXT.replace("two.yaml", "one.yaml"))
    with pytest.raises(
        UsageError, match="two trainings of the experiment would have the name one-tiny-0"
    ):
        cells(file)


@pytest.mark.keras
def test_folds_are_trained_one_by_one_and_summarised_as_one(file: Path) -> None:
    file.write_text(TEXT.replace("seeds: [0, 1]", "folds: 3").replace(", two.yaml", ""))
    folds = cells(file)
    assert [cell.run.path.name for cell in folds] == [f"one-tiny-0-fold{i}" for i in range(3)]
    assert "--set data.folds=3 --set data.fold=2" in " ".join(folds[2].command([]))
    for cell in folds:
        sets = ["train.epochs=2", *cell.sets]
        run_tiny(cell.run.path, spec=cell.spec, recipe=cell.recipe, seed=cell.seed, sets=sets)
        assert cell.is_finished()
    grid._check(folds, True)
    records = grid.read_back(folds, silent)
    (group,) = compare_runs(records).groups
    assert group.label.endswith("3 folds") and group.figures
    parts = [record.environment.dataset for record in records]
    assert sum(part.validation for part in parts) == parts[0].train + parts[0].validation


@pytest.mark.parametrize("name", ["degradation", "degradation_short"])
def test_what_ships(name: str, tmp_path: Path) -> None:
    actual = grid.cells(load_experiment(find_experiment(name)), tmp_path)
    assert [cell.run.path.name for cell in actual] == [
        f"{net}-he2015-0" for net in ("plain_20", "plain_56", "resnet_a_20", "resnet_a_56")
    ]
    schedules = {json.dumps(cell.identity.recipe["schedule"]["boundaries"]) for cell in actual}
    assert schedules == {"[2932, 4399]" if name == "degradation_short" else "[32000, 48000]"}


def test_an_experiment_that_does_not_ship() -> None:
    with pytest.raises(UsageError) as caught:
        find_experiment("degradatoin")
    assert caught.value.hint == "did you mean `degradation`?"


class Codes:
    """Stands for the trainings: hands out exit codes with a reason, and notes what was started."""

    def __init__(self, *codes: int) -> None:
        self.left, self.commands = list(codes), []

    def __call__(self, command: list[str]) -> tuple[int, str]:
        self.commands.append(command)
        return self.left.pop(0), "so it is"


@pytest.mark.parametrize(
    ("codes", "end"),
    [
        ((0, 5, 0, 5), 5),
        ((4, 0, 0, 0), 4),
        ((5, 3, 4, 0), 3),
        ((-9, 0, 0, 0), 1),
        ((0, 70, 0, 0), 70),
        ((2, 1, 1, 1), 2),
    ],
)
def test_a_training_that_fails_does_not_stop_the_others(
    file: Path, monkeypatch: pytest.MonkeyPatch, codes: tuple[int, ...], end: int
) -> None:
    trained = Codes(*codes)
    monkeypatch.setattr(grid, "_train", trained)
    failures = grid.run(cells(file), ["--data", "digits"], False, say=silent)
    assert [command[command.index("--seed") + 1] for command in trained.commands] == [
        "0",
        "1",
        "0",
        "1",
    ]
    assert all("--data" in command and "--resume" not in command for command in trained.commands)
    names = [cell.name for cell in cells(file)]
    assert failures == [
        grid.Failure(run=name, code=code, reason="so it is")
        for name, code in zip(names, codes, strict=True)
        if code
    ]
    error = grid.TrainingsFailed(failures, 4)
    named = ", ".join(failure.run for failure in failures)
    assert error.exit_code == end and f":\n  {named}: so it is" in error.message


def test_no_time_left_is_estimated_from_trainings_that_failed(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grid, "_train", Codes(5, 0, 0, 0))  # those that end well leave no run
    lines: list[str] = []
    grid.run(cells(file), [], False, say=lines.append)
    assert len(lines) == 4 and not any(" left" in line for line in lines)


def test_reasons_are_whole_and_told_once() -> None:
    why = "no data. Looked in\n  a\n  b"
    failures = [
        grid.Failure(run="x-0", code=4, reason=why, hint="fetch it"),
        grid.Failure(run="y-0", code=2, reason="no classes"),
        grid.Failure(run="x-1", code=4, reason=why, hint="fetch it"),
    ]
    assert grid.TrainingsFailed(failures, 4, "would fail").message == (
        "3 of 4 trainings would fail:\n  x-0, x-1: no data. Looked in\n      a\n      b\n"
        "    help: fetch it\n  y-0: no classes"
    )


def test_a_signal_ends_the_experiment(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid, "_train", Codes(0, 143))
    with pytest.raises(Interrupted, match="one-tiny-1") as caught:
        grid.run(cells(file), [], False, say=silent)
    assert caught.value.exit_code == 143


def test_a_run_that_cannot_be_read_does_not_stop_the_others(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *_ = actual = cells(file)
    first.run.path.mkdir(parents=True)
    first.run.write("result.json", "{")
    trained = Codes(0, 0, 0)
    monkeypatch.setattr(grid, "_train", trained)
    (failure,) = grid.run(actual, [], True, say=silent)
    assert (failure.run, failure.code) == (
        "one-tiny-0",
        4,
    ) and "result.json is damaged" in failure.reason


@pytest.mark.parametrize(
    ("code", "answer", "reason"),
    [
        (4, b'{"message": "no data"}', "no data"),
        (70, b"", "exit code 70"),
        (-9, b"", "signal 9, as when memory runs out"),
    ],
)
def test_why_a_training_failed(code: int, answer: bytes, reason: str) -> None:
    assert reason in grid._reason(code, answer)


def test_runs_that_are_there(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused without --resume; with it, the finished are skipped and the others resumed; others'
    runs are refused.
    """
    first, second, *_ = actual = cells(file)
    for cell, finished in ((first, True), (second, False)):
        cell.run.path.mkdir(parents=True)
        cell.run.write_json("environment.json", {"identity": {**cell.identity.record, "data": "x"}})
        cell.run.write("recipe.yaml", load_recipe(RECIPE, ["train.epochs=2"]).text())
        if finished:
            cell.run.write_json("result.json", {"finished": True})
    killed = actual[2].run.path  # before it was a run
    killed.mkdir()
    (killed / "MANIFEST.json").touch()
    with pytest.raises(UsageError, match="one-tiny-0 already holds a run"):
        grid.run(actual, [], False, say=silent)
    codes = Codes(0, 0, 0)
    monkeypatch.setattr(grid, "_train", codes)
    grid.run(actual, [], True, say=silent)
    assert ["--resume" in command for command in codes.commands] == [True, True, False]
    file.write_text(TEXT.replace("train.epochs=2", "train.batch_size=7"))
    with pytest.raises(
        DataError,
        match=r"one-tiny-0 is another run: recipe.batch_size is 64 there and 7 here",
    ):
        grid.run(cells(file), [], True, say=silent)


@pytest.mark.keras
def test_stopped_and_resumed_by_the_command(file: Path, archc: Archc) -> None:
    """SIGTERM amid the second training: it saves, the experiment ends with 143, and --resume comes
    to the same end. The first was finished before.
    """
    runs, spec = file.parent / "runs", file.parent / "one.yaml"
    sets = ["train.epochs=20"]
    run_tiny(runs / "one-tiny-0", spec=spec, recipe=file.parent / "tiny.yaml", sets=sets, seed=0)
    command = ["experiment", file, "--run-dir", runs, "--resume"]
    file.write_text(TEXT.replace("one.yaml, two.yaml", "one.yaml").replace("epochs=2", "epochs=20"))
    process = start_archc(*command, stderr=PIPE)
    assert process.stderr is not None
    another = False
    for line in process.stderr:
        another = another or line.startswith("run 2 of 2")
        if another and line.startswith("epoch 1/"):
            break
    process.send_signal(signal.SIGTERM)
    message = process.stderr.read()
    assert process.wait() == 143 and "--resume" in message, message
    stopped = runs / "one-tiny-1"
    assert not (stopped / "result.json").exists()
    (done,) = in_a_process([str(word) for word in command], cwd=file.parent)
    assert "run 1 of 2: one-tiny-0, finished before" in done.err and "±" in done.out
    assert {"summary.json", "curves.svg", "curves.png"} <= {path.name for path in runs.iterdir()}
    whole = run_tiny(file.parent / "whole", spec=spec, sets=sets, seed=1)
    assert_same_end(stopped, whole.path)


FOUR = """archc: 1
input: [8, 8, 1]
stem: [conv: {filters: 4, kernel: 3}, global_avg_pool]
head:
  - dense: {units: 10, activation: softmax, name: a}
  - dense: {units: 10, activation: softmax, name: b}
outputs: {a: head.a, b: head.b}
"""


@pytest.mark.keras
@pytest.mark.thorough
def test_a_network_that_cannot_be_trained(file: Path, archc: Archc) -> None:
    """It is told by --dry-run, and in the experiment it does not stop the network behind it."""
    (file.parent / "one.yaml").write_text(FOUR)
    file.write_text(TEXT.replace("seeds: [0, 1]", "seeds: [0]"))
    runs = file.parent / "runs"
    reason = "one does not end in one vector of classes"
    dry = archc("experiment", file, "--run-dir", runs, "--dry-run")
    assert (
        dry.code == 2
        and f"1 of 2 trainings would fail:\n  one-tiny-0: {reason}" in dry.err
        and not runs.exists()
    )
    assert [Path(line).name for line in dry.out.splitlines()] == ["one-tiny-0", "two-tiny-0"]
    done = archc("experiment", file, "--run-dir", runs, "--json")
    assert done.code == 2, done.err
    record = json.loads(done.out)
    assert [error["run"] for error in record["errors"]] == ["one-tiny-0"] and reason in record[
        "errors"
    ][0]["message"]
    assert [Path(run["run"]).name for run in record["runs"]] == ["two-tiny-0"] and record["runs"][
        0
    ]["state"] == "finished"
    assert json.loads((runs / "summary.json").read_text()) == record


@pytest.mark.keras
@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
def test_a_killed_experiment_leaves_no_training_behind(file: Path) -> None:
    """The training saves a checkpoint and ends; --resume continues with it."""
    file.write_text(
        TEXT.replace("one.yaml, two.yaml", "one.yaml")
        .replace("epochs=2", "epochs=100000")
        .replace("[0, 1]", "[0]")
    )
    command = [*PROGRAM, "experiment", str(file), "--run-dir", str(file.parent / "runs")]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("epoch 1/"):
            break
    run = file.parent / "runs" / "one-tiny-0"
    assert is_locked(run)
    process.kill()
    process.wait()
    message = process.stderr.read()  # the training has it open too: this ends with the training
    assert (
        "stopped by a signal after step" in message
        and "saved in" in message
        and "Traceback" not in message
    ), message
    assert not is_locked(run) and not (run / "result.json").exists()
