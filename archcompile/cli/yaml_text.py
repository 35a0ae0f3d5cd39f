"""A resolved file as YAML on stdout: a terminal gets lines that fit and still read the same."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath

from archcompile.cli.console import dim, print_text
from archcompile.spec.yaml import Tree
from archcompile.terminal import cells, width_of, wrap

GAP = "  # "
LEAST = 30  # columns for a value beside its place; if there are fewer, it takes the whole line


def print_yaml(trees: Mapping[str, Tree], text: str, has_places: bool) -> None:
    """Prints the text of a file, or its trees with the place that each value came from."""
    if not has_places:
        print_text(text, end="")
        return
    from archcompile.spec.schema import blame, blame_lines

    width = width_of(sys.stdout)
    lines = blame(trees)
    if width is not None and max(map(cells, lines.splitlines())) > width:
        lines = "".join(f"{line}\n" for line in _narrow_lines(blame_lines(trees), width))
    print_text(lines, end="")


def _narrow_lines(lines: Sequence[tuple[str, str]], width: int) -> Iterator[str]:
    """Values wrapped on the left of their places; a value that is too wide stands above its place.

    Places that would take more than a third of the width are named without their folders.
    """
    longest = max(cells(place) for _, place in lines)
    if longest + len(GAP) > width // 3:
        lines = [(text, _without_folder(place)) for text, place in lines]
        longest = max(cells(place) for _, place in lines)
    room = width - longest - len(GAP)
    for text, place in lines:
        indent = len(text) - len(text.lstrip(" "))
        *others, last = wrap(text, room if place and room - indent >= LEAST else width)
        yield from others
        if place and cells(last) > room:
            yield last
            last = ""
        # behind the end: within a quoted text, it would be a part of that
        yield f"{last}{' ' * (room - cells(last))}{dim(GAP + place)}" if place else last


def _without_folder(place: str) -> str:
    if place.startswith("--set "):
        return place
    return ", ".join(PurePath(part).name for part in place.split(", "))
