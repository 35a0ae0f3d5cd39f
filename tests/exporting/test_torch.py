"""The writer of PyTorch modules: every op, with random weights, run by PyTorch and held against
Keras; and what the file says.
"""

import ast
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from archcompile.api import LayerGraph, compile_text
from archcompile.api import compile as compile_spec
from archcompile.errors import ArchError, SpecError, UsageError
from archcompile.ops import REGISTRY
from archcompile.source import to_torch
from archcompile.source.syntax import Line
from archcompile.source.torch_definitions import definitions_for
from archcompile.source.torch_forms import FORMS
from archcompile.source.torch_signatures import MODULE_ATTRIBUTES
from archcompile.source.torch_source import WEIGHTS_FILE
from archcompile.spec.yaml.write import dump
from tests.command_line import Archc
from tests.conftest import shipped_graph
from tests.emitters.wild_specs import wild_spec
from tests.exporting.test_export import OUTPUTS
from tests.exporting.test_onnx import MAPS, SEQUENCES, VECTORS, net
from tests.exporting.written import written
from tests.spec.random_specs import random_spec
from tests.training.runs import TinyRun

NETWORKS = (
    "resnet_v1 depth=8",
    "resnet_v2_20",
    "se_resnet depth=8",
    "resnet_50_fpn input=[64,64,3]",
    "densenet_bc_100_12",
    "googlenet",
    "resnext_29",
    "keras_convnext_tiny input=[32,32,3]",
    "keras_mobilenet_v2 size=32",
)
# Runs many modules in one process: each row is what `torch_runner` takes.
RUN_ALL = """
import json, sys
from importlib.util import module_from_spec, spec_from_file_location
spec = spec_from_file_location("runner", sys.argv[1])
runner = module_from_spec(spec)
spec.loader.exec_module(runner)
for row in json.load(open(sys.argv[2])):
    runner.main(row)
"""


@pytest.fixture
def torch_there() -> None:
    """With CUDA's libraries it takes 5 GB, so `make test-tools` does not install it."""
    pytest.importorskip("torch", reason="torch is missing (pip install 'archcompile[torch]')")


@dataclass(frozen=True)
class Difference:
    """Of a network's outputs: what Keras and PyTorch differ by, and how much Keras' vary."""

    relative: float
    spread: float


def compare_all(graphs: Mapping[str, LayerGraph], folder: Path) -> dict[str, Difference]:
    """Every network in Keras and in PyTorch, which one process runs, with random weights."""
    from archcompile.exporting.torch_folder import RUNNER, write_torch

    rows, expected = [], []
    for number, graph in enumerate(graphs.values()):
        source, place = to_torch(graph), folder / str(number)
        x, weights, outputs = in_keras(graph)
        write_torch(source, weights, None, path=place)
        save_file({"x": np.ascontiguousarray(x.transpose(0, 3, 1, 2))}, place / "x")
        files = (place / "weights.safetensors", place / "x", place / "y")
        rows.append([str(place / "model.py"), source.name, *map(str, files)])
        expected.append(outputs)
    (folder / "rows.json").write_text(json.dumps(rows))
    arguments = [str(RUNNER), str(folder / "rows.json")]
    subprocess.run([sys.executable, "-c", RUN_ALL, *arguments], check=True)
    pairs = zip(graphs, rows, expected, strict=True)
    return {key: difference(right, load_file(row[-1])) for key, row, right in pairs}


def in_keras(graph: LayerGraph) -> tuple[Any, dict[str, Any], Mapping[str, Any]]:
    """Images, random weights by NODE/WEIGHT, and the outputs by label."""
    from archcompile.exporting.formats import of_keras
    from archcompile.keras_config.live_models import live
    from archcompile.keras_model.weights import set_weights, weights_of
    from archcompile.verification.random_weights import randomise

    model = graph.to_keras()
    randomise(live(model), 0)
    weights = weights_of(graph, model)
    set_weights(graph, model, weights)
    x = np.random.default_rng(0).normal(size=(3, *graph.input_shape)).astype("float32")
    return x, weights, of_keras(graph, model)(x)


def difference(expected: Mapping[str, Any], actual: Mapping[str, Any]) -> Difference:
    relative, spread = 0.0, 1.0
    labels = expected if len(expected) > 1 else ["output"]
    assert set(actual) == set(labels)
    for label, right in zip(labels, expected.values(), strict=True):
        value = actual[label]
        value = value.transpose(0, 2, 3, 1) if value.ndim == 4 else value
        assert value.shape == right.shape
        finite = np.isfinite(right)
        assert np.array_equal(np.isfinite(value), finite)
        if not finite.any():
            return Difference(0.0, 0.0)  # no evidence
        errors, largest = np.abs(value - right)[finite], np.abs(right[finite]).max()
        relative = max(relative, float(errors.max() / largest))
        spread = min(spread, float(np.ptp(right[finite])))
    return Difference(relative, spread)


