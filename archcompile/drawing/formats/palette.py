"""Colours of diagrams: one (fill, line) for each size of maps."""

from collections.abc import Iterable, Mapping

from archcompile.drawing.figure import Figure, Size, map_size

Colours = tuple[str, str]  # of the inside and of the line around it
INK, GREY = "#333", "#666"
PLAIN: Colours = ("#f1efe9", "#8d8778")  # the input, and vectors
MIDDLE = 7  # bits of the size of maps that the first colour stands for
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
    """A colour for each size of maps, in this order; what is no map is plain.

    All sizes between two powers of two have one colour, the same in every drawing. A second such
    size in one drawing takes a colour that is still free, where there are enough of these.
    """
    maps = [size for size in dict.fromkeys(sizes) if size != (1, 1)]
    places: dict[Size, int] = {}
    for size in maps:
        place = _place(size)
        if place not in places.values():
            places[size] = place
    free = [place for place in range(len(BY_SIZE)) if place not in places.values()]
    rest = [size for size in maps if size not in places]
    others = free if len(rest) <= len(free) else map(_place, rest)
    places |= dict(zip(rest, others, strict=False))
    return {size: BY_SIZE[places[size]] for size in maps}


def _place(size: Size) -> int:
    """The place of a size's colour: one after another from maps of 64 to 127 pixels downwards."""
    return (MIDDLE - max(size).bit_length()) % len(BY_SIZE)


def box_colours(fig: Figure) -> dict[str, Colours]:
    """The colour of every box, by the size that it leads to."""
    colours = size_colours(fig.sizes)
    return {
        name: PLAIN if box.form == "input" else colours.get(map_size(box.shape), PLAIN)
        for name, box in fig.boxes.items()
    }


def part_colours(fig: Figure, boxes: Mapping[str, Colours]) -> dict[str, Colours]:
    """The colour of every part: that of its last box; of one with several outputs, none."""
    last = {box.part: boxes[name] for name, box in fig.boxes.items() if box.form != "end"}
    single = {part: look for part, look in last.items() if part not in fig.forked}
    return dict.fromkeys(fig.parts, PLAIN) | single


def dark_fills() -> str:
    """The insides of boxes in a dark page, as CSS: the colour of the line, which shines through."""
    rules = "".join(f'[fill="{fill}"] {{ fill: {line}; }}\n' for fill, line in BY_SIZE)
    return f"@media screen and (prefers-color-scheme: dark) {{\n{rules}}}\n"
