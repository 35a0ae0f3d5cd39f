"""A placed figure as data: boxes with their places and words, edges with their corners."""

import json
from typing import Any

from archcompile.drawing.layout import Placed
from archcompile.graph import LayerGraph, semantic_hash


def drawing_json(graph: LayerGraph, placed: Placed) -> str:
    """One JSON document, a line a box and a line an edge; `x` and `y` are centres, in the units of
    the SVG.
    """
    fig = placed.figure
    head = {
        "archc": 1,
        "name": fig.title,
        "hash": semantic_hash(graph),
        "level": fig.level,
        "about": fig.subtitle,
        "width": _n(placed.width),
        "height": _n(placed.height),
        "parts": dict(fig.parts),
    }
    lists = {"boxes": _boxes(placed), "edges": _edges(placed), "frames": _frames(placed)}
    parts = [
        f'"{key}": [{",".join(f"{chr(10)}  {json.dumps(row)}" for row in rows)}\n ]'
        for key, rows in lists.items()
    ]
    return json.dumps(head, indent=1)[:-2] + ",\n " + ",\n ".join(parts) + "\n}\n"


def _boxes(placed: Placed) -> list[dict[str, Any]]:
    found = []
    for name, box in placed.figure.boxes.items():
        rect = placed.rects[name]
        found.append(
            {
                "name": name,
                "form": box.form,
                "part": box.part,
                "unit": box.unit,
                "lines": [line.words for line in box.lines],
                "shape": list(box.shape),
                "nodes": list(box.nodes),
                "loops": [{"words": loop.words, "dashed": loop.dashed} for loop in box.loops],
                "x": _n(rect.x),
                "y": _n(rect.y),
                "width": _n(rect.w),
                "height": _n(rect.h),
            }
        )
    return found


def _edges(placed: Placed) -> list[dict[str, Any]]:
    return [
        {
            "from": edge.source,
            "to": edge.target,
            "dashed": edge.dashed,
            "points": [[_n(x), _n(y)] for x, y in way],
        }
        for edge, way in zip(placed.figure.edges, placed.ways, strict=True)
    ]


def _frames(placed: Placed) -> list[dict[str, Any]]:
    return [
        {
            "boxes": list(frame.boxes),
            "times": frame.times,
            "x": _n(rect.x),
            "y": _n(rect.y),
            "width": _n(rect.w),
            "height": _n(rect.h),
        }
        for frame, rect in zip(placed.figure.frames, placed.frames, strict=True)
    ]


def _n(value: float) -> float:
    return round(value, 1)
