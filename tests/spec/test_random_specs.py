"""Thousands of random specs that are right: the graph checks, its text compiles to the same, and so
says another process.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from archcompile.analyses.cost import layers, parts, totals
from archcompile.api import compile_text
from archcompile.spec.loading.load_spec import load
from tests.spec.random_graphs import graph_rich_in_ops
from tests.spec.random_specs import LIBRARY_OF, ROWS

ROOT = Path(__file__).parents[2]
EVERY_RUN, COUNT = 75, 2000
CHUNK = 250
BUILT = 6, 200  # of them, in Keras: in every run, and in the thorough one


def test_every_shipped_block_is_drawn_from(tmp_path: Path) -> None:
    file = tmp_path / "all.yaml"
    uses = ", ".join(
        f"blocks/{path.name}" for path in sorted((ROOT / "specs/blocks").glob("*.yaml"))
    )
    file.write_text(f"archc: 1\nuses: [{uses}]\ninput: [8, 8, 3]\nhead: [flatten]\n")
    assert set(load(file).blocks) == set(ROWS) == set(LIBRARY_OF)


@pytest.mark.parametrize(
    "seeds",
    [
        range(EVERY_RUN),
        *(
            pytest.param(range(start, start + CHUNK), marks=pytest.mark.thorough)
            for start in range(EVERY_RUN, COUNT, CHUNK)
        ),
    ],
    ids=str,
)
def test_random_specs_compile_and_come_back(seeds: range) -> None:
    kinds: set[str] = set()
    rules: set[str | None] = set()
    for seed in seeds:
        graph = graph_rich_in_ops(seed)
        assert compile_text(graph.spec_text, file="back.yaml").hash == graph.hash, seed
        sums = totals(layers(graph))
        assert sums.params == sum(part.totals.params for part in parts(graph)), seed
        kinds.update(node.op.kind for node in graph)
        rules.update(node.origin.rule for node in graph)
    # the generator reaches what it is for
    assert len(kinds) >= 35 and len(rules) >= 15, (
        len(kinds),
        len(rules),
    )


def test_hashes_do_not_depend_on_the_hash_seed() -> None:
    code = (
        "from tests.spec.random_graphs import graph_rich_in_ops as graph\n"
        "print([graph(seed).hash for seed in range(30)])"
    )
    seen = set()
    for hash_seed in ("1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
        seen.add(
            subprocess.run(
                [sys.executable, "-c", code],
                cwd=ROOT,
                env=env,
                capture_output=True,
                text=True,
                check=True,
            ).stdout
        )
    assert len(seen) == 1


@pytest.mark.keras
@pytest.mark.parametrize(
    "seeds", [range(BUILT[0]), pytest.param(range(*BUILT), marks=pytest.mark.thorough)], ids=len
)
def test_keras_agrees_on_shapes_and_parameters(seeds: range) -> None:
    """Every layer's output shape and parameter count, in networks built for real."""
    from archcompile.quiet import load_keras

    keras = load_keras()
    for seed in seeds:
        graph = graph_rich_in_ops(seed)
        model = graph.to_keras()
        for node in graph:
            layer = model.get_layer(node.name)
            shape = layer.output.shape if node.op.kind != "input" else layer.batch_shape
            assert tuple(shape[1:]) == node.shape, (seed, node.name)
        assert model.count_params() == totals(layers(graph)).params, seed
        keras.backend.clear_session()
