"""What `archc export` refuses, and what is wrong and so is not kept."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from archcompile.errors import ArchError, MissingError, UsageError
from archcompile.exporting.compare import compare
from archcompile.exporting.formats import FORMATS, Exported
from tests.command_line import Archc
from tests.exporting.written import written
from tests.training.runs import TinyRun

pytestmark = pytest.mark.keras


@pytest.fixture
def whole(tiny_run: TinyRun) -> Path:
    return tiny_run(epochs=2)


def test_another_network_is_not_kept(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer that changes one weight by a little; what stood under the name before stays."""

    def wrong(what: Exported, path: Path) -> None:
        kernel = what.model.get_layer("head_dense1").kernel
        before = np.asarray(kernel)
        kernel.assign(before * 1.01)
        FORMATS["keras"].write(what, path)
        kernel.assign(before)

    good = dict(FORMATS)
    monkeypatch.setattr(
        "archcompile.exporting.api.FORMATS", {**good, "keras": replace(good["keras"], write=wrong)}
    )
    path = tmp_path / "a.keras"
    path.write_text("before")
    with pytest.raises(ArchError, match="the exported network differs by"):
        written(whole, "keras", path)
    assert [p.name for p in tmp_path.iterdir()] == ["a.keras"] and path.read_text() == "before"


EXPECTED = {"a": np.array([[0.25, 0.75], [0.5, 0.5]], np.float32)}
WRONG = {
    "outputs of the exported network: expected a, got b": {"b": EXPECTED["a"]},
    "expected shape \\(2, 2\\), got \\(2, 1\\)": {"a": EXPECTED["a"][:, :1]},
    "not finite": {"a": EXPECTED["a"] * np.nan},
    "differs by 1.0e-03": {"a": EXPECTED["a"] + np.float32(1e-3)},
}


@pytest.mark.parametrize("words", WRONG)
def test_comparison(words: str) -> None:
    with pytest.raises(ArchError, match=words):
        compare(EXPECTED, WRONG[words])
    same = compare(EXPECTED, {"a": EXPECTED["a"] + np.float32(1e-7)})
    assert (same.images, same.equal, same.is_telling) == (2, 2, True)
    assert not compare({"a": EXPECTED["a"][:1]}, {"a": EXPECTED["a"][:1]}).is_telling


@pytest.mark.parametrize(
    ("form", "module", "extra"),
    [
        ("onnx", "onnx", "onnx"),
        ("onnx", "onnxruntime", "onnx"),
        ("litert", "ai_edge_litert.interpreter", "litert"),
        ("torch", "torch", "torch"),
    ],
)
def test_a_missing_package(
    form: str,
    module: str,
    extra: str,
    monkeypatch: pytest.MonkeyPatch,
    archc: Archc,
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    done = archc("export", "resnet_v1", "--format", form)
    assert done.code == MissingError.exit_code
    assert f"pip install 'archcompile[{extra}]'" in done.err and not list(Path().iterdir())


def test_a_folder_in_the_way(whole: Path, tmp_path: Path) -> None:
    (tmp_path / "net.onnx").mkdir()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/file").touch()
    for form, name, words in (
        ("onnx", "net.onnx", "is a folder"),
        ("saved_model", "mine", "is a folder with other contents"),
        ("keras", "net.h5", "end in .keras"),
        ("onnx", "spec.yaml", "end in .onnx"),
    ):
        with pytest.raises(UsageError, match=words):
            written(whole, form, tmp_path / name)
    again = tmp_path / "saved"
    for _ in range(2):
        written(whole, "saved_model", again)
    assert (again / "saved_model.pb").exists() and not [
        p for p in tmp_path.iterdir() if p.name.startswith(".")
    ]


@pytest.mark.parametrize(
    ("form", "name"), [("keras", "model.keras"), ("saved_model", "saved"), ("onnx", "result.onnx")]
)
def test_the_files_of_a_run_are_left_alone(form: str, name: str, whole: Path) -> None:
    before = {path: path.read_bytes() for path in whole.iterdir() if path.is_file()}
    with pytest.raises(UsageError, match="among the files of a run"):
        written(whole, form, whole / name)
    assert {path: path.read_bytes() for path in whole.iterdir() if path.is_file()} == before
