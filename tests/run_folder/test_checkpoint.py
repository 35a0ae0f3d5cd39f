"""The checkpoint protocol: what was committed is read back to the bit, whatever happens in
between.
"""

import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from archcompile import atomic as files
from archcompile.errors import DataError
from archcompile.run_folder import checkpoint
from archcompile.run_folder.identity import Identity
from tests.training.helpers import IDENTITY, MACHINE, state_after, tensors_after

SIGNATURE = checkpoint.signature(tensors_after(1))


def save(folder: Path, epoch: int) -> Path:
    return checkpoint.save(
        folder,
        state_after(epoch),
        tensors_after(epoch),
        identity=IDENTITY,
        machine=MACHINE,
        beside={},
    )


def newest(folder: Path) -> tuple[checkpoint.Checkpoint | None, list[str]]:
    return checkpoint.newest(checkpoint.latest_first(folder), IDENTITY, SIGNATURE)


def assert_is(actual: checkpoint.Checkpoint | None, epoch: int) -> None:
    assert actual is not None
    assert actual.state == state_after(epoch)
    expected = tensors_after(epoch)
    assert actual.tensors.keys() == expected.keys()
    for name, array in expected.items():
        assert (actual.tensors[name].dtype, actual.tensors[name].shape) == (
            array.dtype,
            array.shape,
        )
        assert actual.tensors[name].tobytes() == array.tobytes()


def test_last_previous_and_best_stay(tmp_path: Path) -> None:
    for epoch in range(1, 7):
        save(tmp_path, epoch)
        assert_is(newest(tmp_path)[0], epoch)
    assert sorted(checkpoint.by_place(tmp_path)) == [(2, 14), (5, 35), (6, 42)]


def test_checkpoints_within_an_epoch_stand_between_those_of_its_ends(tmp_path: Path) -> None:
    """After the second epoch, which is the best, one three steps later and one at the next end."""
    save(tmp_path, 2)
    between = state_after(2)
    for _ in range(3):
        between = between.add_steps(1, 0.5)
    checkpoint.save(
        tmp_path, between, tensors_after(2), identity=IDENTITY, machine=MACHINE, beside={}
    )
    actual = newest(tmp_path)[0]
    assert actual is not None and actual.state == between
    save(tmp_path, 3)
    assert_is(newest(tmp_path)[0], 3)
    assert sorted(checkpoint.by_place(tmp_path)) == [(2, 14), (2, 17), (3, 21)]
    save(tmp_path, 4)
    assert sorted(checkpoint.by_place(tmp_path)) == [(2, 14), (3, 21), (4, 28)]


def test_nothing_there(tmp_path: Path) -> None:
    assert newest(tmp_path / "checkpoints") == (None, [])


def test_a_damaged_one_is_named_and_the_one_before_it_taken(tmp_path: Path) -> None:
    save(tmp_path, 3)
    last = save(tmp_path, 4)
    (last / "weights.safetensors").write_bytes(b"")
    actual, damaged = newest(tmp_path)
    assert_is(actual, 3)
    assert len(damaged) == 1 and "epoch-0004" in damaged[0] and "weights.safetensors" in damaged[0]
    save(tmp_path, 4)  # the resumed run comes here again
    assert_is(newest(tmp_path)[0], 4)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "epoch-0003-step-00000021",
        last.name,
    ]


@pytest.mark.parametrize(
    "name",
    [
        ".part-epoch-0002-step-00000014",
        ".old-epoch-0001-step-00000007",
        "epoch-0002-step-00000014.replaced",
    ],
)
def test_what_a_killed_training_left_is_removed(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "state.json").touch()
    save(tmp_path, 3)
    assert [path.name for path in tmp_path.iterdir()] == ["epoch-0003-step-00000021"]


