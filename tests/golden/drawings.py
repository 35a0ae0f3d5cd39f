"""Goldens of drawings: a digest of every format at every level and in every style, for networks
that differ in kind.

A digest tells that a drawing changed, not how: look at it before `make golden` writes the digests
anew.
"""

from collections.abc import Iterator
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import get_args

import archcompile
from archcompile.analyses.differences import diff
from archcompile.drawing.figure.boxes import Level, Style
from archcompile.drawing.figure.levels import LEVELS
from archcompile.drawing.formats.choice import Request, draw_networks
from archcompile.drawing.formats.difference_drawing import draw_difference
from archcompile.graph.ir import LayerGraph

FILE = Path(__file__).with_name("drawings.tsv")
NAMES = ("densenet_bc_100_12", "googlenet", "highway_19", "keras_mobilenet_v3_small", "keras_xception", "plain_20", "resnet_50_fpn",
         "resnet_v1_20", "resnet_v2_29", "stochastic_depth_110", "vgg_16")  # fmt: skip
PAIRS = (
    ("resnet_v1_20", "resnet_v1_32"),
    ("resnet_a_20", "plain_20"),
    ("resnet_50", "se_resnet_50"),
    ("plain_20", "vgg_16"),
)
FACTS = ("shapes", "params", "macs")


def digest(content: str | bytes) -> str:
    return sha256(content.encode() if isinstance(content, str) else content).hexdigest()[:16]


def requests() -> Iterator[Request]:
    levels: tuple[Level, ...] = LEVELS
    for suffix, level, facts in product((".svg", ".dot", ".json", ".mmd"), levels, ((), FACTS)):
        yield Request(suffix=suffix, level=level, style=None, shown=facts)
    for suffix, style in product((".svg", ".dot"), get_args(Style)):
        yield Request(suffix=suffix, level="layer", style=style)
    # not the page and the graph as data: they have lines of files in them
    yield from (
        Request(suffix=".svg"),
        Request(suffix=None),
    )


def drawings(name: str) -> dict[str, str]:
    """The digest of each drawing of one shipped network, by what was asked for."""
    graph = compiled(name)
    return {
        f"{name} {words(asked)}": digest(draw_networks([graph], asked)[0]) for asked in requests()
    }


def posters_and_differences() -> dict[str, str]:
    poster = Request(suffix=".svg", level="layer", style="poster")
    digests = {
        f"poster {' '.join(NAMES[:3])}": digest(
            draw_networks([compiled(name) for name in NAMES[:3]], poster)[0]
        )
    }
    for before, after in PAIRS:
        digests[f"difference {before} {after}"] = digest(
            draw_difference(diff(compiled(before), compiled(after)))
        )
    return digests


def words(asked: Request) -> str:
    return " ".join(
        filter(None, (asked.suffix or "text", asked.level, asked.style, ",".join(asked.shown)))
    )


def compiled(name: str) -> LayerGraph:
    return archcompile.compile(name)


def write() -> None:
    digests = {
        **posters_and_differences(),
        **{key: value for name in NAMES for key, value in drawings(name).items()},
    }
    FILE.write_text("".join(f"{key}\t{value}\n" for key, value in digests.items()))


def read() -> dict[str, str]:
    return dict(line.split("\t") for line in FILE.read_text().splitlines())
