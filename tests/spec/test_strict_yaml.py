"""Strict YAML: scalars of YAML 1.2, exact places, and input that means harm."""

import re
from typing import Any

import pytest
import yaml

from archcompile.errors import Location, SpecError, UsageError
from archcompile.limits import MAX_YAML_BYTES, MAX_YAML_DEPTH, MAX_YAML_VALUES
from archcompile.spec.yaml import strict_yaml
from archcompile.spec.yaml.strict_yaml import parse, read_text
from archcompile.spec.yaml.tree import Map, Scalar, Seq, Tree, plain

SCALARS: dict[str, Any] = {  # as written -> what YAML 1.2's core schema says it is
    "12": 12, "-12": -12, "+12": 12, "0": 0, "017": 17, "08": 8, "0o17": 15, "0x1F": 31,
    "1_000": "1_000", "1:30": "1:30", "12:30:45": "12:30:45", "-0x1F": "-0x1F", "0b11": "0b11",
    "0o8": "0o8", "0xg": "0xg",
    "1e-4": 1e-4, "1E-4": 1e-4, "1e+4": 1e4, "1e4": 1e4, "1.0e4": 1e4, "1.": 1.0, ".5": 0.5,
    "-.5": -0.5, "1.5": 1.5,
    "1e": "1e", "e5": "e5", ".": ".", "+": "+", "1.2.3": "1.2.3",
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "tRUE": "tRUE",
    "yes": "yes", "no": "no", "on": "on", "off": "off", "Yes": "Yes", "NO": "NO", "y": "y",
    "n": "n",
    "null": None, "Null": None, "NULL": None, "~": None, "": None, "none": "none", "None": "None",
    "2024-01-01": "2024-01-01", "2024-01-01 10:00:00": "2024-01-01 10:00:00", "<<": "<<", "=": "=",
    "'12'": "12", '"12"': "12", "'true'": "true", '"1e-4"': "1e-4", "'null'": "null", "''": "",
    "|\n  12\n": "12\n",
    ">-\n  a\n  b\n": "a b", '"a\\tb\\u00e9"': "a\tbé", "'it''s'": "it's", "a b  # c": "a b",
    "a#b": "a#b",
    "$(a + 1)": "$(a + 1)",
    "inf": "inf", "nan": "nan", "é": "é", "日本": "日本",
}  # fmt: skip


@pytest.mark.parametrize("text", SCALARS)
def test_scalars(text: str) -> None:
    tree = parse(f"k: {text}", "x.yaml")
    actual = plain(tree)["k"]
    assert (actual, type(actual)) == (SCALARS[text], type(SCALARS[text]))


def test_keys_are_text() -> None:
    assert plain(parse("1: a\ntrue: b\n~: c\n1e3: d\n'': e\n", "x")) == {
        "1": "a",
        "true": "b",
        "~": "c",
        "1e3": "d",
        "": "e",
    }


