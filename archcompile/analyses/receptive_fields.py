"""Receptive fields: how much of the image can reach one pixel of a map, over all paths.

On one path a layer with a window of k pixels widens the field by (k - 1) times the jump, the
distance in the image between neighbouring pixels of its input, and its stride multiplies the jump
(Araujo et al. 2019, "Computing receptive fields of convolutional neural networks", Distill). Fields
are theoretical: they do not end at the image's border, where windows see zeros. A global pool or
a flatten is a window over its whole map; a reshape is followed value by value, and rows that become
columns are followed, too (`map_fields`). Sizes behind an upsample may be fractions, means over its
pixels: the smallest is rounded down, the largest up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor, prod

from archcompile.analyses.map_fields import (
    Extreme,
    Fields,
    MapFields,
    Number,
    fields_behind_op,
    fields_behind_reshape,
)
from archcompile.graph import LayerGraph, Node
from archcompile.ops import Shape


@dataclass(frozen=True, slots=True)
class Receptive:
    """The pixels (height, width) that reach one pixel of a map, by the narrowest and widest path.

    `jump` is how far the field moves from one pixel to the next; 0 where all see the same, as
    behind a global pool, and where a reshape has put neighbours apart.
    """

    smallest: tuple[int, int]
    largest: tuple[int, int]
    jump: tuple[Number, Number]

    def covers(self, image: Shape) -> bool:
        """Whether the largest field is at least as high and as wide as an image (H, W, C)."""
        return len(image) != 3 or (self.largest[0] >= image[0] and self.largest[1] >= image[1])


def receptive(graph: LayerGraph) -> Mapping[str, Receptive]:
    """The receptive field of a pixel of each node's output. Linear in the number of edges."""
    least, most = _axes(graph, min), _axes(graph, max)
    receptives = {}
    for node in graph:
        (low_h, low_w), (high_h, high_w) = least[node.name], most[node.name]
        receptives[node.name] = Receptive(
            (floor(min(low_h.values())), floor(min(low_w.values()))),
            (ceil(max(high_h.values())), ceil(max(high_w.values()))),
            (_whole(max(high_h)), _whole(max(high_w))),
        )
    return receptives


def last_map(graph: LayerGraph) -> Node:
    """The last map, or tokens, of more than one: what a head sees. Else the last node."""
    maps = [node for node in graph if len(node.shape) > 1 and prod(node.shape[:-1]) > 1]
    return maps[-1] if maps else list(graph)[-1]


def _axes(graph: LayerGraph, extreme: Extreme) -> dict[str, Fields]:
    """Sizes along both axes for each node; `extreme` is `min` or `max`."""
    maps: dict[str, MapFields] = {}
    for node in graph:
        sources, shapes = [maps[name] for name in node.inputs], graph.input_shapes(node)
        if node.op.is_view:
            maps[node.name] = fields_behind_reshape(sources[0], node.shape, extreme)
        else:
            maps[node.name] = fields_behind_op(
                node.shape, sources, shapes, views=node.op.views(*shapes), extreme=extreme
            )
    return {name: fields.in_image for name, fields in maps.items()}


def _whole(number: Number) -> Number:
    return int(number) if number == int(number) else number
