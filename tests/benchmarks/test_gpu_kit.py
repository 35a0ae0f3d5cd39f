"""The kit for a GPU machine: what is in it, and what it refuses. Nothing is downloaded."""

import sys
import tarfile
from pathlib import Path

import pytest

from benchmarks import gpu_kit

WHEELS = (
    "keras-3.15.1-py3-none-any.whl",
    "numpy-2.4.6-cp312-cp312-manylinux_2_28_x86_64.whl",
    "ml_dtypes-0.5.4-cp312-cp312-manylinux_2_28_x86_64.whl",
    "pydantic_core-2.50.5-cp312-cp312-manylinux2014_x86_64.whl",
)


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    folder = tmp_path / "downloaded"
    folder.mkdir()
    for name in WHEELS:
        (folder / name).write_bytes(b"a wheel")
    return folder


def make(monkeypatch: pytest.MonkeyPatch, wheels: Path, pictures: Path) -> Path:
    out = wheels.parent / "kit"
    options = ("--out", str(out), "--wheels", str(wheels), "--pictures", str(pictures))
    monkeypatch.setattr(sys, "argv", ["gpu_kit.py", *options])
    gpu_kit.main()
    return out


def test_what_is_in_it(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    wheels: Path,
    tmp_path: Path,
) -> None:
    for name in gpu_kit.PICTURES:
        (tmp_path / name).write_bytes(b"pictures")
    kit = make(monkeypatch, wheels, tmp_path)
    with tarfile.open(kit.with_name("kit.tar.xz")) as archive:
        names = set(archive.getnames())
    assert {
        "kit/README.md",
        "kit/COMMIT",
        "kit/benchmarks/gpu.py",
        "kit/benchmarks/on_gpu/fast_gpu.yaml",
        "kit/archcompile/cli/main.py",
        "kit/specs/resnet_v1_20.yaml",
        "kit/data/cifar10-jpeg.tar.xz",
        "kit/data/unpack_cifar10",
        "kit/wheels/keras-3.15.1-py3-none-any.whl",
        "kit/wheels/pydantic_core-2.50.5-cp312-cp312-manylinux2014_x86_64.whl",
    } <= names
    assert not any("numpy" in name or "ml_dtypes" in name for name in names), "JAX brings them"
    needs = (kit / "wheels" / "requirements.txt").read_text()
    assert "keras>=" in needs and "tensorflow" not in needs and "torch" not in needs
    readme = (kit / "README.md").read_text()
    assert "--no-index --find-links wheels" in readme and "python benchmarks/gpu.py" in readme
    assert " MB\n" in capsys.readouterr().out


def test_without_pictures_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], wheels: Path
) -> None:
    monkeypatch.setattr(gpu_kit, "copy_project", lambda kit: kit.mkdir())
    kit = make(monkeypatch, wheels, wheels)
    assert not (kit / "data").exists()
    assert "no pictures in the kit" in capsys.readouterr().out


def test_one_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch, wheels: Path) -> None:
    monkeypatch.setattr(gpu_kit, "copy_project", lambda kit: kit.mkdir())
    monkeypatch.setattr(gpu_kit, "LIMIT", 100)
    with pytest.raises(SystemExit, match=r"the kit has 0\.0 MB and may have 0: its largest files"):
        make(monkeypatch, wheels, wheels)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("lazy-loader>=0.4", "lazy-loader"),
        ("ml_dtypes-0.5.4-cp312-cp312-manylinux_2_28_x86_64.whl", "ml-dtypes"),
        ("typing_extensions-4.16.0-py3-none-any.whl", "typing-extensions"),
        ("keras>=3.15.1", "keras"),
        ("scipy<2", "scipy"),
    ],
)
def test_names_of_packages(text: str, name: str) -> None:
    assert gpu_kit.name_of(text) == name
