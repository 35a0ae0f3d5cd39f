"""The writer of PyTorch modules: every op, with random weights, run by PyTorch and held against
Keras; and what the file says.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from archcompile.api import LayerGraph
from archcompile.api import compile as compile_spec
from archcompile.source import to_torch
from tests.exporting.test_onnx import MAPS, SEQUENCES, VECTORS, net
from tests.tools.need import missing

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
    runner.main(*row)
"""


@pytest.fixture
def torch_there() -> None:
    if find_spec("torch") is None:
        missing("torch (pip install 'archcompile[torch]')")


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
        assert np.array_equal(np.isfinite(value), finite) and finite.any()
        value, right = value[finite], right[finite]
        relative = max(relative, float(np.abs(value - right).max() / np.abs(right).max()))
        spread = min(spread, float(np.ptp(right)))
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
