"""Goldens of drawings: a digest of every format at every level and in every style, for networks
that differ in kind.

A digest tells that a drawing changed, not how: look at it before `make golden` writes the digests
anew.
"""

from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise, product
from pathlib import Path
from typing import get_args

import archcompile
from archcompile.analyses.differences import diff
from archcompile.choices import Level
from archcompile.drawing.figure.boxes import Style
from archcompile.drawing.figure.levels import LEVELS
from archcompile.drawing.formats.choice import DrawingRequest, draw_networks
from archcompile.drawing.formats.difference_drawing import draw_difference
from archcompile.drawing.formats.html import html
from archcompile.errors import SpecError
from archcompile.graph.ir import LayerGraph
from tests.drawing import nets
from tests.golden import digests
from tests.golden.digests import digest
from tests.spec.random_graphs import graph_rich_in_structure

FILE = Path(__file__).with_name("drawings.tsv")
NAMES = (
    "densenet_bc_100_12",
    "googlenet",
    "highway_19",
    "keras_mobilenet_v3_small",
    "keras_xception",
    "plain_20",
    "resnet_50_fpn",
    "resnet_v1_20",
    "resnet_v2_29",
    "stochastic_depth_110",
    "vgg_16",
)
PAIRS = (
    ("resnet_v1_20", "resnet_v1_32"),
    ("resnet_a_20", "plain_20"),
    ("resnet_50", "se_resnet_50"),
    ("plain_20", "vgg_16"),
)
FACTS = ("shapes", "params", "macs")


def requests() -> Iterator[DrawingRequest]:
    levels: tuple[Level, ...] = LEVELS
    for suffix, level, facts in product((".svg", ".dot", ".json", ".mmd"), levels, ((), FACTS)):
        yield DrawingRequest(suffix=suffix, level=level, style=None, shown=facts)
    for suffix, style in product((".svg", ".dot"), get_args(Style)):
        yield DrawingRequest(suffix=suffix, level="layer", style=style)
    # not the page and the graph as data: they have lines of files in them
    yield from (
        DrawingRequest(suffix=".svg"),
        DrawingRequest(suffix=None),
    )


def drawings(name: str) -> dict[str, str]:
    """The digest of each drawing of one shipped network, by what was asked for."""
    graph = compile_shipped(name)
    return {
        f"{name} {words(asked)}": digest(draw_networks([graph], asked)[0]) for asked in requests()
    }


def small() -> dict[str, str]:
    """Drawings of small nets in which anything may lead anywhere, by hand and at random: rows,
    columns and lanes of every kind.
    """
    hand = [
        nets.residual(2),
        nets.residual(18),
        nets.preactivation(4),
        nets.branching(2),
        nets.nested_units(),
        nets.dense_block(4),
    ]
    graphs = [*hand, *(nets.random_graph(seed, 10 + 2 * seed) for seed in range(12)), *wild()]
    full = DrawingRequest(suffix=".svg", level="layer", style="full")
    block = DrawingRequest(suffix=".svg", level="block")
    drawn = {
        f"small {graph.name} {words(asked)}": digest(draw_networks([graph], asked)[0])
        for graph in graphs
        for asked in (full, block)
    }
    pages = {f"small {graph.name} page": digest(_of_page(html(graph))) for graph in graphs[:10]}
    return (
        drawn
        | pages
        | {
            f"small {first.name} {second.name}": digest(draw_difference(diff(first, second)))
            for first, second in pairwise(graphs)
        }
    )


def _of_page(page: str) -> str:
    """The drawings and the data of an interactive page, not its script, style and version."""
    return (
        page[page.index('<g id="view">') : page.index("<aside")]
        + page[page.index('id="data">') :].partition("</script>")[0]
    )


def wild() -> Iterator[LayerGraph]:
    """Of random specs the first that no two names clash in."""
    for seed in range(20):
        with suppress(SpecError):
            yield graph_rich_in_structure(seed)


def posters_and_differences() -> dict[str, str]:
    poster = DrawingRequest(suffix=".svg", level="layer", style="poster")
    drawn = {}
    for names in (NAMES[:3], NAMES[4:8]):
        graphs = [compile_shipped(name) for name in names]
        drawn[f"poster {' '.join(names)}"] = digest(draw_networks(graphs, poster)[0])
    for before, after in PAIRS:
        drawn[f"difference {before} {after}"] = digest(
            draw_difference(diff(compile_shipped(before), compile_shipped(after)))
        )
    return drawn


def words(asked: DrawingRequest) -> str:
    return " ".join(
        filter(None, (asked.suffix or "text", asked.level, asked.style, ",".join(asked.shown)))
    )


def compile_shipped(name: str) -> LayerGraph:
    return archcompile.compile(name)


def write() -> None:
    actual = {
        **small(),
        **posters_and_differences(),
        **{key: value for name in NAMES for key, value in drawings(name).items()},
    }
    digests.write(FILE, actual)
