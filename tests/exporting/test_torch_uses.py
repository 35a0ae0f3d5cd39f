"""What users of PyTorch do with an exported module: `torch.compile`, `torch.export`, ONNX."""

import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from archcompile.api import compile as compile_spec
from archcompile.graph import LayerGraph
from archcompile.passes import logits
from archcompile.source import to_torch
from tests.exporting.test_onnx import net

pytestmark = [pytest.mark.tools, pytest.mark.usefixtures("torch_there")]

USES = Path(__file__).with_name("torch_uses.py")
NETWORKS = (
    "resnet_v1 depth=8",
    "keras_mobilenet_v3_small size=32",
    "keras_convnext_tiny input=[32,32,3]",
)
# What the definitions of the file do, by a step of each.
STEPS = (
    "max_pool: {size: 3, stride: 2, padding: same}",
    "avg_pool: {size: 3, stride: 2, padding: same}",
    "resize: {to: [17, 5], interpolation: nearest}",
    "conv_transpose: {filters: 5, kernel: 3, stride: 2, activation: relu}",
    "depth_to_space: {size: [3, 2]}",
    "attention: {heads: 3}",
)


@pytest.mark.parametrize("use", ["compile", "export", "onnx"])
def test_uses(use: str, tmp_path: Path) -> None:
    if use == "compile" and shutil.which("g++") is None:
        pytest.skip("torch.compile needs a C++ compiler")
    if use == "onnx" and (find_spec("onnxscript") is None or find_spec("onnxruntime") is None):
        pytest.skip("torch.onnx.export needs onnxscript, and onnxruntime runs it")
    rows = []
    for number, graph in enumerate(graphs()):
        source, file = to_torch(graph), tmp_path / f"{number}.py"
        file.write_text(source.text)
        height, width, channels = graph.input_shape
        shape = [2, channels, height, width]
        rows.append({"file": str(file), "class": source.name, "shape": shape, "use": use})
    (tmp_path / "rows.json").write_text(json.dumps(rows))
    done = subprocess.run(
        [sys.executable, str(USES), str(tmp_path / "rows.json")],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    results = json.loads(done.stdout.splitlines()[-1])
    bad = [(row["class"], value) for row, value in zip(rows, results, strict=True) if value > 1e-4]
    assert bad == []


def graphs() -> list[LayerGraph]:
    networks = [text.split() for text in NETWORKS]
    return [
        *(logits(compile_spec(name, sets=sets)) for name, *sets in networks),
        *(net("", step) for step in STEPS),
    ]
