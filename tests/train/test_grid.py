"""Experiments run: the grid, what is skipped and resumed, and how signals and failures end it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from archcompile.errors import DataError, TrainingStopped, UsageError
from archcompile.recipe.load import load as load_recipe
from archcompile.train import grid
from archcompile.train.experiment import find_experiment, load
from tests.cli.conftest import Archc, archc
from tests.conftest import ROOT
from tests.train.test_train import history, silent, tensors

__all__ = ["archc"]  # the fixture

TINY = Path(__file__).parent / "tiny.yaml"
RECIPE = Path(__file__).parent / "tiny_recipe.yaml"
TEXT = "archc: 1\nspecs: [one.yaml, two.yaml]\nrecipes: [tiny.yaml]\nseeds: [0, 1]\nset: [train.epochs=2]\n"
ARCHC = [sys.executable, "-m", "archcompile"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Two networks and a recipe beside an experiment of four short trainings."""
    (tmp_path / "one.yaml").write_text(TINY.read_text())
    (tmp_path / "two.yaml").write_text(TINY.read_text().replace("filters: 4", "filters: 6"))
    (tmp_path / "tiny.yaml").write_text(RECIPE.read_text())
    (tmp_path / "small.yaml").write_text(TEXT)
    return tmp_path / "small.yaml"


def cells(file: Path) -> list[grid.Cell]:
    return grid.cells(load(file), file.parent / "runs")


def test_the_grid_is_specs_by_recipes_by_seeds(file: Path) -> None:
    assert [cell.run.path.name for cell in cells(file)] == ["one-tiny-0", "one-tiny-1", "two-tiny-0", "two-tiny-1"]
    assert grid.folder_of(file) == Path("runs/small")
    file.write_text(TEXT.replace("two.yaml", "one.yaml"))
    with pytest.raises(UsageError, match="two trainings of the experiment would be called one-tiny-0"):
        cells(file)


@pytest.mark.parametrize("name", ["degradation", "degradation_short"])
def test_what_ships(name: str, tmp_path: Path) -> None:
    found = grid.cells(load(find_experiment(name)), tmp_path)
    assert [cell.run.path.name for cell in found] == [
        f"{net}-he2015-0" for net in ("plain_20", "plain_56", "resnet_a_20", "resnet_a_56")
    ]
    schedules = {json.dumps(cell.identity["recipe"]["schedule"]["boundaries"]) for cell in found}  # type: ignore[index]
    assert schedules == {"[2932, 4399]" if name == "degradation_short" else "[32000, 48000]"}


def test_an_experiment_that_does_not_ship() -> None:
    with pytest.raises(UsageError) as caught:
        find_experiment("degradatoin")
    assert caught.value.hint == "did you mean `degradation`?"


class Codes:
    """Stands for the trainings: hands out exit codes, and notes what was started."""

    def __init__(self, *codes: int) -> None:
        self.left, self.commands = list(codes), []

    def __call__(self, command: list[str]) -> int:
        self.commands.append(command)
        return self.left.pop(0)


def test_a_training_that_stops_itself_does_not_stop_the_others(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = Codes(0, 5, 0, 5)
    monkeypatch.setattr(grid, "_trained", codes)
    with pytest.raises(TrainingStopped, match="2 of 4 trainings stopped themselves: one-tiny-1, two-tiny-1"):
        grid.run(cells(file), ["--data", "digits"], False, silent)
    assert [command[command.index("--seed") + 1] for command in codes.commands] == ["0", "1", "0", "1"]
    assert all("--data" in command and "--resume" not in command for command in codes.commands)


@pytest.mark.parametrize(("code", "kind"), [(2, 2), (3, 3), (4, 4), (1, 1), (70, 1), (-9, 1), (143, 143)])
def test_any_other_end_ends_the_experiment(file: Path, monkeypatch: pytest.MonkeyPatch, code: int, kind: int) -> None:
    monkeypatch.setattr(grid, "_trained", Codes(0, code))
    with pytest.raises(grid.ArchError) as caught:
        grid.run(cells(file), [], False, silent)
    assert caught.value.exit_code == kind and "one-tiny-1" in caught.value.message


def test_runs_that_are_there(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused without --resume; with it, the finished are skipped and the others resumed; others' runs are refused."""
    first, second, *_ = found = cells(file)
    for cell, finished in ((first, True), (second, False)):
        cell.run.path.mkdir(parents=True)
        cell.run.write_json("environment.json", {"identity": {**cell.identity, "data": "x"}})
        cell.run.write("recipe.yaml", load_recipe(RECIPE, ["train.epochs=2"]).text())
        if finished:
            cell.run.write_json("result.json", {"finished": True})
    killed = found[2].run.path  # before it was a run
    killed.mkdir()
    (killed / "MANIFEST.json").touch()
    with pytest.raises(UsageError, match="one-tiny-0 holds a run already"):
        grid.run(found, [], False, silent)
    codes = Codes(0, 0, 0)
    monkeypatch.setattr(grid, "_trained", codes)
    grid.run(found, [], True, silent)
    assert ["--resume" in command for command in codes.commands] == [True, True, False]
    file.write_text(TEXT.replace("train.epochs=2", "train.batch_size=7"))
    with pytest.raises(DataError, match=r"one-tiny-0 belongs to another training: recipe.batch_size is 64 there and 7 here"):
        grid.run(cells(file), [], True, silent)


@pytest.mark.keras
def test_stopped_and_resumed_by_the_command(file: Path, archc: Archc) -> None:
    """SIGTERM amid the second training: it saves, the experiment ends with 143, and --resume comes to the same end."""
    command = [*ARCHC, "experiment", str(file), "--run-dir", str(file.parent / "runs")]
    file.write_text(TEXT.replace("one.yaml, two.yaml", "one.yaml").replace("epochs=2", "epochs=40"))
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert process.stderr is not None
    second = False
    for line in process.stderr:
        second = second or line.startswith("[2/2]")
        if second and line.startswith("epoch 1/"):
            break
    process.send_signal(signal.SIGTERM)
    said = process.stderr.read()
    assert process.wait() == 143 and "--resume" in said, said
    stopped = file.parent / "runs" / "one-tiny-1"
    assert not (stopped / "result.json").exists()
    done = subprocess.run([*command, "--resume"], check=True, capture_output=True, text=True)
    assert "[1/2] one-tiny-0: finished before" in done.stderr and "±" in done.stdout
    assert {"summary.json", "curves.svg", "curves.png"} <= {path.name for path in (file.parent / "runs").iterdir()}
    whole = file.parent / "whole"
    recipe = ["--recipe", str(file.parent / "tiny.yaml"), "--set", "train.epochs=40"]
    subprocess.run([*ARCHC, "train", str(file.parent / "one.yaml"), *recipe, "--seed", "1", "--run-dir", str(whole)], check=True,
                   capture_output=True)  # fmt: skip
    assert (history(stopped), tensors(stopped)) == (history(whole), tensors(whole))
