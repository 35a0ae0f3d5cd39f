"""`archc show`: where values come from, and every value in force."""

import json
from pathlib import Path

from archcompile.api import compile as compile_spec
from tests.command_line import Archc

PARENT = """\
archc: 1
about: >-
  Two lines
  of text
uses: [units.yaml]
vars:
  width: 4
  n: 2
input: [8, 8, 3]
defaults:
  conv: {bias: false, padding: valid}
stages:
  s1: {block: unit, repeat: $n, filters: $width}
shortcut: plus
head:
  - conv:
      filters: $width
      kernel: 1
  - concat: {branches: {a: [relu], b: []}}
"""
UNITS = """\
archc: 1
blocks:
  unit:
    args: {filters: int}
    body:
      - conv: {filters: $filters, kernel: 3, padding: same}
      - shortcut
  unused: [relu]
shortcuts:
  plus: [conv: {filters: $out_channels, kernel: 1, if: $shape_changes}, add: {with: branch}]
"""
CHILD = """\
archc: 1
extends: parent.yaml
vars: {n: 1}
defaults: {conv: {bias: true}}
"""
BLAMED = """\
archc: 1
name: child-width_6                                                       # default
vars:
  width: 6                                                                # --set width=6
  n: 1                                                                    # child.yaml:3
input: [8, 8, 3]                                                          # parent.yaml:9
defaults:
  conv:
    bias: true                                                            # child.yaml:4
    padding: valid                                                        # parent.yaml:11
blocks:
  unit:
    args: {filters: int}                                                  # units.yaml:4
    body:
      - conv: {filters: $filters, kernel: 3, padding: same}               # units.yaml:6
      - shortcut                                                          # units.yaml:7
shortcuts: {plus: [{conv: {filters: $out_channels, kernel: 1, if: $shape_changes}}, \
{add: {with: branch}}]}  # units.yaml:10
stages: {s1: {block: unit, repeat: $n, filters: $width}}                  # parent.yaml:13
shortcut: plus                                                            # parent.yaml:14
head:
  - conv:
      filters: $width                                                     # parent.yaml:17
      kernel: 1                                                           # parent.yaml:18
  - concat: {branches: {a: [relu], b: []}}                                # parent.yaml:19
"""


def write() -> None:
    Path("parent.yaml").write_text(PARENT)
    Path("units.yaml").write_text(UNITS)
    Path("child.yaml").write_text(CHILD)


def test_every_value_with_its_line(archc: Archc) -> None:
    write()
    done = archc("show", "child.yaml", "--set", "width=6", "--blame")
    assert (done.code, done.out) == (0, BLAMED)


def test_what_is_shown_is_the_same_spec(archc: Archc) -> None:
    write()
    Path("blamed.yaml").write_text(archc("show", "child.yaml", "--set", "width=6", "--blame").out)
    Path("plain.yaml").write_text(archc("show", "child.yaml", "--set", "width=6").out)
    expected = compile_spec("child.yaml", width=6)
    assert compile_spec("blamed.yaml").hash == compile_spec("plain.yaml").hash == expected.hash


def test_all_shipped_places_are_there(archc: Archc, root: Path) -> None:
    """A place names a line of a file, and the line holds the value."""
    actual = json.loads(archc("show", "resnet_v2_29", "--blame", "--json").out)["blame"]
    assert len(actual) > 50
    for item in actual:
        if item["file"]:
            line = Path(item["file"]).read_text().splitlines()[item["line"] - 1]
            assert str(item["value"])[:4] in line[item["column"] - 1 :] or item["value"] in (
                True,
                False,
                1e-4,
            )


def test_a_name_that_is_written(archc: Archc) -> None:
    write()
    Path("child.yaml").write_text(CHILD + "name: other\n")
    actual = json.loads(archc("show", "child.yaml", "--blame", "--json").out)
    assert actual["name"] == "other"
    assert actual["blame"][0] == {
        "path": ["name"],
        "value": "other",
        "from": "child.yaml:5",
        "file": "child.yaml",
        "line": 5,
        "column": 7,
    }


DEFAULTS = """\
vars: {width: 6, n: 1}
input:
  input: input {dims: [8, 8, 3]}
s1: unit, unit 1
  s1_b1_conv1: conv {bias: true, kernel: 3, padding: same, filters: 6}  \
default {init: glorot_uniform, bias_init: 0.0, l2: 0.0, l1: 0.0, activation: null, stride: 1, \
dilation: 1, groups: 1}
"""


def test_every_value_in_force(archc: Archc) -> None:
    write()
    done = archc("show", "child.yaml", "--set", "width=6", "--defaults")
    assert done.out.startswith(DEFAULTS)
    layers = json.loads(
        archc("show", "child.yaml", "--set", "width=6", "--defaults", "--json").out
    )["layers"]
    graph = compile_spec("child.yaml", width=6)
    assert [layer["name"] for layer in layers] == list(graph.nodes)
    for layer in layers:
        op = graph.nodes[layer["name"]].op
        names = {info.alias or name for name, info in type(op).model_fields.items()}
        assert layer["given"].keys() | layer["default"].keys() == names
        assert not layer["given"].keys() & layer["default"].keys()


def test_units_that_are_alike_are_told_once(archc: Archc) -> None:
    out = archc("show", "resnet_v1_20", "--defaults").out
    assert "s2: basic, units 2 to 3, written as unit 2\n" in out and "s2_b3" not in out


def test_one_text_at_a_time(archc: Archc) -> None:
    assert archc("show", "resnet_v1_20", "--defaults", "--blame").code == 2
    both = json.loads(archc("show", "resnet_v1_20", "--defaults", "--blame", "--json").out)
    assert {"name", "vars", "spec", "blame", "layers"} == both.keys()