def test_before_an_evaluation_and_after_it(tmp_path: Path) -> None:
    """The same weights twice: once the second is there the first goes, and the one before both
    stays.
    """
    save(tmp_path, 2)
    trained = replace(state_after(3), epoch=2, history=state_after(2).history)
    checkpoint.save(
        tmp_path, trained, tensors_after(3), identity=IDENTITY, machine=MACHINE, beside={}
    )
    assert sorted(checkpoint.by_place(tmp_path)) == [(2, 14), (2, 21)]
    save(tmp_path, 3)
    assert sorted(checkpoint.by_place(tmp_path)) == [(2, 14), (3, 21)]
    save(tmp_path, 4)
    assert sorted(checkpoint.by_place(tmp_path)) == [(2, 14), (3, 21), (4, 28)]


def test_none_is_left(tmp_path: Path) -> None:
    (save(tmp_path, 3) / "state.json").unlink()
    with pytest.raises(
        DataError,
        match=r"epoch-0003-step-00000021 is damaged: state.json .* no intact checkpoint is left",
    ):
        newest(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"spec": "c" * 64}, "spec is aaaaaaaaaaaa… there and cccccccccccc… here"),
        ({"recipe": {"batch_size": 64}}, "recipe.batch_size is 32 there and 64 here"),
        ({"recipe": {"batch_size": 32, "flip": "none"}}, "recipe.flip is null there and none here"),
        ({"data": "d" * 64}, "data is bbbbbbbbbbbb… there and dddddddddddd… here"),
        ({"seed": 1}, "seed is 0 there and 1 here"),
    ],
)
def test_another_training_is_refused_by_name(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    path = save(tmp_path, 3)
    with pytest.raises(DataError) as caught:
        checkpoint.newest([path], Identity({**IDENTITY.record, **change}), SIGNATURE)
    assert message in caught.value.message


@pytest.mark.parametrize(
    "signature",
    [
        {key: value for key, value in SIGNATURE.items() if not key.startswith("metrics")},
        {**SIGNATURE, "model/more": ("float32", (2,))},
        {**SIGNATURE, "model/conv/kernel": ("float32", (3, 3, 4, 2))},
        {**SIGNATURE, "model/conv/kernel": ("float16", (3, 3, 2, 4))},
    ],
)
def test_other_tensors_are_refused(tmp_path: Path, signature: dict[str, Any]) -> None:
    with pytest.raises(DataError, match=r"tensor (metrics|model)/"):
        checkpoint.newest([save(tmp_path, 3)], IDENTITY, signature)


def damages(path: Path, seed: int) -> Iterator[Callable[[], None]]:
    """Ways to damage one of the three files, drawn at random."""
    chance = random.Random(seed)
    file = path / chance.choice(["weights.safetensors", "state.json", "MANIFEST.json"])
    data = file.read_bytes()
    place = chance.randrange(len(data))
    flipped = bytearray(data)
    flipped[place] ^= 1 << chance.randrange(8)
    length = chance.randrange(1, 64)
    zeroed = data[:place] + bytes(min(length, len(data) - place)) + data[place + length :]
    yield lambda: file.write_bytes(flipped)  # type: ignore[func-returns-value]
    yield lambda: file.write_bytes(data[:place])  # type: ignore[func-returns-value]
    yield lambda: file.write_bytes(data + data[:length])  # type: ignore[func-returns-value]
    if zeroed != data:
        yield lambda: file.write_bytes(zeroed)  # type: ignore[func-returns-value]
    yield file.unlink


@pytest.mark.parametrize(
    "seeds", [range(40), pytest.param(range(40, 700), marks=pytest.mark.thorough)]
)
def test_damage_is_never_read(tmp_path: Path, seeds: range) -> None:
    """Five ways for each seed: 200 damaged checkpoints, and 3,300 more."""
    good = save(tmp_path / "good", 3)
    bad = shutil.copytree(good, tmp_path / "bad")
    damaged = 0
    for seed in seeds:
        for damage in damages(bad, seed):
            damage()
            damaged += 1
            with pytest.raises(checkpoint.DamagedError):
                checkpoint.read(bad)
            shutil.copytree(good, bad, dirs_exist_ok=True)
        assert_is(checkpoint.read(bad), 3)
    assert damaged > 4 * len(seeds)


def test_a_manifest_cannot_be_made_to_fit_by_hand(tmp_path: Path) -> None:
    manifest = save(tmp_path, 3) / "MANIFEST.json"
    content = json.loads(manifest.read_text())
    content["identity"]["spec"] = "c" * 64
    manifest.write_text(json.dumps(content))
    with pytest.raises(checkpoint.DamagedError, match=r"MANIFEST\.json"):
        checkpoint.read(manifest.parent)


# ---- kills and failing disks ---------------------------------------------------------------------


class KillError(BaseException):
    """Stands for kill -9: nothing of ours may run after it, so nothing may catch it."""


OPERATIONS = [(Path, "mkdir"), (Path, "open"), (os, "fsync"), (os, "rename"), (shutil, "rmtree")]


def break_at(
    monkeypatch: pytest.MonkeyPatch, number: int, error: BaseException
) -> Callable[[], int]:
    """Raises `error` instead of the operation on the disk of that number; returns a count of those
    seen.
    """
    seen = 0

    def wrap(original: Callable[..., Any]) -> Callable[..., Any]:
        def fail(*args: Any, **kwargs: Any) -> Any:
            nonlocal seen
            seen += 1
            if seen > number if isinstance(error, KillError) else seen == number:
                raise error  # the dead do nothing more; a failing disk may come back
            return original(*args, **kwargs)

        return fail

    for owner, name in OPERATIONS:
        monkeypatch.setattr(owner, name, wrap(getattr(owner, name)))
    return lambda: seen


def count_operations(tmp_path: Path) -> int:
    save(tmp_path, 3)
    with pytest.MonkeyPatch.context() as patch:
        count = break_at(patch, 10**6, KillError())
        save(tmp_path, 4)
        return count()


@pytest.mark.parametrize("point", range(12))
@pytest.mark.parametrize("before", [0, 3, 4])
def test_killed_at_any_point_the_old_or_the_new_is_whole(
    tmp_path: Path, before: int, point: int
) -> None:
    """First, middle and with-a-best saves; each killed after `point` operations on the disk."""
    for epoch in range(1, before + 1):
        save(tmp_path, epoch)
    with pytest.MonkeyPatch.context() as patch:
        break_at(patch, point, KillError())
        with pytest.raises(KillError):
            save(tmp_path, before + 1)
    actual, damaged = newest(tmp_path)
    assert not damaged
    assert actual is not None or before == 0
    if actual is not None:
        assert actual.state.epoch in (before, before + 1)
        assert_is(actual, actual.state.epoch)
    save(tmp_path, before + 1)  # what a resumed run does
    assert_is(newest(tmp_path)[0], before + 1)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_there_are_as_many_points_as_operations(tmp_path: Path) -> None:
    assert 12 <= count_operations(tmp_path) <= 14


@pytest.mark.parametrize("point", range(1, 15))
def test_any_operation_may_fail_and_nothing_saved_is_lost(tmp_path: Path, point: int) -> None:
    save(tmp_path, 3)
    with pytest.MonkeyPatch.context() as patch:
        break_at(patch, point, OSError(28, "No space left on device"))
        try:
            save(tmp_path, 4)
        except DataError as error:
            assert "No space left on device" in error.message
    actual, damaged = newest(tmp_path)
    assert not damaged and actual is not None
    assert_is(actual, actual.state.epoch)


def test_a_file_is_replaced_at_one_stroke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "history.csv"
    files.put(file, "old")
    monkeypatch.setattr(
        os, "fsync", lambda handle: (_ for _ in ()).throw(OSError(5, "Input/output error"))
    )
    with pytest.raises(DataError, match=r"history.csv cannot be written: Input/output error"):
        files.put(file, "new")
    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["history.csv"]


def test_tensors_keep_dtype_and_shape(tmp_path: Path) -> None:
    actual = checkpoint.read(save(tmp_path, 2))
    assert actual.tensors["optimizer/adam/iteration"].shape == ()
    assert actual.tensors["model/dropout/seed"].dtype == np.uint32
