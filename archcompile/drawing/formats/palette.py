"""Colours of diagrams: one (fill, line) for each part of a network."""

from collections.abc import Iterable

INK, GREY = "#333", "#666"
PLAIN = ("#f1efe9", "#8d8778")  # input, stem and head
STAGES = [
    ("#ddd2f3", "#7a63b0"),
    ("#cfe9d0", "#4f8f55"),
    ("#f8d0d6", "#b5606d"),
    ("#cfe1f6", "#5580b3"),
    ("#fbe0bf", "#b07f3a"),
    ("#c9ebe7", "#3f8f86"),
    ("#f5edb5", "#94862e"),
    ("#e6d3df", "#92648a"),
]


def part_colours(parts: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Stem and head plain, the stages by their place."""
    names = list(parts)
    stages = [part for part in names if part not in ("input", "stem", "head")]
    return dict.fromkeys(names, PLAIN) | {
        part: STAGES[i % len(STAGES)] for i, part in enumerate(stages)
    }
