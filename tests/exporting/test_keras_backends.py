"""`model.keras` and the printed sources under every backend of Keras: the same outputs and
gradients, of ten networks of different kinds.
"""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from archcompile.api import compile as compile_spec
from archcompile.choices import SourceStyle
from archcompile.graph import LayerGraph
from archcompile.passes import logits

pytestmark = [pytest.mark.keras, pytest.mark.thorough]

STEP = Path(__file__).with_name("keras_step.py")
BACKENDS = ("tensorflow", "jax", "torch")
NETWORKS = (
    "resnet_v1 depth=8",
    "resnet_v2 depth=11",
    "se_resnet depth=8",
    "highway_19",
    "alexnet_torchvision input=[64,64,3]",
    "googlenet input=[64,64,3]",
    "resnet_50_fpn input=[64,64,3]",
    "shufflenet_v2_x1_0 input=[64,64,3]",
    "keras_mobilenet_v3_small size=32",
    "keras_convnext_tiny input=[32,32,3]",
)

# As in docs/verify.md for whole networks: programs round differently, and depth amplifies that.
TOLERANCE = 1e-2


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The files of every network, with random weights, images and factors."""
    return [
        write_network(logits(compile_spec(name, sets=sets)), tmp_path_factory.mktemp(name))
        for name, *sets in map(str.split, NETWORKS)
    ]


def write_network(graph: LayerGraph, folder: Path) -> dict[str, Any]:
    from archcompile.keras_config.live_models import live
    from archcompile.keras_model import settle, to_keras, write_model
    from archcompile.source import to_source
    from archcompile.verification.random_weights import randomise

    model = to_keras(graph)
    randomise(live(model), 0)
    settle(model)
    write_model(graph, model, folder / "model.keras")
    sources = []
    for style in get_args(SourceStyle):
        source = folder / f"{style}.py"
        source.write_text(to_source(graph, style))
        sources.append(str(source))
    rng = np.random.default_rng(0)
    labels = graph.outputs if len(graph.outputs) > 1 else ["output"]
    shapes = zip(labels, graph.output_shapes.values(), strict=True)
    given = {f"factor/{label}": rng.normal(size=(3, *shape)) for label, shape in shapes}
    given["x"] = rng.normal(size=(3, *graph.input_shape))
    singles = {key: value.astype(np.float32) for key, value in given.items()}
    np.savez(folder / "given.npz", **singles)
    is_random = any("drop" in node.op.kind for node in graph)
    return {
        "model": str(folder / "model.keras"),
        "sources": sources,
        "given": str(folder / "given.npz"),
        "training": not is_random,
    }


@pytest.fixture(scope="module")
def by_tensorflow(
    rows: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> list[dict[str, Any]]:
    return run("tensorflow", rows, tmp_path_factory.mktemp("tensorflow"))


def run(backend: str, rows: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    """What every network computes under a backend, in a process of its own."""
    placed = [{**row, "results": str(folder / f"{number}.npz")} for number, row in enumerate(rows)]
    (folder / "rows.json").write_text(json.dumps(placed))
    subprocess.run(
        [sys.executable, str(STEP), str(folder / "rows.json")],
        check=True,
        env={**os.environ, "KERAS_BACKEND": backend},
    )
    results = []
    for row in placed:
        with np.load(row["results"]) as file:
            results.append(dict(file))
    return results


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_backend_computes_the_same(
    backend: str,
    rows: list[dict[str, Any]],
    by_tensorflow: list[dict[str, Any]],
    tmp_path: Path,
) -> None:
    """The sources are compared with the file under each backend, too, by the process itself."""
    if find_spec(backend) is None:
        pytest.skip(f"{backend} is missing")
    results = by_tensorflow if backend == "tensorflow" else run(backend, rows, tmp_path)
    for text, expected, actual in zip(NETWORKS, by_tensorflow, results, strict=True):
        assert actual.keys() == expected.keys()
        gradients = [np.abs(value).max() for key, value in expected.items() if "gradient" in key]
        for key, right in expected.items():
            assert np.isfinite(right).all()
            scale = np.abs(right).max()
            assert scale > 0 or "gradient" in key
            floor = 1e-5 * max(gradients) if "gradient" in key else 0
            difference = np.abs(actual[key] - right).max()
            assert difference <= max(TOLERANCE * scale, floor), (text, key, difference / scale)
