"""The graphs of random specs, by seed."""

from archcompile.api import LayerGraph, compile_text
from archcompile.spec.yaml.write import dump
from tests.emitters.wild_specs import wild_spec
from tests.spec.random_specs import random_spec


def graph_rich_in_ops(seed: int) -> LayerGraph:
    return compile_text(dump(random_spec(seed)), file=f"random_{seed}.yaml")


def graph_rich_in_structure(seed: int) -> LayerGraph:
    """Raises SpecError where two names clash."""
    return compile_text(dump(wild_spec(seed)), file=f"wild_{seed}.yaml")
