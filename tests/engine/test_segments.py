"""Where the forward pass is cut into segments."""

import pytest

import archcompile
from archcompile.graph import LayerGraph


def ends(graph: LayerGraph, names: list[str]) -> list[tuple[str, int | None]]:
    """The part and unit that each cut ends."""
    return [graph.nodes[name].origin.place for name in names]


@pytest.mark.keras  # the module imports JAX
@pytest.mark.parametrize(
    ("spec", "units"), [("resnet_v1_20", 9), ("resnet_v2_20", 6), ("densenet_bc_100_12", 48)]
)
def test_every_unit_is_a_part(spec: str, units: int) -> None:
    from archcompile.engine.jax.segments import cuts

    graph = archcompile.compile(spec)
    names = list(cuts(graph))
    places = ends(graph, names)
    assert len(set(places)) == len(places)
    assert len([unit for _, unit in places if unit is not None]) == units


@pytest.mark.keras
def test_no_part_ends_where_more_than_one_map_is_needed() -> None:
    """The head of a feature pyramid reads the first stage, and all after it, again."""
    from archcompile.engine.jax.segments import cuts

    graph = archcompile.compile("resnet_50_fpn")
    assert {part for part, _ in ends(graph, list(cuts(graph)))} == {"stem", "s1"}
