"""`.keras` files: what is read of them, and what is refused before it is parsed."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from archcompile.errors import ArchError, UsageError
from archcompile.keras_config import archive
from archcompile.keras_config.archive import read_archive
from archcompile.keras_config.net import (
    UnreadableModel,
)
from tests.importer.configs import (
    head,
    layer,
    model,
    obj,
    sequential,
    tensor,
)


def write(path: Path, text: str, name: str = "config.json", *, metadata: str = "{}") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, text)
        file.writestr("metadata.json", metadata)
    return path


def test_a_file_is_read(tmp_path: Path) -> None:
    record = sequential(head(), layer("Dense", "d"))
    assert read_archive(write(tmp_path / "m.keras", json.dumps(record))) == record


def test_bad_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = tmp_path / "plain.keras"
    plain.write_bytes(b"no zip")
    hdf5 = tmp_path / "old.keras"
    hdf5.write_bytes(archive.HDF5 + b"rest")
    monkeypatch.setattr(archive, "MAX_MEMBER_BYTES", 1000)
    monkeypatch.setattr(archive, "MAX_CONFIG_VALUES", 1000)
    rows: list[tuple[Path, type[ArchError], str]] = [
        (tmp_path / "none.keras", UsageError, "there is no file"),
        (plain, UnreadableModel, "not a `.keras` file"),
        (write(tmp_path / "a.keras", "{}", "other.json"), UnreadableModel, "without config.json"),
        (write(tmp_path / "b.keras", "{"), UnreadableModel, "not JSON"),
        (write(tmp_path / "c.keras", "[" * 900), UnreadableModel, "not JSON"),
        (write(tmp_path / "d.keras", "[]"), UnreadableModel, "describes no model"),
        (write(tmp_path / "e.keras", " " * 1001), UnreadableModel, "larger than"),
        (
            write(tmp_path / "g.keras", "[" + "{}," * 250 + "0]"),
            UnreadableModel,
            "holds more values",
        ),
        (hdf5, UnreadableModel, "old.keras is damaged"),
    ]
    for path, kind, words in rows:
        with pytest.raises(kind, match=words):
            read_archive(path)


def test_a_list_of_members_is_bounded_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "m.keras", "{}")
    assert read_archive(path) == {}
    monkeypatch.setattr(archive, "MAX_DIRECTORY_BYTES", 100)  # two members take more
    with pytest.raises(UnreadableModel, match="list of members is too long"):
        read_archive(path)


SMALL = 300 << 20  # bytes of memory that refusing a bomb may take, Python itself included


@pytest.mark.parametrize("unit", ["[],", "{},", '{"":0},', "999,", '"",'])
def test_a_config_that_would_fill_the_memory_is_refused_before_it_is_parsed(
    unit: str, tmp_path: Path
) -> None:
    """A small file of which parsing makes gigabytes, in a process that may not take them."""
    start = '{"class_name": "Functional", "module": "keras", "config": {"layers": ['
    count = (archive.MAX_MEMBER_BYTES - len(start) - 5) // len(unit)
    path = write(tmp_path / "bomb.keras", f"{start}{unit * count}0]}}}}")
    code = (
        f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({SMALL}, {SMALL}))\n"
        "from pathlib import Path\nfrom archcompile.keras_config.archive import read_archive\n"
        f"read_archive(Path({str(path)!r}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (
        path.stat().st_size < 1 << 17
        and "UnreadableModel" in done.stderr
        and "holds more values" in done.stderr
    ), done.stderr


def test_the_values_of_the_largest_models_are_far_from_the_bound() -> None:
    convs = [
        layer(
            "Conv2D",
            f"c{n}",
            [tensor("x")],
            kernel_initializer=obj("HeNormal"),
            kernel_size=[3, 3],
            strides=[1, 1],
        )
        for n in range(50)
    ]
    assert (
        archive.count_entries(json.dumps(model([head(), *convs], ("c0", 0, 0))).encode()) / 51
        < archive.MAX_CONFIG_VALUES / 20_000
    )


def test_reading_imports_no_framework() -> None:
    code = (
        "import sys; import archcompile.keras_config.read, archcompile.keras_config.archive, "
        "archcompile.verification.match, "
        "archcompile.verification.canonical; print([m for m in ('tensorflow', 'keras', 'numpy') if "
        "m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
