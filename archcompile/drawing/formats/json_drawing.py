"""A placed figure as data: boxes with their places and words, edges with their corners."""

import json
from typing import Any

from archcompile.choices import Level
from archcompile.drawing.figure import Box, Frame, Style
from archcompile.drawing.layout import Placed, Rect
from archcompile.graph import LayerGraph, semantic_hash


def drawing_json(graph: LayerGraph, placed: Placed) -> str:
    """One JSON document, a line a box and a line an edge; `x` and `y` are centres in SVG units."""
    fig = placed.figure
    head = {
        "archc": 1,
        "name": fig.title,
        "hash": semantic_hash(graph),
        "level": fig.level,
        "about": fig.subtitle,
        "width": _round(placed.width),
        "height": _round(placed.height),
        "parts": dict(fig.parts),
    }
    lists = {"boxes": _boxes(placed), "edges": _edges(placed), "frames": _frames(placed)}
    parts = [f'"{key}": {_row_list(rows)}' for key, rows in lists.items()]
    return json.dumps(head, indent=1)[:-2] + ",\n " + ",\n ".join(parts) + "\n}\n"


def drawing_data(graph: LayerGraph, level: Level | None, style: Style) -> dict[str, Any]:
    """The same as plain data."""
    from archcompile.drawing.formats.svg_drawing import lay_out

    data: dict[str, Any] = json.loads(drawing_json(graph, lay_out(graph, level, style)))
    return data


def _row_list(rows: list[dict[str, Any]]) -> str:
    """A JSON list, a line a row."""
    return f"[{','.join(f'{chr(10)}  {json.dumps(row)}' for row in rows)}\n ]"


def _boxes(placed: Placed) -> list[dict[str, Any]]:
    return [_box(box, placed.rects[name]) for name, box in placed.figure.boxes.items()]


def _box(box: Box, rect: Rect) -> dict[str, Any]:
    return {
        "name": box.name,
        "form": box.form,
        "part": box.part,
        "unit": box.unit,
        "lines": [line.words for line in box.lines],
        "shape": list(box.shape),
        "nodes": list(box.nodes),
        "loops": [{"words": loop.words, "dashed": loop.is_dashed} for loop in box.loops],
        **_place(rect),
    }


def _edges(placed: Placed) -> list[dict[str, Any]]:
    edges = []
    for edge, way in zip(placed.figure.edges, placed.ways, strict=True):
        points = [[_round(x), _round(y)] for x, y in way]
        ends = {"from": edge.source, "to": edge.target}
        edges.append({**ends, "dashed": edge.is_dashed, "points": points})
    return edges


def _frames(placed: Placed) -> list[dict[str, Any]]:
    return [
        {"boxes": list(frame.boxes), "times": frame.times, **_notes(frame), **_place(rect)}
        for frame, rect in zip(placed.figure.frames, placed.frames, strict=True)
    ]


def _notes(frame: Frame) -> dict[str, list[str]]:
    return {"notes": list(frame.notes)} if frame.notes else {}


def _place(rect: Rect) -> dict[str, float]:
    return {
        "x": _round(rect.x),
        "y": _round(rect.y),
        "width": _round(rect.w),
        "height": _round(rect.h),
    }


def _round(value: float) -> float:
    return round(value, 1)
