"""The words of a text: as the strict reader has them, and for any text at all."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from archcompile.editor.words import read_words
from archcompile.errors import ArchError
from archcompile.spec.yaml import Map, Scalar, Tree, parse
from tests.editor.editing import position

Place = tuple[tuple[str | int, ...], bool, int, int, int]


def places(tree: Tree, path: tuple[str | int, ...] = ()) -> Iterator[Place]:
    """Path, whether it is a key, line, column and width of everything that is written."""
    if isinstance(tree, Scalar):
        if tree.value is not None:
            yield (path, False, tree.at.line, tree.at.column, tree.at.width)
    elif isinstance(tree, Map):
        for key, entry in tree.entries.items():
            yield ((*path, key), True, entry.at.line, entry.at.column, entry.at.width)
            yield from places(entry.value, (*path, key))
    else:
        for index, item in enumerate(tree):
            yield from places(item, (*path, index))


def test_both_readers_see_the_same(root: Path) -> None:
    files = [*root.glob("specs/**/*.yaml"), *root.glob("tests/cases/**/*.yaml")]
    read = 0
    for file in files:
        text = file.read_text()
        try:
            tree = parse(text, "spec.yaml")
        except ArchError:
            continue
        words = {
            (word.path, word.is_key, start.line, start.column, word.span.end.column - start.column)
            for word in read_words(text).words
            for start in [word.span.start]
        }
        expected = set(places(tree))
        # a text of several lines has no width
        long = {(*place[:4],) for place in expected if place[4] == 1}
        assert {place[:4] for place in words} == {place[:4] for place in expected}, file
        assert {place for place in words if place[:4] not in long} == {
            place for place in expected if place[:4] not in long
        }, file
        read += 1
    assert read > 250


BROKEN = {
    "a bracket that is never closed": ("stem:\n  - conv: {filters: 3\n  - bn\n", ("stem", 1), "bn"),
    "a key without its colon": ("stem:\n  - bn\nhea", ("hea",), "hea"),
    "a tab": ("stem:\n\t- bn\n", ("stem", 0), "bn"),
    "a quote that is never closed": ('name: "x\nstem: [bn]\n', ("stem", 0), "bn"),
    "two values": ("stem: bn relu: x\nhead: [bn]\n", ("head", 0), "bn"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_stands_behind_a_mistake_is_read(name: str) -> None:
    text, path, expected = BROKEN[name]
    assert expected in {word.text for word in read_words(text).words if word.path == path}


HOSTILE = {
    "spaces": "a" + " " * 100_000 + "b",
    "dashes": "- " * 50_000,
    "brackets": "[" * 100_000,
    "braces": "{a: " * 50_000,
    "colons": "a : " * 20_000,
    "nesting": "\n".join(" " * i + "a:" for i in range(500)),
    "signs": "'\"[{:#,\0\t" * 5_000,
    "a megabyte": "x: 1\n" * 200_000,
    "a long name": "x" * 10_000 + ": 1",
    "other line ends": "a: 1\r\nb: 2\x85c: 3\u2028d: 4",
    "nothing": "",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_any_text_is_read(name: str) -> None:
    reading = read_words(HOSTILE[name])
    for word in reading.words[:50]:
        line = reading.lines[word.span.start.line - 1]
        assert word.text in line
    assert position("a\r\nb", 3) == position("a\nb", 2)
