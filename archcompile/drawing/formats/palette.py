"""Colours of diagrams: one (fill, line) for each size of maps."""

from collections.abc import Iterable, Mapping

from archcompile.drawing.figure import Figure, Size, map_size

Colours = tuple[str, str]  # of the inside and of the line around it
INK, GREY = "#333", "#666"
PLAIN: Colours = ("#f1efe9", "#8d8778")  # the input, and vectors
BY_SIZE: tuple[Colours, ...] = (
    ("#ddd2f3", "#7a63b0"),
    ("#cfe9d0", "#4f8f55"),
    ("#f8d0d6", "#b5606d"),
    ("#cfe1f6", "#5580b3"),
    ("#fbe0bf", "#b07f3a"),
    ("#c9ebe7", "#3f8f86"),
    ("#f5edb5", "#94862e"),
    ("#e6d3df", "#92648a"),
)


def size_colours(sizes: Iterable[Size]) -> dict[Size, Colours]:
    """A colour for each size of maps, in this order; what is no map is plain."""
    maps = [size for size in dict.fromkeys(sizes) if size != (1, 1)]
    return {size: BY_SIZE[at % len(BY_SIZE)] for at, size in enumerate(maps)}


def box_colours(fig: Figure) -> dict[str, Colours]:
    """The colour of every box, by the size that it leads to."""
    colours = size_colours(fig.sizes)
    return {
        name: PLAIN if box.form == "input" else colours.get(map_size(box.shape), PLAIN)
        for name, box in fig.boxes.items()
    }


def part_colours(fig: Figure, boxes: Mapping[str, Colours]) -> dict[str, Colours]:
    """The colour of every part: that of its last box."""
    return dict.fromkeys(fig.parts, PLAIN) | {
        box.part: boxes[name] for name, box in fig.boxes.items() if box.form != "end"
    }