WRONG = {  # text -> (code, line, column)
    "": ("yaml", 1, 1),
    "# nothing\n": ("yaml", 1, 1),
    "--- \n...\n--- a\n": ("yaml", 3, 1),
    "a: 1\n---\nb: 2\n": ("yaml", 2, 1),
    "a: 1\nb: 2\na: 3\n": ("duplicate-key", 3, 1),
    "a: {b: 1, c: 2, b: 1}\n": ("duplicate-key", 1, 17),
    "1: a\n'1': b\n": ("duplicate-key", 2, 1),
    "a: &x 1\n": ("yaml", 1, 4),
    "a: *x\n": ("yaml", 1, 4),
    "a: &x [*x]\n": ("yaml", 1, 4),
    "&k a: 1\n": ("yaml", 1, 1),
    "a: !foo 1\n": ("yaml", 1, 4),
    "a: !!str 1\n": ("yaml", 1, 4),
    "a: ! 1\n": ("yaml", 1, 4),
    "a: !!python/object/apply:os.system [ls]\n": ("yaml", 1, 4),
    "a: !!binary aGk=\n": ("yaml", 1, 4),
    "!x {a: 1}\n": ("yaml", 1, 1),
    "%TAG ! tag:x,2000:\n---\na: !foo x\n": ("yaml", 3, 4),
    "<<: {a: 1}\n": ("yaml", 1, 1),
    "[a]: 1\n": ("yaml", 1, 1),
    "{a: 1}: 1\n": ("yaml", 1, 1),
    "? [a]\n: 1\n": ("yaml", 1, 3),
    "a: [1, 2\n": ("yaml", 1, 4),
    "a: {b: 1\nc: 2\n": ("yaml", 2, 2),
    "a: ]\n": ("yaml", 1, 4),
    "a: 'b\n": ("yaml", 1, 4),
    "a: b: c\n": ("yaml", 1, 5),
    "a:\n\tb: 1\n": ("yaml", 2, 1),
    "a: @b\n": ("yaml", 1, 4),
    "a: `b`\n": ("yaml", 1, 4),
    "a: %b\n": ("yaml", 1, 4),
    "a: 1\n b: 2\n": ("yaml", 2, 3),
    "- a\nb: 1\n": ("yaml", 2, 1),
    "a: \x00\n": ("yaml", 1, 4),
    "a: 1\nb: \x07\n": ("yaml", 2, 4),
    'a: "\\ud800"\n': ("yaml", 1, None),
    'a: "\\q"\n': ("yaml", 1, None),
    "a: b\ud800\n": ("yaml", 1, 5),
    "a: " + "9" * 19: ("out-of-range", 1, 4),
    "a: 0x" + "f" * 200_000: ("out-of-range", 1, 4),
    "a: 1e999": ("out-of-range", 1, 4),
    "a: .inf": ("out-of-range", 1, 4),
    "a: -.Inf": ("out-of-range", 1, 4),
    "a: .nan": ("out-of-range", 1, 4),
    "%YAML 9.9\n---\na: 1\n": ("yaml", 1, 1),
}


