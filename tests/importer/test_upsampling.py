"""Layers that make maps larger come back from Keras as what they were."""

import pytest

from archcompile.api import compile_text
from tests.importer.test_translate import graph_of, ops, read

pytestmark = pytest.mark.keras

STEPS = (
    "upsample: {size: [2, 1]}",
    "upsample: {size: 2, interpolation: bilinear}",
    "conv_transpose: {filters: 5, kernel: [2, 3], stride: 2}",
    "conv_transpose: {filters: 5, kernel: 3, padding: valid, bias: false, activation: relu}",
)


@pytest.mark.parametrize("step", STEPS)
def test_it_comes_back(step: str) -> None:
    graph = compile_text(f"archc: 1\ninput: [8, 8, 4]\nhead:\n  - {step}\n  - flatten\n")
    assert ops(graph_of(read(graph.to_keras()))) == ops(graph)
