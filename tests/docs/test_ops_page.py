"""`docs/ops.md` is made from the op classes."""

import importlib.util

import pytest

from archcompile.api import compile_text
from archcompile.ops import REGISTRY, example
from archcompile.spec.yaml.write import dump
from tests.conftest import ROOT


def test_the_page_is_fresh() -> None:
    actual = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert actual and actual.loader
    generate = importlib.util.module_from_spec(actual)
    actual.loader.exec_module(generate)
    assert generate.PAGE.read_text() == generate.page(), "run `python docs/generate.py`"


FITTING = {  # what stands before an op whose example does not fit a map of 32x32x64
    "dense": ["flatten"],
    "reshape": ["global_avg_pool"],
    "map": ["tokens"],
}


@pytest.mark.parametrize("kind", REGISTRY)
def test_every_example_compiles(kind: str) -> None:
    """The examples that editors and the page show are steps that work."""
    before = [{"relu": {"name": "skip"}}, *FITTING.get(kind, ["relu"])]
    graph = compile_text(
        dump({"archc": 1, "input": [32, 32, 64], "stem": [*before, example(REGISTRY[kind])]})
    )
    *_, last = graph
    assert last.op.kind == ("relu" if kind == "activation" else kind)
