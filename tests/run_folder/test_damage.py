"""One bit is flipped in every file of a run's folder: nothing uses it without a word, and
nothing is overwritten.
"""

import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from archcompile.errors import ArchError, DataError
from archcompile.run_files import FILES, INPUTS, MANIFEST
from archcompile.run_folder import checkpoint, inputs, intact
from archcompile.run_folder.folder import Run
from archcompile.run_folder.saved import read_run
from archcompile.training import session as execute
from archcompile.training.api import train
from tests.conftest import rarely
from tests.run_folder.test_kept import KEPT, copy, last
from tests.training.runs import RECIPE, SPEC, history, run_tiny, silent, tensors

BITS = 12  # flipped in each file, one at a time


def flip(file: Path, bit: int) -> None:
    data = bytearray(file.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    file.write_bytes(data)


def bits(file: Path) -> list[int]:
    return random.Random(file.name).sample(range(8 * file.stat().st_size), BITS)


def content(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


@pytest.fixture(scope="module")
def stopped_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of an earlier version, resumed and stopped again: now of today's form, with one
    checkpoint of each.
    """
    run = copy("interrupted", tmp_path_factory.mktemp("stopped"))
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Enough):
        patch.setattr(execute, "_epoch_listener", lambda plan, run: enough)
        train(resume=True, run_dir=run, say=silent)
    assert (run / MANIFEST).exists() and max(checkpoint.by_place(run / "checkpoints")) == (2, 6)
    return run


class Enough(Exception):
    """Ends a training once an epoch has been saved."""


def enough(row: Any) -> None:
    raise Enough


def refusal_without_change(folder: Path, act: Callable[[], Any]) -> str:
    """What a refusal says; it has changed no file."""
    before = content(folder)
    with pytest.raises(ArchError) as caught:
        act()
    assert caught.value.exit_code == 4 and content(folder) == before
    return caught.value.message


@pytest.mark.keras
@pytest.mark.parametrize("left", intact.AFTERWARDS)
def test_a_run_that_has_lost_its_checkpoints_does_not_begin_anew(
    stopped_run: Path, tmp_path: Path, left: str
) -> None:
    run = Path(shutil.copytree(stopped_run, tmp_path / "run"))
    shutil.rmtree(run / "checkpoints")
    for name in intact.AFTERWARDS:
        (run / name).unlink(missing_ok=True)
    (run / left).write_text("what is left")
    for act in (
        lambda: train(resume=True, run_dir=run, say=silent),
        lambda: read_run(run, "last", silent),
    ):
        assert (
            f"{run} was trained, as its {left} shows, and its checkpoints are missing"
            in refusal_without_change(run, act)
        )


@pytest.mark.keras
@pytest.mark.parametrize("name", [INPUTS[0], *map(rarely, INPUTS[1:]), MANIFEST])
def test_a_file_the_run_depends_on(stopped_run: Path, tmp_path: Path, name: str) -> None:
    run = Path(shutil.copytree(stopped_run, tmp_path / "run"))
    for bit in bits(run / name):
        flip(run / name, bit)
        for act in (
            lambda: train(resume=True, run_dir=run, say=silent),
            lambda: read_run(run, "last", silent),
            lambda: train(SPEC, recipe=RECIPE, init=run, run_dir=tmp_path / "tuned", say=silent),
        ):
            assert f"{run / name} is damaged" in refusal_without_change(run, act)
        flip(run / name, bit)
    inputs.check(Run(run), silent)
    intact.check_files(run)
    (run / name).unlink()
    if name != MANIFEST:
        assert f"{run / name} is missing" in refusal_without_change(
            run, lambda: inputs.check(Run(run), silent)
        )


@pytest.mark.keras
@pytest.mark.parametrize(
    "name",
    [
        "preprocessing.safetensors",
        "classes.json",
        "environment.json",
        "resolved.yaml",
        "recipe.yaml",
    ],
)
def test_a_file_of_an_earlier_version(tmp_path: Path, name: str) -> None:
    """There, checkpoints know the statistics and the classes, and of the others what makes it that
    training.
    """
    run = copy("interrupted", tmp_path)
    places = {"environment.json": b'"seed": 0', "resolved.yaml": b"0.001", "recipe.yaml": b"0.05"}
    data = (run / name).read_bytes()
    places_of_bits = (
        [8 * (data.rindex(places[name]) + len(places[name]) - 1)]
        if name in places
        else bits(run / name)
    )
    for bit in places_of_bits:
        flip(run / name, bit)
        message = refusal_without_change(run, lambda: train(resume=True, run_dir=run, say=silent))
        assert str(run) in message
        assert "damaged" in message or "is another run" in message or name in message
        flip(run / name, bit)


@pytest.mark.keras
@pytest.mark.parametrize("name", [checkpoint.WEIGHTS, checkpoint.STATE, checkpoint.MANIFEST])
def test_a_checkpoint(stopped_run: Path, tmp_path: Path, name: str) -> None:
    """It is named, and the one before it taken; with that one damaged too, nothing is."""
    run = Path(shutil.copytree(stopped_run, tmp_path / "run"))
    newest, before = checkpoint.latest_first(run / "checkpoints")
    (newest / name).rename(tmp_path / name)
    assert f"{name} " in refusal_without_change(run, lambda: intact.check_files(run))
    (tmp_path / name).rename(newest / name)
    flip(newest / name, bits(newest / name)[0])
    message: list[str] = []
    assert read_run(run, "last", message.append).checkpoint.path == before
    assert any(f"{newest} is damaged: {name}" in line for line in message)
    flip(before / name, bits(before / name)[0])
    assert "no intact checkpoint is left" in refusal_without_change(
        run, lambda: train(resume=True, run_dir=run, say=silent)
    )
    assert "no intact checkpoint is left" in refusal_without_change(
        run, lambda: read_run(run, "last", silent)
    )


@pytest.mark.keras
def test_the_best_checkpoint(
    stopped_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Training continues without it, and says so; what asks for it names it, and the last one
    that is intact.
    """
    run = Path(shutil.copytree(stopped_run, tmp_path / "run"))
    newest, best = checkpoint.latest_first(run / "checkpoints")
    last, before = checkpoint.read(newest), checkpoint.read(best).state
    last = replace(last, state=replace(last.state, best_epoch=before.epoch, best_step=before.step))
    monkeypatch.setattr(checkpoint, "newest", lambda *arguments: (last, []))
    message: list[str] = []
    execute._check_best(Run(run), last.state, message.append)
    assert message == [] and read_run(run, "best", silent).checkpoint.path == best
    flip(best / checkpoint.WEIGHTS, bits(best / checkpoint.WEIGHTS)[0])
    execute._check_best(Run(run), last.state, message.append)
    assert message[0].startswith(
        f"warning: {best}, the best so far, is damaged: {checkpoint.WEIGHTS}"
    )
    with pytest.raises(DataError, match=f"{best.name}, the best, is damaged") as caught:
        read_run(run, "best", silent)
    assert caught.value.hint == f"the last one is intact: {newest}"


@pytest.mark.keras
def test_what_is_only_put_out_is_put_out_again(stopped_run: Path, tmp_path: Path) -> None:
    """Of history.csv it is said, since a resumed run has its rows from the checkpoint."""
    run = Path(shutil.copytree(stopped_run, tmp_path / "run"))
    flip(run / "history.csv", bits(run / "history.csv")[0])
    message: list[str] = []
    train(resume=True, run_dir=run, say=message.append)
    assert any(
        f"{run / 'history.csv'} is damaged: rewritten from the checkpoint" in line
        for line in message
    )
    assert len(history(run)) == 3 and history(run)[0] == history(KEPT / "complete")[0]
    for name in ("result.json", "model.keras", "report.html", "curves.svg", "curves.png"):
        good = (run / name).read_bytes()
        flip(run / name, bits(run / name)[0])
        assert good != (run / name).read_bytes()
    train(resume=True, run_dir=run, say=silent)
    assert Run(run).is_finished() and (run / "report.html").read_text()
    assert {path.name for path in run.iterdir()} == {*FILES, ".lock"}


def test_every_file_is_one_or_the_other() -> None:
    put_out = {
        "history.csv",
        "result.json",
        "model.keras",
        "report.html",
        "curves.svg",
        "curves.png",
    }
    assert set(FILES) == {*INPUTS, MANIFEST, "checkpoints"} | put_out


class KillError(BaseException):
    """Stands for kill -9."""


def texts(turn: int) -> dict[str, bytes]:
    return {name: f"{name} {turn}".encode() for name in INPUTS}


@pytest.mark.parametrize("point", range(8))
def test_killed_between_two_of_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: int
) -> None:
    """Whatever was written by then, of the first start or of a later one, is vouched for."""
    for turn in (0, 1):
        run = Run(tmp_path)
        (tmp_path / "checkpoints/epoch-0001-step-00000001").mkdir(
            parents=True, exist_ok=True
        ) if turn else None
        original, left = Run.write, iter(range(point))

        def write(
            self: Run, name: str, data: Any, *, original: Any = original, left: Iterator[int] = left
        ) -> None:
            if next(left, None) is None:
                raise KillError
            original(self, name, data)

        with monkeypatch.context() as patch:
            patch.setattr(Run, "write", write)
            if point < 1 + len(INPUTS):
                with pytest.raises(KillError):
                    inputs.write(run, texts(turn))
        if (tmp_path / MANIFEST).exists():
            inputs.check(run, silent)
        inputs.write(run, texts(turn))
        inputs.check(run, silent)
        assert all((tmp_path / name).read_bytes() == text for name, text in texts(turn).items())
        (tmp_path / INPUTS[0]).write_bytes(b"else")
        with pytest.raises(DataError, match=rf"{INPUTS[0]} is damaged"):
            inputs.check(run, silent)
        inputs.write(run, texts(turn))


@pytest.mark.keras
@pytest.mark.parametrize("point", [rarely(0), 1, rarely(3)])
def test_killed_before_its_first_writes_it_can_be_begun_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: int
) -> None:
    folder = tmp_path / "run"
    original, left = Run.write, iter(range(point))

    def write(self: Run, name: str, data: Any) -> None:
        if next(left, None) is None:
            raise KillError
        original(self, name, data)

    with monkeypatch.context() as patch, pytest.raises(KillError):
        patch.setattr(Run, "write", write)
        run_tiny(folder, epochs=1)
    message: list[str] = []
    run_tiny(folder, epochs=1, resume=True, say=message.append)
    assert f"nothing has been written in {folder} yet: starting from the beginning" in message
    assert Run(folder).is_finished() and len(tensors(folder)) == len(last(folder).tensors)
