"""The order of a sum's operands makes no difference, however deep a network is."""

from typing import Any

import pytest

from archcompile.api import compile_text

pytestmark = pytest.mark.keras

CHAIN = """
archc: 1
input: [12, 12, 3]
defaults: {{conv: {{kernel: 3, filters: 8}}}}
blocks:
  unit:
    body:
      - conv: {{name: x}}
      - conv: {{from: input, kernel: 5, name: y}}
      - conv: {{from: input, kernel: 1, name: z}}
      - dropout: {{from: x, rate: 0, name: last}}
      - add: {}
      - bn
      - relu
stem: [conv]
stages: {{body: {{block: unit, repeat: 12}}}}
"""


FORWARDS, BACKWARDS = "{from: last, with: [y, z]}", "{from: z, with: [y, last]}"


def test_operands_may_stand_in_any_order(keras: Any) -> None:
    from archcompile.verification import Verdict, of_graph, prove

    written, turned = (compile_text(CHAIN.format(step)) for step in (FORWARDS, BACKWARDS))
    proof = prove(of_graph(turned), of_graph(written))
    assert proof.verdict is Verdict.EQUAL and proof.report is not None, proof.reason
    kinds = {q.kind for q in proof.report.quantities}
    assert "gradient in another order" in kinds, "no number shows the order: this proves nothing"


def test_layers_that_a_view_drops_stay_in_place(keras: Any) -> None:
    """Bit by bit at the canonical level, too, where a dropout of 0 is no step."""
    import numpy as np

    from archcompile.verification import of_graph
    from archcompile.verification.canonical import canonical_view
    from archcompile.verification.match import match
    from archcompile.verification.operand_order import in_reference_order
    from archcompile.verification.random_weights import copy_weights, randomise

    written, turned = (
        of_graph(compile_text(CHAIN.format(step))).start() for step in (FORWARDS, BACKWARDS)
    )
    pairing = match(canonical_view(written.net), canonical_view(turned.net))
    randomise(written, 0)
    copy_weights(written, turned, pairing)
    x = np.random.default_rng(0).normal(size=(2, 12, 12, 3)).astype("float32")
    ordered = in_reference_order(turned, pairing)
    assert ordered is not None
    assert np.array_equal(written.model(x), ordered.model(x))
    assert not np.array_equal(written.model(x), turned.model(x))


def test_models_are_left_as_they_were(keras: Any) -> None:
    """The candidate's model still computes and saves what it did before it was called again."""
    from archcompile.keras_model import to_keras
    from archcompile.verification import of_graph, prove

    graph = compile_text(CHAIN.format(BACKWARDS))
    candidate = of_graph(graph)
    prove(candidate, of_graph(compile_text(CHAIN.format(FORWARDS))))
    assert candidate.start().model.get_config() == to_keras(graph).get_config()
