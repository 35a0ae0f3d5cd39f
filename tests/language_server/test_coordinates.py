"""Places of archc, from 1 and in characters, and those of an editor, from 0 and in its units."""

import pytest
from lsprotocol import types

from archcompile.editor import Position
from archcompile.language_server.coordinates import Coordinates
from archcompile.language_server.documents import Documents, file_of
from archcompile.language_server.yaml_of_archc import fits_first_key, is_ours

TEXT = "archc: 1\r\nabout: 𝔛é → x\nname: \u2028 y\rlast: ñ"

# (place of archc, line from 0, characters in units of UTF-8, UTF-16 and UTF-32)
PLACES = [
    ((1, 1), 0, (0, 0, 0)),
    ((1, 9), 0, (8, 8, 8)),
    ((2, 1), 1, (0, 0, 0)),
    ((2, 9), 1, (11, 9, 8)),  # behind a letter of four bytes, and two units of UTF-16
    ((2, 10), 1, (13, 10, 9)),
    ((2, 14), 1, (19, 14, 13)),
    ((4, 1), 2, (9, 7, 7)),  # YAML's line begins behind the separator, the editor's goes on
    ((4, 3), 2, (11, 9, 9)),
    ((5, 1), 3, (0, 0, 0)),
    ((5, 8), 3, (8, 7, 7)),
]


@pytest.mark.parametrize(("place", "line", "characters"), PLACES)
def test_both_ways(place: tuple[int, int], line: int, characters: tuple[int, ...]) -> None:
    for encoding, character in zip(("utf-8", "utf-16", "utf-32"), characters, strict=True):
        coordinates = Coordinates(TEXT, encoding)
        in_editor = types.Position(line=line, character=character)
        assert coordinates.for_editor(Position(*place)) == in_editor
        assert coordinates.for_archc(in_editor) == Position(*place)


@pytest.mark.parametrize(
    ("line", "character", "place"),
    [
        (0, 99, (1, 9)),  # the end of the line, not of what ends it
        (99, 0, (5, 8)),
        (1, 8, (2, 8)),  # within the two units of one character
        (3, 99, (5, 8)),
    ],
)
def test_an_editor_s_places_beyond_the_end(
    line: int, character: int, place: tuple[int, int]
) -> None:
    position = types.Position(line=line, character=character)
    assert Coordinates(TEXT).for_archc(position) == Position(*place)


@pytest.mark.parametrize(
    ("place", "line", "character"), [((1, 99), 0, 8), ((99, 1), 3, 7), ((2, 0), 1, 0)]
)
def test_places_of_archc_beyond_the_end(place: tuple[int, int], line: int, character: int) -> None:
    expected = types.Position(line=line, character=character)
    assert Coordinates(TEXT).for_editor(Position(*place)) == expected


def test_lines_of_windows() -> None:
    coordinates = Coordinates("ab\r\ncd\r\n")
    assert coordinates.for_editor(Position(1, 99)) == types.Position(line=0, character=2)
    assert coordinates.for_archc(types.Position(line=1, character=99)) == Position(2, 3)


def test_half_a_character() -> None:
    """JSON can bring in what no file has."""
    coordinates = Coordinates("a: \ud800x")
    assert coordinates.for_editor(Position(1, 6)) == types.Position(line=0, character=5)


def test_an_empty_text() -> None:
    assert Coordinates("").for_editor(Position(3, 4)) == types.Position(line=0, character=0)
    assert Coordinates("").for_archc(types.Position(line=3, character=4)) == Position(1, 1)


@pytest.mark.parametrize(
    ("text", "is_one", "may_be_one"),
    [
        ("archc: 1\n", True, True),
        ('{"archc": 1}', True, True),
        ("input: [8, 8, 3]\nstem: [relu]\n", True, True),  # it will be told what it lacks
        ("", False, True),
        ("# a comment\n", False, True),
        ("arc", False, True),
        ("services:\n  web:\n", False, False),
        ("name: build\non: push\njobs:\n", False, False),
        ("name: x\n", False, False),
        ("openapi: 3.1.0\ninfo: {title: archc}\n", False, False),
        ("\ud800: \x00\tarchc", False, True),
    ],
)
def test_what_is_a_file_of_archc(text: str, is_one: bool, may_be_one: bool) -> None:
    assert (is_ours(text), fits_first_key(text)) == (is_one, may_be_one)


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("file:///home/me/a%20b.yaml", "/home/me/a b.yaml"),
        ("file:///n%C3%A4tze/x.yaml", "/nätze/x.yaml"),
        ("untitled:Untitled-1", None),
        ("git:/home/me/x.yaml?ref=HEAD", None),
        ("file:x.yaml", None),
        ("file:///a%00b.yaml", None),
        ("", None),
    ],
)
def test_files_have_addresses(address: str, path: str | None) -> None:
    file = file_of(address)
    assert (None if file is None else file.as_posix()) == path


def test_a_newer_text_is_known_where_an_editor_repeats_its_versions() -> None:
    documents = Documents()
    first = documents.open("file:///x.yaml", "a", 1)
    second = documents.change("file:///x.yaml", "b", 1)
    assert first and second
    assert not documents.is_current(first) and documents.is_current(second)
    documents.close("file:///x.yaml")
    assert not documents.is_current(second)