def steps() -> Iterable[str]:
    """Steps behind the input of `net`, that use every op."""
    return (
        *MAPS,
        *(f"global_avg_pool, {step}" for step in VECTORS),
        *(f"reshape: {{shape: [72, 6]}}, {step}" for step in SEQUENCES),
    )


@pytest.mark.keras
@pytest.mark.tools
@pytest.mark.usefixtures("torch_there")
def test_every_op(tmp_path: Path) -> None:
    differences = compare_all({step: net("", step) for step in steps()}, tmp_path)
    bad = {key: each for key, each in differences.items() if not each.relative <= 1e-5}
    assert not bad
    assert all(each.spread > 0 for each in differences.values())


@pytest.mark.keras
@pytest.mark.tools
@pytest.mark.usefixtures("torch_there")
def test_whole_networks(tmp_path: Path) -> None:
    """Blocks, loops over stages, nested blocks, several outputs."""
    graphs = {}
    for text in NETWORKS:
        name, *sets = text.split()
        graphs[text] = compile_spec(name, sets=sets)
    differences = compare_all(graphs, tmp_path)
    assert {key: each for key, each in differences.items() if not each.relative <= 1e-4} == {}
    assert all(each.spread > 0 for each in differences.values())


@pytest.mark.keras
@pytest.mark.tools
@pytest.mark.usefixtures("torch_there")
@pytest.mark.parametrize("make", [random_spec, wild_spec])
def test_random_specs(make: Callable[[int], dict[str, Any]], tmp_path: Path) -> None:
    graphs = {}
    for seed in range(10):
        try:
            graphs[f"seed {seed}"] = compile_text(dump(make(seed)))
        except SpecError:  # names that clash
            continue
    differences = compare_all(graphs, tmp_path)
    assert sum(each.spread > 0 for each in differences.values()) > 5
    assert {key: each for key, each in differences.items() if not each.relative <= 1e-4} == {}


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
def test_what_cannot_be_run_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from archcompile.source import torch_source

    monkeypatch.setattr(torch_source, "SUPER", Line("raise ValueError('broken')"))
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


def test_the_example_of_the_docs() -> None:
    page = Path(__file__).parents[2] / "docs/export.md"
    (block,) = (
        part.split("```")[0]
        for part in page.read_text().split("```text\n")
        if part.startswith("class Basic")
    )
    assert block in to_torch(shipped_graph("resnet_v1_20")).text


TRAIN = """
import sys
import torch
import torch.nn.functional as F
from torch import nn
from safetensors.torch import load_file, save_file
exec(open(sys.argv[1]).read())
norm = BatchNorm(4, eps=1e-3, momentum=0.1).train()
norm(load_file(sys.argv[2])["x"])
save_file(norm.state_dict(), sys.argv[3])
"""


@pytest.mark.keras
@pytest.mark.tools
@pytest.mark.usefixtures("torch_there")
def test_batch_norm_keeps_the_statistics_of_keras(tmp_path: Path) -> None:
    """Of a few pixels, where n / (n - 1) is far from 1."""
    from archcompile.quiet import load_keras

    x = np.random.default_rng(0).normal(size=(2, 2, 1, 4)).astype("float32")
    norm = load_keras().layers.BatchNormalization(momentum=0.9, epsilon=1e-3)
    norm(x, training=True)
    text, given, state = tmp_path / "norm.py", tmp_path / "x", tmp_path / "state"
    text.write_text("\n\n".join(definitions_for(["BatchNorm"])))
    save_file({"x": np.ascontiguousarray(x.transpose(0, 3, 1, 2))}, given)
    files = [str(path) for path in (text, given, state)]
    subprocess.run([sys.executable, "-c", TRAIN, *files], check=True)
    actual = load_file(state)
    assert np.allclose(actual["running_mean"], norm.moving_mean, rtol=1e-5, atol=1e-7)
    assert np.allclose(actual["running_var"], norm.moving_variance, rtol=1e-5)


@pytest.mark.keras
@pytest.mark.tools
@pytest.mark.usefixtures("torch_there")
def test_outputs_are_called_by_their_labels(tmp_path: Path) -> None:
    spec = tmp_path / "net.yaml"
    spec.write_text(OUTPUTS)
    record = written(spec, "torch", tmp_path / "out")
    assert [output["name"] for output in record["outputs"]] == ["fine", "coarse"]
    assert 'return {"fine": ' in (tmp_path / "out/model.py").read_text()
