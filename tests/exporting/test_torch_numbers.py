"""Modules of PyTorch with random weights, run by PyTorch and held against Keras: outputs, and in
training mode gradients and statistics.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import count, islice
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from archcompile.api import LayerGraph, compile_text
from archcompile.api import compile as compile_spec
from archcompile.choices import SourceStyle
from archcompile.errors import SpecError
from archcompile.passes import logits
from archcompile.shipped import shipped_specs
from archcompile.source import to_torch
from archcompile.spec.yaml.write import dump
from tests.conftest import shipped_graph
from tests.emitters.wild_specs import wild_spec
from tests.exporting.in_torch import STEP, Way, compare_all, tells, worst
from tests.exporting.test_onnx import MAPS, SEQUENCES, VECTORS, net
from tests.spec.random_specs import random_spec

pytestmark = [pytest.mark.keras, pytest.mark.usefixtures("torch_there")]

# Blocks, loops over stages, nested blocks, several outputs.
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
PRECISE = Way(mode="training", type="float64")
LAYERS = 200  # networks that ship are compared up to this number
PART = 10  # of them at a time


def steps() -> Iterable[str]:
    """Steps behind the input of `net`, that use every op."""
    return (
        *MAPS,
        *(f"global_avg_pool, {step}" for step in VECTORS),
        *(f"reshape: {{shape: [72, 6]}}, {step}" for step in SEQUENCES),
    )


def without_chance(graph: LayerGraph) -> LayerGraph:
    """The network with nothing dropped, so that training mode is the same each time."""
    rates = {"dropout": "rate", "drop_path": "drop_rate"}
    nodes = {}
    for node in graph:
        rate = rates.get(node.op.kind)
        op = node.op.model_copy(update={rate: 0.0}) if rate else node.op
        nodes[node.name] = replace(node, op=op)
    return replace(graph, nodes=nodes)


@pytest.mark.tools
def test_every_op(tmp_path: Path) -> None:
    graphs = {step: net("", step) for step in steps()}
    fixed = {step: graph for step, graph in graphs.items() if "drop" not in step}
    (tmp_path / "training").mkdir()
    trained = compare_all(fixed, tmp_path / "training", Way(mode="training"))
    run = compare_all(
        {step: graph for step, graph in graphs.items() if step not in fixed}, tmp_path
    )
    assert worst(trained, 1e-5) == {} and worst(run, 1e-5) == {}
    assert len(trained) > 100 and len(run) == 3
    assert all(map(tells, [*trained.values(), *run.values()]))


@pytest.mark.tools
def test_whole_networks(tmp_path: Path) -> None:
    graphs = {}
    for text in NETWORKS:
        name, *sets = text.split()
        graphs[text] = logits(compile_spec(name, sets=sets))
    results = compare_all(graphs, tmp_path)
    assert worst(results, 1e-4) == {}
    assert all(map(tells, results.values()))


# ---- random specs --------------------------------------------------------------------------------

MAKERS = [random_spec, wild_spec]


def random_graphs(
    make: Callable[[int], dict[str, Any]], start: int, number: int
) -> dict[str, LayerGraph]:
    """Networks with what specs make up, those left out whose names clash."""

    def graphs() -> Iterable[tuple[str, LayerGraph]]:
        for seed in count(start):
            try:
                graph = compile_text(dump(make(seed)))
            except SpecError:
                continue
            yield f"seed {seed}", without_chance(logits(graph))

    return dict(islice(graphs(), number))


@pytest.mark.tools
@pytest.mark.parametrize("style", get_args(SourceStyle))
@pytest.mark.parametrize("make", MAKERS)
def test_random_specs(
    make: Callable[[int], dict[str, Any]], style: SourceStyle, tmp_path: Path
) -> None:
    check_random(random_graphs(make, 0, 10), tmp_path, replace(PRECISE, style=style))


@pytest.mark.thorough
@pytest.mark.parametrize("start", range(1000, 11000, 1000))
@pytest.mark.parametrize("make", MAKERS)
def test_more_random_specs(
    make: Callable[[int], dict[str, Any]], start: int, tmp_path: Path
) -> None:
    check_random(random_graphs(make, start, 10), tmp_path)


def check_random(graphs: dict[str, LayerGraph], folder: Path, way: Way = PRECISE) -> None:
    results = compare_all(graphs, folder, way)
    assert worst(results, 1e-5) == {}
    assert sum(map(tells, results.values())) > len(graphs) / 2


# ---- what ships ----------------------------------------------------------------------------------


def small_enough() -> list[str]:
    """The shipped specs of at most so many layers."""
    names = sorted(shipped_specs())
    return [name for name in names if len(shipped_graph(name)) <= LAYERS]


@pytest.mark.thorough
@pytest.mark.parametrize("name", sorted(shipped_specs()))
def test_what_ships(name: str, tmp_path: Path) -> None:
    """In float64: in float32 rounding grows with depth."""
    if name not in small_enough():
        pytest.skip(f"has more than {LAYERS} layers")
    results = compare_all({name: logits(shipped_graph(name))}, tmp_path, Way(type="float64"))
    assert worst(results, 1e-5) == {} and tells(results[name])


# ---- chance --------------------------------------------------------------------------------------

RATE = 0.25
SAMPLES = 4000
# What each step makes of ones in training mode: the two values; what it makes of them else; and
# what is dropped as a whole, the axes of (N, C, H, W).
DROPS = {
    f"dropout: {{rate: {RATE}}}": ((0, 1 / (1 - RATE)), 1, ()),
    f"drop_path: {{drop_rate: {RATE}}}": ((0, 1 / (1 - RATE)), 1, (1, 2, 3)),
    f"drop_path: {{drop_rate: {RATE}, scale_at: test}}": ((0, 1), 1 - RATE, (1, 2, 3)),
}


@pytest.mark.tools
@pytest.mark.parametrize("step", DROPS)
def test_what_is_dropped(step: str, tmp_path: Path) -> None:
    """How often, what remains, and what is dropped together; gradients as values."""
    values, at_inference, together = DROPS[step]
    (results,) = of_ones(step, SAMPLES, tmp_path, seeds=1)
    assert np.all(results["inference/output"] == np.float32(at_inference))
    trained = results["training/output"]
    assert np.allclose(np.unique(trained), values)
    assert np.array_equal(trained, results["gradient/x"])
    if together:
        assert np.all(np.ptp(trained, axis=together) == 0)
        trained = trained[:, 0, 0, 0]
    deviation = (RATE * (1 - RATE) / trained.size) ** 0.5
    assert abs((trained == 0).mean() - RATE) < 4 * deviation


@pytest.mark.tools
def test_a_batch_is_dropped_as_a_whole(tmp_path: Path) -> None:
    step = f"drop_path: {{drop_rate: {RATE}, per: batch}}"
    draws = []
    for results in of_ones(step, 5, tmp_path, seeds=20):
        (value,) = np.unique(results["training/output"])
        draws.append(round(float(value), 5))
    assert set(draws) == {0, round(1 / (1 - RATE), 5)}


def of_ones(step: str, samples: int, folder: Path, *, seeds: int) -> list[dict[str, Any]]:
    """What a step makes of ones, and the gradient of its sum, for every seed."""
    graph = net("", step)
    source = to_torch(graph)
    (folder / "model.py").write_text(source.text)
    save_file({}, folder / "weights")
    height, width, channels = graph.input_shape
    ones = np.ones((samples, channels, height, width), np.float32)
    save_file({"x": ones, "weight/output": ones}, folder / "given")
    rows = [
        {
            "file": str(folder / "model.py"),
            "class": source.name,
            "weights": str(folder / "weights"),
            "given": str(folder / "given"),
            "results": str(folder / f"results {seed}"),
            "type": "float32",
            "mode": "training",
            "seed": seed,
        }
        for seed in range(seeds)
    ]
    (folder / "rows.json").write_text(json.dumps(rows))
    subprocess.run([sys.executable, str(STEP), str(folder / "rows.json")], check=True)
    return [dict(load_file(row["results"])) for row in rows]
