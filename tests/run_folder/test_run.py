"""The run folder: its name, who may write to it, what is refused."""

from pathlib import Path

import numpy as np
import pytest

from archcompile.engine.image_statistics import Statistics
from archcompile.errors import DataError, UsageError
from archcompile.run_files import FILES, MARKS, STATISTICS, holds_run, is_left_by_a_start
from archcompile.run_folder import folder as run
from archcompile.run_folder.identity import Identity
from archcompile.training.training_options import Options
from tests.training.helpers import IDENTITY


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_new_folder_is_named_after_what_runs_in_it() -> None:
    prefix = run.prefix("resnet_v1_20-depth_32", "cifar10", "my recipe/é", seed=7)
    assert prefix == "resnet_v1_20-depth_32-cifar10-my_recipe__-7"
    first, second = run.create(None, prefix), run.create(None, prefix)
    assert first.path.parent == Path("runs") and first.path.name.startswith(f"{prefix}-20")
    assert first.path != second.path and second.path.is_dir()


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_a_run_would_replace_is_refused(name: str) -> None:
    """Of a run or not: one file alone makes none."""
    Path("there").mkdir()
    (Path("there") / name).touch()
    assert not holds_run(Path("there"))
    with pytest.raises(
        UsageError, match=f"there does not hold a run, but a {name}, which a run would replace"
    ):
        run.create(Path("there"), "x")
    for mark in MARKS[:2]:
        (Path("there") / mark).touch()
    with pytest.raises(UsageError, match="there already holds a run"):
        run.create(Path("there"), "x")


def test_a_folder_with_other_files_is_used() -> None:
    Path("there").mkdir()
    Path("there/log.txt").touch()
    assert run.create(Path("there"), "x").path == Path("there")
    Path("file").touch()
    with pytest.raises(UsageError, match="file is not a folder"):
        run.create(Path("file"), "x")
    with pytest.raises(DataError, match=r"file/below cannot be written"):
        run.create(Path("file/below"), "x")


def create_run(name: str, identity: Identity = IDENTITY, result: object = None) -> run.Run:
    created = run.Run(Path(f"runs/{name}"))
    created.path.mkdir(parents=True)
    created.write_json("environment.json", {"identity": identity.record})
    created.write("recipe.yaml", "")
    if result is not None:
        created.write_json("result.json", result)
    return created


def test_resume_takes_the_newest_unfinished_run_of_the_same_training() -> None:
    create_run("a-b-c-0-1")
    create_run("a-b-c-0-2", result={"finished": False})
    create_run("a-b-c-0-3", result={"finished": True})
    create_run("a-b-c-0-4", identity=Identity({**IDENTITY.record, "data": "c" * 64}))
    Path("runs/a-b-c-0-5").mkdir()
    assert run.find_unfinished("a-b-c-0", IDENTITY).path.name == "a-b-c-0-2"
    with pytest.raises(UsageError, match="no unfinished run runs/a-b-c-1"):
        run.find_unfinished("a-b-c-1", IDENTITY)
    with pytest.raises(
        UsageError,
        match=(
            r"no unfinished run runs/a-b-c-0-… of this training; in the oldest seed is 0 there "
            r"and 7"
        ),
    ):
        run.find_unfinished("a-b-c-0", Identity({**IDENTITY.record, "seed": 7}))
    # killed before it was there
    create_run("x-y-z-0-1").path.joinpath("environment.json").rename("runs/x-y-z-0-1/resolved.yaml")
    assert run.find_unfinished("x-y-z-0", IDENTITY).path.name == "x-y-z-0-1"
    for path in (Path("runs/a-b-c-0-5"), Path("nowhere")):
        with pytest.raises(UsageError, match="is not a run folder"):
            run.open_run(path)


def test_another_identity_is_refused_by_name() -> None:
    created = run.create(None, "x")
    run.check_same(created, IDENTITY)  # killed before anything was written
    created.write_json("environment.json", {"identity": IDENTITY.record})
    run.check_same(created, IDENTITY)
    with pytest.raises(DataError, match="seed is 0 there and 3 here"):
        run.check_same(created, Identity({**IDENTITY.record, "seed": 3}))


def test_the_statistics_are_kept() -> None:
    created = run.create(None, "x")
    mean = np.random.default_rng(0).random((4, 4, 3), np.float32)
    created.write(STATISTICS, Statistics(mean, mean[0, 0]).to_bytes())
    actual = created.read_statistics()
    assert np.array_equal(actual.mean, mean) and np.array_equal(actual.std, mean[0, 0])
    created.write(STATISTICS, Statistics().to_bytes())
    assert created.read_statistics() == Statistics()
    (created.path / "preprocessing.safetensors").write_bytes(b"damaged")
    with pytest.raises(DataError, match=r"preprocessing.safetensors is damaged"):
        created.read_statistics()


def test_options_are_remembered() -> None:
    created = run.create(None, "x")
    assert created.options() == {}
    created.write_json("environment.json", {"options": Options(seed=3, freeze=("s1",)).record()})
    assert (created.options()["seed"], created.options()["freeze"]) == (3, ["s1"])


def test_what_a_killed_start_leaves_is_told_apart() -> None:
    """Its files, none of which makes a run; not a folder with anything else in it."""
    created = Path("there")
    assert not is_left_by_a_start(created)
    created.mkdir()
    assert is_left_by_a_start(created)
    for name in (".lock", "MANIFEST.json", "spec.yaml", "resolved.yaml", ".part-recipe.yaml"):
        (created / name).touch()
        assert is_left_by_a_start(created)
    with pytest.raises(UsageError, match="there is not a run folder") as caught:
        run.open_run(created)
    assert (
        caught.value.hint
        == "what was begun there was killed before anything was written: give its spec again"
    )
    with pytest.raises(UsageError) as caught:
        run.check_free(created)
    assert (
        caught.value.hint
        == "--resume starts the run that was killed there; or choose another --run-dir"
    )
    (created / "model.keras").touch()  # the second mark: now it is a run
    assert not is_left_by_a_start(created)
    (created / "resolved.yaml").unlink()
    assert not holds_run(created) and not is_left_by_a_start(created)


@pytest.mark.parametrize("record", [{}, [], {"finishfd": True}])
def test_a_result_without_an_end_is_damaged(record: object) -> None:
    created = create_run("a-b-c-0-1", result=record)
    with pytest.raises(DataError, match=r"result.json is damaged: it does not have `finished`"):
        created.is_finished()
