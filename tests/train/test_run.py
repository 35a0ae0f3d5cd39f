"""The run directory: its name, who may write to it, what is refused."""

from pathlib import Path

import numpy as np
import pytest

from archcompile.errors import DataError, UsageError
from archcompile.train import run
from archcompile.train.options import Options
from archcompile.train.preprocess import Statistics
from tests.train.helpers import IDENTITY


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_new_folder_is_named_after_what_runs_in_it() -> None:
    prefix = run.prefix("resnet_v1_20-depth_32", "cifar10", "my recipe/é", 7)
    assert prefix == "resnet_v1_20-depth_32-cifar10-my_recipe__-7"
    first, second = run.create(None, prefix), run.create(None, prefix)
    assert first.path.parent == Path("runs") and first.path.name.startswith(f"{prefix}-20")
    assert first.path != second.path and second.path.is_dir()


@pytest.mark.parametrize("mark", run.MARKS)
def test_a_folder_that_holds_a_run_is_refused(mark: str) -> None:
    Path("there").mkdir()
    (Path("there") / mark).touch()
    with pytest.raises(UsageError, match="there holds a run already"):
        run.create(Path("there"), "x")


def test_a_folder_with_other_files_is_used() -> None:
    Path("there").mkdir()
    Path("there/log.txt").touch()
    assert run.create(Path("there"), "x").path == Path("there")
    Path("file").touch()
    with pytest.raises(UsageError, match="file is no folder"):
        run.create(Path("file"), "x")
    with pytest.raises(DataError, match=r"file/below cannot be written"):
        run.create(Path("file/below"), "x")


def test_resume_takes_the_newest_unfinished_run_of_that_name() -> None:
    for time, files in {
        "1": ["recipe.yaml"],
        "2": ["recipe.yaml"],
        "3": ["recipe.yaml", "result.json"],
        "4": [],
    }.items():
        folder = Path(f"runs/a-b-c-0-{time}")
        folder.mkdir(parents=True)
        for name in files:
            (folder / name).touch()
    assert run.unfinished("a-b-c-0").path.name == "a-b-c-0-2"
    with pytest.raises(UsageError, match="no unfinished run runs/a-b-c-1"):
        run.unfinished("a-b-c-1")
    for path in (Path("runs/a-b-c-0-4"), Path("nowhere")):
        with pytest.raises(UsageError, match="holds no run"):
            run.existing(path)


def test_another_identity_is_refused_by_name() -> None:
    there = run.create(None, "x")
    run.check_same(there, IDENTITY)  # killed before anything was written
    there.write_json("environment.json", {"identity": IDENTITY})
    run.check_same(there, IDENTITY)
    with pytest.raises(DataError, match="seed is 0 there and 3 here"):
        run.check_same(there, {**IDENTITY, "seed": 3})


def test_the_statistics_are_kept() -> None:
    there = run.create(None, "x")
    mean = np.random.default_rng(0).random((4, 4, 3), np.float32)
    there.write_statistics(Statistics(mean, mean[0, 0]))
    found = there.read_statistics()
    assert np.array_equal(found.mean, mean) and np.array_equal(found.std, mean[0, 0])
    there.write_statistics(Statistics())
    assert there.read_statistics() == Statistics()
    (there.path / "preprocessing.safetensors").write_bytes(b"damaged")
    with pytest.raises(DataError, match=r"preprocessing.safetensors is damaged"):
        there.read_statistics()


def test_options_are_remembered() -> None:
    there = run.create(None, "x")
    assert there.options() == {}
    there.write_json("environment.json", {"options": Options(seed=3, freeze=("s1",)).record()})
    assert (there.options()["seed"], there.options()["freeze"]) == (3, ["s1"])
