"""Exports for PyTorch: the folder, what the file says, and what is not kept."""

import ast
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from safetensors.numpy import load_file

from archcompile.errors import ArchError, UsageError
from archcompile.graph import LayerGraph
from archcompile.ops import REGISTRY
from archcompile.source import TorchSource, to_torch
from archcompile.source.torch_definitions import definition_texts
from archcompile.source.torch_forms import FORMS
from archcompile.source.torch_header import WEIGHTS_FILE
from archcompile.source.torch_signatures import MODULE_ATTRIBUTES
from tests.command_line import Archc
from tests.conftest import shipped_graph
from tests.exporting.test_export import OUTPUTS
from tests.exporting.written import written
from tests.training.runs import TinyRun


@pytest.mark.keras
@pytest.mark.tools
@pytest.mark.usefixtures("torch_there")
def test_a_run_and_its_preprocessing(tiny_run: TinyRun, tmp_path: Path, archc: Archc) -> None:
    """Twice to one place, since an earlier export is replaced; another folder is not."""
    run, place = tiny_run(epochs=1), tmp_path / "there"
    for _ in range(2):
        record = written(run, "torch", place, preprocessing=True)
        assert record["check"]["runtime"] == "PyTorch" and record["check"]["relative"] <= 1e-4
    assert {path.name for path in place.iterdir()} == {"model.py", "weights.safetensors"}
    assert any(key.endswith("preprocessing.mean") for key in load_file(place / WEIGHTS_FILE))
    (place / "mine").touch()
    done = archc("export", str(run), "--format", "torch", "-o", str(place))
    assert done.code == UsageError.exit_code and "a folder with other contents" in done.err
    assert (place / "mine").exists()


@pytest.mark.keras
@pytest.mark.tools
@pytest.mark.usefixtures("torch_there")
def test_float64_where_depth_asks_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounding in float32 would not do for this tolerance; the command takes the style, too."""
    monkeypatch.setattr("archcompile.exporting.compare.TOLERANCE", 1e-9)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text(
        "archc: 1\ninput: [8, 8, 3]\nstem: [conv: {filters: 4, kernel: 3}]\n"
        "head: [global_avg_pool, dense: {units: 3}]\n"
    )
    with pytest.raises(ArchError, match="differs by"):
        written("a.yaml", "onnx")
    record = written("a.yaml", "torch", style="flat")
    assert record["check"]["float64"] and record["check"]["relative"] <= 1e-9
    assert "self.stem_conv1 = " in (tmp_path / "build/a/torch/model.py").read_text()


@pytest.mark.keras
@pytest.mark.tools
@pytest.mark.usefixtures("torch_there")
def test_what_cannot_be_run_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from archcompile.exporting import torch_folder

    def break_source(graph: LayerGraph, **_: str) -> TorchSource:
        source = to_torch(graph)
        return replace(source, text=f"{source.text}\n\nraise ValueError('broken')")

    monkeypatch.setattr(torch_folder, "to_torch", break_source)
    with pytest.raises(ArchError, match="PyTorch could not run what was written: .*broken"):
        written("resnet_v1", "torch", tmp_path / "out", sets=["depth=8"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.tools
@pytest.mark.usefixtures("torch_there")
def test_no_layer_is_called_like_a_part_of_every_module() -> None:
    script = "from torch import nn; print(*dir(nn.Sequential()))"
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    names = {name for name in done.stdout.split() if not name.startswith("_")}
    assert names <= MODULE_ATTRIBUTES


def test_every_op_has_a_form() -> None:
    becomes_another = {"activation"}
    assert FORMS.keys() == REGISTRY.keys() - becomes_another - {"input"}


@pytest.mark.parametrize("name", ["resnet_v1_20", "resnet_50_fpn", "keras_mobilenet_v3_small"])
def test_the_file_imports_only_torch_and_takes_every_weight(name: str) -> None:
    graph = shipped_graph(name)
    source = to_torch(graph)
    nodes = ast.walk(ast.parse(source.text))
    imports = [ast.unparse(node) for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
    assert imports == ["import torch", "import torch.nn.functional as F", "from torch import nn"]
    weights = [f"{node.name}/{weight.name}" for node in graph for weight in graph.weights(node)]
    assert sorted(key for key, _ in source.weights.values()) == sorted(weights)
    assert max(map(len, source.text.splitlines())) <= 88


@pytest.mark.parametrize("name", ["resnet_v1_20", "googlenet", "resnet_50_fpn"])
def test_the_flat_style_has_a_line_for_each_layer(name: str) -> None:
    """One class; modules and what is no module have the names of nodes."""
    graph = shipped_graph(name)
    source = to_torch(graph, style="flat")
    classes = [node for node in ast.parse(source.text).body if isinstance(node, ast.ClassDef)]
    assert [each.name for each in classes if each.name not in definition_texts()] == [source.name]
    weights = [f"{node.name}/{weight.name}" for node in graph for weight in graph.weights(node)]
    assert [key for key, _ in source.weights.values()] == weights
    owners = {key.rsplit("/", 1)[0] for key in weights}
    assert {path.split(".")[0] for path in source.weights} == owners
    _, forward = source.text.rsplit("def forward(self, x):", 1)
    # zeros that a convolution puts around the map itself have no line
    named = [node.name for node in graph if node.op.kind not in ("input", "pad")]
    assert all(name in forward for name in named)


def test_the_example_of_the_docs() -> None:
    page = Path(__file__).parents[2] / "docs/export.md"
    (block,) = (
        part.split("```")[0]
        for part in page.read_text().split("```text\n")
        if part.startswith("class Basic")
    )
    assert block in to_torch(shipped_graph("resnet_v1_20")).text


@pytest.mark.keras
@pytest.mark.tools
@pytest.mark.usefixtures("torch_there")
def test_outputs_are_called_by_their_labels(tmp_path: Path) -> None:
    spec = tmp_path / "net.yaml"
    spec.write_text(OUTPUTS)
    record = written(spec, "torch", tmp_path / "out")
    assert [output["name"] for output in record["outputs"]] == ["fine", "coarse"]
    assert 'return {"fine": ' in (tmp_path / "out/model.py").read_text()