@pytest.mark.parametrize("text", WRONG, ids=range(len(WRONG)))
def test_wrong(text: str) -> None:
    code, line, column = WRONG[text]
    with pytest.raises(SpecError) as caught:
        parse(text, "x.yaml")
    (actual,) = caught.value.diagnostics
    at = actual.location
    assert (actual.code, at.file, at.line) == (code, "x.yaml", line)
    assert column is None or at.column == column
    assert at.text == re.split("[\\r\\n]", text)[line - 1] or actual.message == "the file is empty"


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\nb: \x07\n",
        "a: b\ud800\n",
        "a: 1\nb: 'c\n",
        "a: b: c\n",
        "[a]: 1\n",
        "a: {b: 1\nc: 2\n",
    ],
)
def test_a_place_without_an_end_is_one_letter_wide(text: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse(text, "x.yaml")
    assert caught.value.diagnostics[0].location.width == 1


@pytest.mark.parametrize("half", ["ud800", "udfff", "udbff", "udc00"])
def test_half_a_character_that_is_escaped(half: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With PyYAML's own parser, which takes it; libyaml does not."""
    monkeypatch.setattr(strict_yaml, "_LOADER", yaml.SafeLoader)
    with pytest.raises(SpecError, match="half a character"):
        parse(f'a: "x\\{half}"', "x.yaml")
    assert plain(parse('a: "\\ud7ff\\ue000"', "x.yaml")) == {"a": "\ud7ff\ue000"}


def test_hints() -> None:
    for text, hint in (
        ("a: *b", "extends"),
        ("<<: {a: 1}", "defaults"),
        ("a:\n\tb: 1", "tabs"),
        ("a: b: c", "quotes"),
    ):
        with pytest.raises(SpecError) as caught:
            parse(text, "x")
        assert hint in (caught.value.diagnostics[0].hint or ""), text


def test_a_duplicate_shows_the_first() -> None:
    with pytest.raises(SpecError) as caught:
        parse("a: 1\nbb: 2\nbb: 3\n", "x")
    ((words, at),) = caught.value.diagnostics[0].notes
    assert (words, at.line, at.column, at.width, at.text) == ("first here", 2, 1, 2, "bb: 2")


HOSTILE: dict[str, str] = {  # each a text that has broken one YAML reader or another
    "open lists": "[" * 100_000,
    "closed lists": "[" * 100_000 + "]" * 100_000,
    "open maps": "{a: " * 50_000,
    "nested dashes": "- " * 100_000,
    "question marks": "? " * 100_000,
    "keys in lists": "[? " * 30_000,
    "indented maps": "".join(" " * i + "k:\n" for i in range(600)),
    "one long text": "a: " + "x" * (MAX_YAML_BYTES + 1),
    "one long key": "k" * 200_000 + ": 1",
    "a key over the limit of a simple key": "k" * 2000 + ": 1",
    "an explicit long key": "? " + "k" * 2000 + "\n: 1",
    "spaces": " " * 250_000,
    "newlines": "\n" * 250_000,
    "carriage returns": "\r" * 250_000,
    "comments": "#\n" * 120_000,
    "colons": ":" * 250_000,
    "commas": "[" + "," * 200_000,
    "an open quote": 'a: "' + "x\n" * 100_000,
    "escaped newlines": '"' + "\\\n" * 120_000,
    "many keys": "".join(f"k{i}: 1\n" for i in range(30_000)),
    "many items": "a: [" + "1," * 60_000 + "]",
    "anchors": "&a " * 80_000,
    "aliases": "*a " * 80_000,
    "a bomb of aliases": "a: &a [x]\n" + "".join(f"b{i}: &b{i} [*a, *a]\n" for i in range(1000)),
    "a long number": "a: " + "9" * 200_000,
    "a long fraction": "a: 0." + "9" * 200_000 + "e999999",
    "a long exponent": "a: 1e" + "9" * 5000,
    "percent signs": "%" * 250_000,
    "exclamation marks": "!" * 250_000,
    "ampersands": "&" * 250_000,
    "pipes": "|\n" * 100_000,
    "a wild indent": "a: |9\n x",
    "bytes of an image": "\x89PNG\r\n\x1a\n\x00\x00",
    "nul": "a: \x00",
    "delete": "a: \x7f",
    "escape": "a: \x1b]0;x\x07",
    "half a pair": "a: \udfff",
    "a bom inside": "a: b\n\ufeffc: d\n: e",
    "several documents": "--- a\n" * 1000,
    "directives": "%YAML 1.1\n" * 1000,
    "a foreign tag": "a: !<tag:x,2000:y> z",
    "a python object": "a: !!python/name:os.system",
    "surrogates by escape": 'a: "\\udc00\\ud800"',
    "too far in unicode": 'a: "\\U00110000"',
    "dots": "...\n" * 1000,
    "dashes": "---\n" * 1000,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile(name: str) -> None:
    """A coded error with a place, or a plain value; never another exception."""
    text = HOSTILE[name]
    try:
        plain(parse(text, "x.yaml"))
    except SpecError as error:
        for actual in error.diagnostics:
            assert actual.code in ("yaml", "too-large", "out-of-range", "duplicate-key")
            assert 1 <= actual.location.line <= len(strict_yaml._LINE_BREAK.split(text)) + 1
            assert len(actual.message) < 300_000
    else:
        harmless = ("a bom inside", "delete", "dots", "a long fraction", "an explicit long key")
        assert name in harmless, "this text should be refused"


def test_there_are_enough_hostile_texts() -> None:
    assert len(HOSTILE) >= 40


def test_limits_are_where_they_are_said_to_be() -> None:
    def depth(n: int) -> Tree:
        return parse("[" * n + "]" * n, "x")

    def nodes(n: int) -> Tree:  # the list itself is one
        return parse("[" + "1," * (n - 1) + "]", "x")

    def size(n: int) -> Tree:
        return parse("a: " + "é" * ((n - 4) // 2) + " ", "x")

    for make, limit in ((depth, MAX_YAML_DEPTH), (nodes, MAX_YAML_VALUES), (size, MAX_YAML_BYTES)):
        make(limit)
        with pytest.raises(SpecError) as caught:
            make(limit + 2)
        assert caught.value.diagnostics[0].code == "too-large"
    with pytest.raises(SpecError) as caught:
        size(MAX_YAML_BYTES + 2)
    assert caught.value.diagnostics[0].location == Location(file="x", line=1, column=1)
    assert plain(parse("a: " + "9" * 18, "x")) == {"a": 10**18 - 1}


def test_places() -> None:
    tree = parse("# first\na:  {bb: [10, 'x y']}\r\nc: |\n  long\n  text\nd: é日 e\n", "x.yaml")
    assert isinstance(tree, Map)
    inner = tree["a"]
    assert isinstance(inner, Map) and isinstance(inner["bb"], Seq)
    actual = {
        "a": tree.entries["a"].at,
        "map": inner.at,
        "bb": inner.entries["bb"].at,
        "list": inner["bb"].at,
        "10": inner["bb"].items[0].at,
        "quoted": inner["bb"].items[1].at,
        "block": tree["c"].at,
        "d": tree["d"].at,
    }
    assert {k: (at.line, at.column, at.width) for k, at in actual.items()} == {
        "a": (2, 1, 1),
        "map": (2, 5, 1),
        "bb": (2, 6, 2),
        "list": (2, 10, 1),
        "10": (2, 11, 2),
        "quoted": (2, 15, 5),
        "block": (3, 4, 1),
        "d": (6, 4, 4),
    }
    assert actual["10"].text == "a:  {bb: [10, 'x y']}"
    assert actual["d"].text == "d: é日 e"


def test_lines_break_where_libyaml_breaks_them() -> None:
    tree = parse('a: "x"\u2028b: 1\x85c: 2\rd: 3\r\ne: 4\n', "x")
    assert isinstance(tree, Map)
    assert {key: (entry.at.line, entry.at.text[:1]) for key, entry in tree.entries.items()} == {
        "a": (1, "a"),
        "b": (2, "b"),
        "c": (3, "c"),
        "d": (4, "d"),
        "e": (5, "e"),
    }


def test_a_byte_order_mark_is_no_text(tmp_path: Any) -> None:
    file = tmp_path / "x.yaml"
    file.write_bytes(b"\xef\xbb\xbfarchc: 1\n")
    tree = parse(read_text(file), "x.yaml")
    assert plain(tree) == {"archc": 1}
    assert isinstance(tree, Map) and tree.entries["archc"].at.column == 1


def test_both_of_pyyamls_parsers_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    import yaml

    fast = {text: plain(parse(f"k: {text}", "x")) for text in SCALARS}
    monkeypatch.setattr(strict_yaml, "_LOADER", yaml.SafeLoader)
    assert {text: plain(parse(f"k: {text}", "x")) for text in SCALARS} == fast
    for text, (code, line, _) in WRONG.items():
        if len(text) < 1000:
            with pytest.raises(SpecError) as caught:
                parse(text, "x")
            assert caught.value.diagnostics[0].code == code, text
            assert caught.value.diagnostics[0].location.line in (line, line + 1, line - 1), text


def test_files_that_are_none(tmp_path: Any) -> None:
    for make, words in (
        (lambda p: None, "there is no file"),
        (lambda p: p.mkdir(), "expected a YAML file, got a folder"),
        (lambda p: p.symlink_to(p), "cannot be read"),
    ):
        path = tmp_path / words.replace(" ", "_")
        make(path)
        with pytest.raises(UsageError, match=words):
            read_text(path)
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"a: 1\nb: caf\xe9\n")
    with pytest.raises(SpecError) as caught:
        read_text(path)
    assert caught.value.diagnostics[0].location == Location(file=str(path), line=2, column=7)
    path.write_bytes(b"#" * (MAX_YAML_BYTES + 1))
    with pytest.raises(SpecError) as caught:
        read_text(path)
    (large,) = caught.value.diagnostics
    assert (large.code, large.location) == ("too-large", Location(file=str(path), line=1, column=1))


def test_plain_scalars_only() -> None:
    tree = parse("- a\n- {b: }\n", "x")
    assert isinstance(tree, Seq) and isinstance(tree.items[0], Scalar)
    assert plain(tree) == ["a", {"b": None}]
