"""What must hold of the places in any drawing, found by looking at coordinates alone."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from archcompile.drawing.layout.places import Placed, Rect

NEAR = 0.01
CELL = 64.0  # size of the squares by which near things are found
Sides = tuple[float, float, float, float]  # left, top, right, bottom


def sides(rect: Rect) -> Sides:
    return rect.x - rect.w / 2, rect.y - rect.h / 2, rect.x + rect.w / 2, rect.y + rect.h / 2


def is_overlap(first: Sides, second: Sides) -> bool:
    """Whether two rectangles, or a line and a rectangle, have more than an edge in common."""
    return all(first[a] < second[a + 2] - NEAR and first[a + 2] > second[a] + NEAR for a in (0, 1))


def cells(rect: Sides) -> Iterator[tuple[int, int]]:
    for column in range(int(rect[0] // CELL), int(rect[2] // CELL) + 1):
        for row in range(int(rect[1] // CELL), int(rect[3] // CELL) + 1):
            yield column, row


def overlapping_boxes(placed: Placed) -> list[tuple[str, str]]:
    result, near = [], defaultdict(list)
    for name, rect in placed.rects.items():
        edges = sides(rect)
        others = {another for cell in cells(edges) for another in near[cell]}
        result += [
            (name, another) for another in others if is_overlap(edges, sides(placed.rects[another]))
        ]
        for cell in cells(edges):
            near[cell].append(name)
    return result


def crossed_boxes(placed: Placed) -> list[str]:
    """Edges that run through a box, or aslant."""
    result, near = [], defaultdict(list)
    for name, rect in placed.rects.items():
        for cell in cells(sides(rect)):
            near[cell].append(name)
    for edge, way in zip(placed.figure.edges, placed.ways, strict=True):
        for (x1, y1), (x2, y2) in pairwise(way):
            line = min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)
            hit = {
                name
                for cell in cells(line)
                for name in near[cell]
                if is_overlap(line, sides(placed.rects[name]))
            }
            result += [f"{edge.source} -> {edge.target} runs through {name}" for name in hit]
            if x1 != x2 and y1 != y2:
                result.append(f"{edge.source} -> {edge.target} runs aslant")
    return result


def loose_ends(placed: Placed) -> list[str]:
    """Edges that do not lead from the foot of their source (or a port) to the head or the right
    side of their target.
    """
    result = []
    for edge, way in zip(placed.figure.edges, placed.ways, strict=True):
        source, (left, top, right, _) = placed.rects[edge.source], sides(placed.rects[edge.target])
        target = placed.rects[edge.target]
        begins = is_near(way[0], (source.x, source.y + source.h / 2)) or way[0] in placed.ports
        ends = is_near(way[-1], (target.x, top)) or is_near(way[-1], (right, target.y))
        result += (
            []
            if begins and ends
            else [f"{edge.source} -> {edge.target}: {way}, to {left, top, right}"]
        )
    return result


def outside(placed: Placed, width: float, height: float) -> list[str]:
    """Boxes and edges that reach out of the drawing."""
    corners = [
        (name, x, y)
        for name, rect in placed.rects.items()
        for x, y in (sides(rect)[:2], sides(rect)[2:])
    ]
    corners += [
        (edge.target, x, y)
        for edge, way in zip(placed.figure.edges, placed.ways, strict=True)
        for x, y in way
    ]
    return [name for name, x, y in corners if not (0 < x < width and 0 < y < height)]


def badly_framed(placed: Placed) -> list[str]:
    """Boxes that lie neither within nor outside a frame as they should."""
    result = []
    for frame, rect in zip(placed.figure.frames, placed.frames, strict=True):
        left, top, right, bottom = sides(rect)
        for name, box in placed.rects.items():
            inside = (
                left < sides(box)[0]
                and sides(box)[2] < right
                and top < sides(box)[1]
                and sides(box)[3] < bottom
            )
            apart = not is_overlap((left, top, right, bottom), sides(box))
            if not (inside if name in frame.boxes else apart):
                result.append(f"{name} at the frame of {frame.boxes[0]}")
    return result


def is_near(first: tuple[float, float], second: tuple[float, float]) -> bool:
    return abs(first[0] - second[0]) < NEAR and abs(first[1] - second[1]) < NEAR
