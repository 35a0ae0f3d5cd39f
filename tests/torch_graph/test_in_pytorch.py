"""Every operation that is translated, run by PyTorch and held against the Keras layers."""

import ast
from pathlib import Path
from typing import Any

import pytest

from archcompile.torch_graph import torch_reference
from tests.torch_graph.records import need_packages

pytestmark = [pytest.mark.tools, pytest.mark.keras]
FILE = Path(__file__).with_name("operations_in_torch.py")
SHAPE = (11, 11, 6)


def operations() -> list[str]:
    """The keys of `OPERATIONS` in the file, which only PyTorch can run."""
    tree = ast.parse(FILE.read_text())
    tables = (
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "OPERATIONS"
    )
    (table,) = tables
    assert isinstance(table, ast.Dict)
    return [ast.literal_eval(key) for key in table.keys if key is not None]


@pytest.fixture(scope="module")
def quantities() -> list[Any]:
    """Everything that is compared, of all operations in one network."""
    need_packages("torch")
    from archcompile.verification import start_exactly

    start_exactly()
    from archcompile.verification.canonical import exact_view
    from archcompile.verification.match import Pairing
    from archcompile.verification.pytorch_numbers import compare_with_pytorch
    from archcompile.verification.pytorch_side import of_torch, torch_network
    from archcompile.verification.random_weights import randomise

    assert torch_reference(f"torch:{FILE}", trust=True)
    network = torch_network(f"torch:{FILE}", SHAPE, trust=True)
    side = of_torch(network)
    live = side.start()
    randomise(live, 0)
    view = exact_view(live.net)
    pairing = Pairing(view, view, tuple(range(len(view.steps))))
    return compare_with_pytorch(network, live, live, pairing=pairing, seed=0)


@pytest.mark.parametrize("operation", operations())
def test_operation(operation: str, quantities: list[Any]) -> None:
    from archcompile.verification.report import Verdict

    place = f"output {operations().index(operation)}"
    outputs = [q for q in quantities if q.kind == "output" and q.name == place]
    inner = [
        q
        for q in quantities
        if q.name.startswith((f"operations.{operation}_ ", f"operations.{operation}_."))
    ]
    assert [q.mode for q in outputs] == ["inference in PyTorch", "training in PyTorch"]
    different = [q for q in (*outputs, *inner) if q.verdict is Verdict.DIFFERENT]
    assert not different
    assert all(q.verdict is Verdict.EQUAL for q in outputs)
