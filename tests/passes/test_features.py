"""A network without its head, its stages put out."""

import pytest

from archcompile.api import compile as compile_spec
from archcompile.api import compile_text
from archcompile.errors import UsageError
from archcompile.passes.feature_extraction import features


def test_the_stages_are_put_out_and_the_head_is_gone() -> None:
    graph = features(compile_spec("resnet_50"))
    assert graph.output_shapes == {
        "s1": (56, 56, 256),
        "s2": (28, 28, 512),
        "s3": (14, 14, 1024),
        "s4": (7, 7, 2048),
    }
    assert "head" not in graph.parts and not [node for node in graph if node.origin.part == "head"]
    assert graph.name == "resnet_50-features"
    assert graph.hash != compile_spec("resnet_50").hash


def test_a_net_without_stages_has_no_features() -> None:
    with pytest.raises(UsageError, match="no stages"):
        features(compile_text("archc: 1\ninput: [8, 8, 3]\nhead: [flatten]\n"))


@pytest.mark.keras
def test_the_model_has_named_outputs() -> None:
    model = features(compile_spec("resnet_v1", depth=8)).to_keras()
    assert {name: tuple(tensor.shape[1:]) for name, tensor in model.output.items()} == {
        "s1": (32, 32, 16),
        "s2": (16, 16, 32),
        "s3": (8, 8, 64),
    }
