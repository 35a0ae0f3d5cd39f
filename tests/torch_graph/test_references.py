"""What names a network of PyTorch, and what is refused."""

from pathlib import Path

import pytest

from archcompile.errors import MissingError, UsageError
from archcompile.torch_graph import TorchReference, is_torch_reference, references, torch_reference


@pytest.fixture
def packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """All packages are there, as far as this room can tell."""
    monkeypatch.setattr(references, "find_spec", lambda name: name)


@pytest.mark.parametrize(
    "text",
    ["torchvision:resnet50", "timm:resnet50", "timm:resnet50.a1_in1k", "timm:tf_efficientnet_b0"],
)
def test_a_network_of_a_package(text: str, packages: None) -> None:
    family, _, name = text.partition(":")
    assert is_torch_reference(text)
    assert torch_reference(text) == TorchReference(family, name)
    assert str(torch_reference(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "timm:hf-hub:someone/model",
        "timm:hf_hub:someone/model",
        "timm:local-dir:/tmp/model",
        "timm:local-dir:.",
        "timm:https://example.org/model",
        "timm:../resnet50",
        "timm:",
        "timm:a.b.c",
        "timm:resnet50\n",
        "timm:resnet50 ",
        "timm:" + "a" * 101,
        "torchvision:models.resnet50()",
        "torchvision:__import__('os')",
        "hub:resnet50",
    ],
)
def test_no_other_place_is_as_argument(text: str, packages: None) -> None:
    with pytest.raises(UsageError, match="names no network of torchvision or timm"):
        torch_reference(text)


def test_a_file_runs_only_if_it_is_trusted(tmp_path: Path, packages: None) -> None:
    file = tmp_path / "net.py"
    file.write_text("raise SystemExit")
    with pytest.raises(UsageError, match="would run that file"):
        torch_reference(f"torch:{file}")
    assert torch_reference(f"torch:{file}", trust=True).name == str(file)


@pytest.mark.parametrize("name", ["net.pt2", "net.pt", "missing.py"])
def test_no_file_but_python_is_taken(name: str, tmp_path: Path, packages: None) -> None:
    (tmp_path / "net.pt2").write_bytes(b"")
    (tmp_path / "net.pt").write_bytes(b"")
    with pytest.raises(UsageError, match="is not a Python file"):
        torch_reference(f"torch:{tmp_path / name}", trust=True)


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(references, "find_spec", lambda name: None if name == "timm" else name)
    with pytest.raises(MissingError, match="needs timm"):
        torch_reference("timm:resnet50")
