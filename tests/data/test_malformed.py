"""Every kind of damaged or hostile data: exit code 4, the file named, nothing run and nothing
written.
"""

import os
from pathlib import Path

import numpy as np
import pytest

from archcompile.data.sources import load
from archcompile.errors import ArchError, DataError
from tests.command_line import Archc
from tests.data.damage import KINDS, UNREADABLE, good
from tests.data.damage.folders import image


def snapshot(root: Path) -> dict[str, object]:
    """Every name below a folder, with what it holds."""
    result: dict[str, object] = {}
    for path in root.rglob("*"):
        if path.is_symlink():
            result[str(path)] = path.readlink()
        else:
            result[str(path)] = (
                path.read_bytes() if path.is_file() and os.access(path, os.R_OK) else None
            )
    return result


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder to put data in, beside one that it must not reach."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.png").write_bytes(image("PNG"))
    return tmp_path / "in"


def test_there_are_enough_kinds() -> None:
    assert len(KINDS) >= 45


@pytest.mark.parametrize("base", ["archive", "npz", "idx", "folder"])
def test_without_damage_nothing_is_wrong(base: str, archc: Archc, place: Path) -> None:
    done = archc("data", "check", *good(base, place))
    assert (done.code, done.err) == (0, "") and "fingerprint" in done.out


@pytest.mark.parametrize("name", KINDS)
def test_found_named_and_harmless(name: str, archc: Archc, place: Path) -> None:
    if name in UNREADABLE and os.geteuid() == 0:
        pytest.skip("root may read everything")
    base, spoil, file, words = KINDS[name]
    arguments = good(base, place)
    spoil(place)
    before = snapshot(place.parent)
    done = archc("data", "check", *arguments)
    after = snapshot(place.parent)
    message = done.out + done.err
    assert done.code == DataError.exit_code and "Traceback" not in message
    assert file in message and words in message
    assert all(character.isprintable() or character == "\n" for character in message)
    assert before == after
    with pytest.raises(DataError):  # training does not take it either
        load(arguments[0], data_dir=Path(arguments[2]) if arguments[1:] else None)
    assert snapshot(place.parent) == after


MUTATED = {
    "archive": "cifar.tar.gz",
    "npz": "x.npz",
    "idx": "train-images-idx3-ubyte",
    "folder": "train/dog/03.png",
}


def mutations(data: bytes, count: int) -> list[bytes]:
    """Bytes flipped, cut out or overwritten, at places that the fixed seed chooses."""
    rng, result = np.random.default_rng(0), []
    for number in range(count):
        start, length = int(rng.integers(len(data))), int(rng.integers(1, 40))
        if number % 3 == 0:
            length = 1
        middle = (bytes([data[start] ^ 1 << int(rng.integers(8))]), b"", rng.bytes(length))[
            number % 3
        ]
        result.append(data[:start] + middle + data[start + length :])
    return result


@pytest.mark.parametrize("base", MUTATED)
def test_any_damage_is_an_error_of_ours_or_none(base: str, place: Path) -> None:
    arguments = good(base, place)
    file = place / MUTATED[base]
    errors = 0
    for mutated in mutations(file.read_bytes(), 90):
        file.write_bytes(mutated)
        try:
            load(arguments[0], data_dir=Path(arguments[2]) if arguments[1:] else None)
        except ArchError as error:
            assert file.name in error.message or str(place) in error.message
            errors += 1
    assert errors > 20
