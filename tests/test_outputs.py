"""Saving: the new file or the old one, never a piece, and never a traceback."""

import json
import os
from pathlib import Path

import pytest

from archcompile.errors import DataError, UsageError
from archcompile.outputs import make_folder, save


def test_writes_text_and_bytes_and_replaces(tmp_path: Path) -> None:
    path = tmp_path / "x.svg"
    save(path, "früher")
    save(path, b"later")
    assert path.read_bytes() == b"later"
    assert [p.name for p in tmp_path.iterdir()] == ["x.svg"]


@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_the_file_has_the_permissions_of_any_new_file(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        save(tmp_path / "x", "x")
    finally:
        os.umask(before)
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o666 & ~mask


def test_a_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.svg"
    save(path, "old")

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(DataError, match="No space left") as caught:
        save(path, "new")
    assert caught.value.exit_code == 4
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("x.svg", "old")]


def test_a_folder_or_no_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder"):
        save(tmp_path, "x")
    with pytest.raises(UsageError, match="there is no folder"):
        save(tmp_path / "a" / "b.svg", "x")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("archc: 1\nabout: mine\n", True),
        ('{"input": [8, 8, 3],\n "archc": 1}', True),
        ('{"archc": 1, "stem": []}', True),
        ("\ufeffarchc: 1\n", True),
        ("{archc: 1, input: [8, 8, 3]}", True),
        ("{input: [8, 8, 3], archc: 1}", True),
        ("--- {archc: 1}", True),
        ("? archc\n: 1\n", True),
        ("archc: 1\nabout: 2024-02-30\n", True),
        ("archc: 1\nabout: =\n", True),
        (f"#{'x' * 70_000}\narchc: 1\n", True),
        ('{"archc": 1, # mine\n"stem": []}', True),
        ("archc: 1\nstem: [", True),
        ('{"archc": 1, "hash": "mine"}', True),
        (json.dumps({"archc": 1, "hash": "0" * 64}), False),
        ("archive: [", False),
        ("<pre>\narchc: 1\n</pre>: x: y", False),
        ("mine", False),
    ],
    ids=range(18),
)
def test_specs_are_not_replaced(text: str, kept: bool, tmp_path: Path) -> None:
    file = tmp_path / "net.svg"
    file.write_text(text)
    if kept:
        with pytest.raises(UsageError, match="is not replaced"):
            save(file, "new")
    else:
        save(file, "new")
    assert file.read_text() == (text if kept else "new")
    save(file, "new", over_specs=True)
    assert file.read_text() == "new"


def test_what_a_run_consists_of_is_not_replaced(tmp_path: Path) -> None:
    for name in ("recipe.yaml", "resolved.yaml", "result.json", "model.keras"):
        (tmp_path / name).write_text(name)
    for name in ("result.json", "model.keras"):
        with pytest.raises(UsageError, match="belongs to a run"):
            save(tmp_path / name, "new", over_specs=True)
        assert (tmp_path / name).read_text() == name
    save(tmp_path / "figure.svg", "new")
    (tmp_path / "alone").mkdir()
    save(tmp_path / "alone" / "model.keras", "first")
    save(tmp_path / "alone" / "model.keras", "new")
    assert (tmp_path / "alone" / "model.keras").read_text() == "new"


TROUBLES = [
    (OSError(28, "No space left on device"), "No space left on device"),
    (OSError("an odd disk"), "an odd disk"),
]


@pytest.mark.parametrize(("trouble", "message"), TROUBLES)
def test_what_went_wrong_is_told_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: OSError, message: str
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise trouble

    monkeypatch.setattr(os, "replace", fails)
    monkeypatch.setattr(Path, "mkdir", fails)
    with pytest.raises(DataError) as caught:
        save(tmp_path / "x.svg", "new")
    assert (caught.value.message, caught.value.hint) == (
        f"{tmp_path / 'x.svg'} cannot be written: {message}",
        "choose another place with -o",
    )
    with pytest.raises(DataError) as caught:
        make_folder(tmp_path / "a")
    assert (caught.value.message, caught.value.hint) == (
        f"{tmp_path / 'a'} cannot be made: {message}",
        "choose another place with -o",
    )


def test_folders_are_made_with_those_above_them_where_no_file_is_in_the_way(tmp_path: Path) -> None:
    for _ in range(2):
        make_folder(tmp_path / "a" / "b")
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "file", tmp_path / "file" / "b"):
        with pytest.raises(UsageError, match="cannot be a folder: there is a file of that name"):
            make_folder(path)


def test_places_in_what_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="file is a file, not a folder"):
        save(tmp_path / "file" / "x.svg", "new")


@pytest.mark.parametrize(("size", "kept"), [(262144, True), (262145, False)])
def test_what_is_larger_than_any_spec_is_none(tmp_path: Path, size: int, kept: bool) -> None:
    file = tmp_path / "x.svg"
    file.write_text("archc: 1\n".ljust(size, "#"))
    if kept:
        with pytest.raises(UsageError, match="is not replaced"):
            save(file, "new")
    else:
        save(file, "new")
