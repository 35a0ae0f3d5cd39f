"""Where each value of a file comes from: on one line where all comes from one place, and the
columns of the comments.
"""

from archcompile.errors import Location
from archcompile.spec.schema.value_places import blame, origin, origins
from archcompile.spec.yaml import strict_yaml
from archcompile.spec.yaml.tree import EMPTY, Entry, Map, Scalar, Seq, Tree, expect_map


def written(text: str, file: str = "a.yaml") -> dict[str, Tree]:
    return dict(expect_map(strict_yaml.parse(text, file), "a file").items())


def test_comments_stand_in_one_column_two_behind_the_longest_line() -> None:
    assert (
        blame(written("a: 1\nbb: [1, 2]\n")) == "a: 1        # a.yaml:1\nbb: [1, 2]  # a.yaml:2\n"
    )


def test_no_further_right_than_a_column_but_behind_longer_lines() -> None:
    at, longer = f"a: {'x' * 69}", f"b: {'x' * 72}"  # 72 and 75 letters
    assert blame(written(f"{at}\n{longer}\nc: 1\n")) == (
        f"{at}  # a.yaml:1\n{longer}  # a.yaml:2\n{'c: 1':74}# a.yaml:3\n"
    )
    assert blame(written(f"{at}x\n")) == f"{at}x   # a.yaml:1\n"  # never less than two apart


def test_the_version_is_no_value() -> None:
    trees = written("archc: 1\na: 1\n")
    assert blame(trees) == "archc: 1\na: 1      # a.yaml:2\n" and [
        row["path"] for row in origins(trees)
    ] == [["a"]]


def test_one_line_where_all_is_from_one_place_and_fits() -> None:
    fits = f"a: {{b: {'x' * 50}, c: {'x' * 47}}}"
    assert len(fits) == 110 and blame(written(f"{fits}\n")) == f"{fits}  # a.yaml:1\n"
    b, c = "x" * 50, "x" * 48
    assert (
        blame(written(f"a: {{b: {b}, c: {c}}}\n"))
        == f"a:\n  b: {b}  # a.yaml:1\n  c: {c}    # a.yaml:1\n"
    )


def test_a_line_for_each_part_where_they_are_from_several_places() -> None:
    text = (
        "a:\n  b: 1\n  c:\n    - relu\n    - conv: {filters: 4,\n        kernel: 1}\n    - {x: "
        "1, y: [1,\n        2]}\n    - [1]\n"
    )
    assert (
        blame(written(text))
        == """\
a:
  b: 1                   # a.yaml:2
  c:
    - relu               # a.yaml:4
    - conv:
        filters: 4       # a.yaml:5
        kernel: 1        # a.yaml:6
    - {x: 1, y: [1, 2]}  # a.yaml:7, a.yaml:8
    - [1]                # a.yaml:9
"""
    )


def test_words_for_places() -> None:
    location = Location(file="a.yaml", line=7, column=3)
    setting = Location(file="--set depth", line=1, column=7, width=2, text="depth=20")
    assert origin(EMPTY) == "default" and origin(location) == "a.yaml:7"
    assert origin(setting) == "--set depth=20"


def test_rows_for_machines() -> None:
    location = Location(file="a.yaml", line=2, column=5)
    setting = Location(file="--set n", line=1, column=3, width=1, text="n=3")
    tree = Map(
        {
            "n": Entry(Scalar(3, setting), setting),
            "list": Entry(
                Seq((Scalar("x", location), Map({}, location), Seq((), location)), location),
                location,
            ),
        },
        location,
    )
    empty = {"file": None, "line": None, "column": None}
    assert origins({"name": Scalar("net", EMPTY), "vars": tree}) == [
        {"path": ["name"], "value": "net", "from": "default", **empty},
        {
            "path": ["vars", "n"],
            "value": 3,
            "from": "--set n=3",
            "file": "--set n",
            "line": 1,
            "column": 3,
        },
        {
            "path": ["vars", "list", 0],
            "value": "x",
            "from": "a.yaml:2",
            "file": "a.yaml",
            "line": 2,
            "column": 5,
        },
        {
            "path": ["vars", "list", 1],
            "value": {},
            "from": "a.yaml:2",
            "file": "a.yaml",
            "line": 2,
            "column": 5,
        },
        {
            "path": ["vars", "list", 2],
            "value": [],
            "from": "a.yaml:2",
            "file": "a.yaml",
            "line": 2,
            "column": 5,
        },
    ]
