"""The drawing as data says what the SVG draws."""

import json

import pytest

from archcompile.choices import Level
from archcompile.drawing.figure.levels import LEVELS, figure
from archcompile.drawing.formats.json_drawing import drawing_json
from archcompile.drawing.layout.routes import place
from tests.drawing import nets


@pytest.mark.parametrize("level", LEVELS)
def test_boxes_edges_and_places(level: Level) -> None:
    graph = nets.residual(3)
    placed = place(figure(graph, level))
    data = json.loads(drawing_json(graph, placed))
    assert (data["level"], data["name"]) == (level, "net_20")
    assert [box["name"] for box in data["boxes"]] == list(placed.figure.boxes)
    assert [(e["from"], e["to"], e["dashed"]) for e in data["edges"]] == [
        (e.source, e.target, e.is_dashed) for e in placed.figure.edges
    ]
    assert [frame["times"] for frame in data["frames"]] == ([3, 2, 2] if level == "block" else [])
    for box in data["boxes"]:
        rect = placed.rects[box["name"]]
        assert (box["x"], box["y"]) == (round(rect.x, 1), round(rect.y, 1))
        assert 0 < box["x"] < data["width"] and 0 < box["y"] < data["height"]
    assert [len(edge["points"]) for edge in data["edges"]] == [len(way) for way in placed.ways]


def test_a_stage_has_its_loops() -> None:
    graph = nets.residual(3)
    boxes = json.loads(drawing_json(graph, place(figure(graph, "stage"))))["boxes"]
    assert boxes[3]["loops"] == [
        {"words": "×1 projection", "dashed": True},
        {"words": "×2 identity", "dashed": False},
    ]
