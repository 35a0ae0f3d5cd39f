"""The page of `archc graph` in a real browser, used as a person uses it: clicks, keys, search,
zoom, dark mode.
"""

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from archcompile.drawing.formats.html import html
from archcompile.graph.ir import LayerGraph
from tests.conftest import shipped_graph
from tests.drawing import nets
from tests.drawing.test_svg import HOSTILE
from tests.tools.need import FOLDER, missing, module, node

pytestmark = pytest.mark.tools

NAMED = replace(nets.residual(2), name=HOSTILE)
PAGES = [
    (shipped_graph("resnet_v1_20"), "s2_b1_conv1"),
    (shipped_graph("resnet_v1_110"), "s3_b18_conv2"),
    (shipped_graph("resnet_50"), "s1_b1_conv3"),
    (shipped_graph("densenet_bc_100_12"), "s1_b3_conv1"),
    (NAMED, list(NAMED.nodes)[5]),
]


def browser() -> str:
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return next(filter(None, map(shutil.which, names)), "") or missing("Chromium")


def use_page(graph: LayerGraph, node_name: str, folder: Path) -> dict[str, Any]:
    """What was seen when the page was used."""
    module("playwright-core/package.json")
    page = folder / "page.html"
    page.write_text(html(graph), encoding="utf-8")
    done = subprocess.run(
        [node(), str(FOLDER / "page.mjs"), browser(), str(page), node_name],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


@pytest.mark.parametrize(
    ("graph", "node_name"), PAGES, ids=["v1-20", "v1-110", "resnet-50", "densenet", "hostile"]
)
def test_the_page_in_a_browser(graph: LayerGraph, node_name: str, tmp_path: Path) -> None:
    seen = use_page(graph, node_name, tmp_path)
    assert (seen["complaints"], seen["fetched"]) == ([], []), "a silent page that asks for nothing"

    boxes = seen["boxes"]
    assert len(graph.parts) < boxes["stage"] + 1 <= boxes["block"] <= boxes["layer"]
    assert seen["unfolded"] > 0 and seen["foldedAgain"] == 0

    clicked = graph.nodes[seen["clicked"]["node"]]
    assert seen["clicked"]["heading"] == clicked.name
    for fact in (
        clicked.op.kind,
        "x".join(map(str, clicked.shape)),
        "parameters",
        "multiply-adds",
        "receptive field",
    ):
        assert fact in seen["clicked"]["panel"]
    assert seen["closed"]

    search = seen["search"]
    assert (
        search["heading"] == node_name
        and search["found"].startswith("1 of ")
        and search["marked"] >= 1
    )
    assert f":{graph.nodes[node_name].origin.location.line}" in search["panel"], "its line of YAML"
    assert search["none"] == "0 found"

    assert seen["moved"] and seen["focused"] and seen["slash"] == "search"
    assert seen["unfoldedByKeys"] > 0
    assert seen["mouse"] == [True, True], "the wheel scales, dragging moves"
    assert seen["light"] == "rgb(255, 255, 255)" and seen["dark"] != seen["light"]
