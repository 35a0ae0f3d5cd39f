"""Parameters as Keras counts them, of every spec that ships."""

import pytest

import archcompile
from archcompile.analyses.cost import layers, totals
from archcompile.authoring.catalogue import list_shipped

pytestmark = [pytest.mark.keras, pytest.mark.thorough]


@pytest.mark.parametrize("name", [spec.name for spec in list_shipped()])
def test_parameters(name: str) -> None:
    import keras

    graph = archcompile.compile(name)
    model, sums = graph.to_keras(), totals(layers(graph))
    trainable = sum(int(weight.numpy().size) for weight in model.trainable_weights)
    assert (model.count_params(), trainable) == (sums.params, sums.trainable)
    keras.backend.clear_session()
