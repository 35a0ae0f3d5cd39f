"""`archc new`: a minimal child that is what `--set` makes of its parent."""

import json
from pathlib import Path

import pytest

from archcompile.api import compile as compile_spec
from tests.command_line import Archc

PARENT = """\
archc: 1
vars: {width: 4, n: $(width / 2)}
input: [8, 8, 3]
defaults: {conv: {init: {normal: {std: 0.1}}}, bn: {momentum: 0.9, epsilon: 1e-4}}
blocks:
  unit: {args: {filters: int}, body: [conv: {filters: $filters, kernel: 3}, shortcut, relu]}
shortcuts:
  plus: {args: {scale: 1.0}, body: [rescale: {scale: $scale}, add: {with: branch}]}
stem: [conv: {name: entry, filters: $width, kernel: 3}, bn]
stages:
  s1: {block: unit, repeat: $n, filters: $width}
  s2: {block: unit, repeat: 2, filters: $width}
shortcut: {plus: {scale: 0.5}}
head: [global_avg_pool, dense: {units: 2}]
train: article
"""
CHANGES = {  # settings and the lines they leave in the child
    "a variable": (("width=8",), ["vars: {width: 8}"]),
    "a path": (("stages.s2.repeat=3",), ["stages: {s2: {repeat: 3}}"]),
    "several": (
        ("width=8", "stages.s1.repeat=1", "input=[16, 16, 3]"),
        ["vars: {width: 8}", "input: [16, 16, 3]", "stages: {s1: {repeat: 1}}"],
    ),
    "a choice": (("shortcut=none",), ["shortcut: none"]),
    "an argument of a choice": (("shortcut.plus.scale=0.25",), ["shortcut: {plus: {scale: 0.25}}"]),
    "a choice for a name": (
        ("defaults.conv.init=he_normal",),
        ["defaults: {conv: {init: he_normal}}"],
    ),
    "a map with fewer keys": (
        ("defaults.bn={momentum: 0.5}",),
        ["remove: [defaults.bn.epsilon]", "defaults: {bn: {momentum: 0.5}}"],
    ),
    "a choice with fewer arguments": (("shortcut={plus: {}}",), ["remove: [shortcut.plus.scale]"]),
    "a named step": (
        ("stem.entry.kernel=5",),
        ["stem:", "  - conv: {name: entry, filters: $width, kernel: 5}", "  - bn"],
    ),
    "an expression": (("width=$(2 * 3)",), ["vars: {width: $(2 * 3)}"]),
    "what it is already": (("width=4",), []),
    "nothing": ((), []),
    "a new stage": (
        ("stages.s3={block: unit, filters: 4}",),
        ["stages: {s3: {block: unit, filters: 4}}"],
    ),
    "a new stage in its place": (
        ("stages.x={after: s1, block: unit, filters: 4}",),
        ["stages: {x: {after: s1, block: unit, filters: 4}}"],
    ),
    "lists in their places": (
        ("stages.x={after: stem, steps: [relu]}", "stages.y={after: x, steps: [tanh]}"),
        ["stages:", "  x: {after: stem, steps: [relu]}", "  y: {after: x, steps: [tanh]}"],
    ),
    "a stage that moves": (
        ("stages.s1.after=s2", "stages.s1.repeat=3"),
        ["stages: {s1: {after: s2, repeat: 3}}"],
    ),
    "a stage that moves alone": (("stages.s2={after: stem}",), ["stages: {s1: {after: s2}}"]),
}


@pytest.mark.parametrize("case", CHANGES)
def test_the_child_says_only_what_differs(archc: Archc, case: str) -> None:
    Path("parent.yaml").write_text(PARENT)
    sets, lines = CHANGES[case]
    words = [word for setting in sets for word in ("--set", setting)]
    assert archc("new", "child", "--from", "parent.yaml", *words).code == 0
    text = Path("child.yaml").read_text().splitlines()
    assert text[0] == "archc: 1" and text[1].startswith("about: ")
    assert text[2] == "extends: parent.yaml"
    end = next(i for i, line in enumerate(text) if line.startswith("expect:"))
    assert text[3:end] == lines
    child = compile_spec("child.yaml")
    assert child.hash == compile_spec("parent.yaml", sets=sets).hash
    assert not [note for note in child.notes if note.code.startswith("expect")]


def test_the_difference_is_printed(archc: Archc) -> None:
    done = archc("new", "small", "--from", "resnet_v1", "--set", "depth=8")
    assert done.code == 0
    assert [line.split() for line in done.out.splitlines()] == [
        ["depth", "parameters", "multiply-adds"],
        ["resnet_v1", "20", "274,442", "40,813,184"],
        ["small", "8", "78,666", "12,501,632"],
        ["difference", "-12", "-195,776", "-28,311,552"],
    ]
    assert "wrote small.yaml" in done.err
    assert "extends: resnet_v1\n" in Path("small.yaml").read_text()
    assert archc("validate", "small.yaml", "--strict").code == 0


def test_elsewhere_under_another_name(archc: Archc) -> None:
    Path("nets/specs").mkdir(parents=True)
    Path("nets/specs/parent.yaml").write_text(PARENT)
    Path("nets/specs/mine").mkdir()
    done = archc(
        "new", "child", "--from", "nets/specs/parent.yaml", "-o", "nets/specs/mine/x.yaml", "--json"
    )
    assert json.loads(done.out)["file"] == "nets/specs/mine/x.yaml"
    text = Path("nets/specs/mine/x.yaml").read_text()
    assert "\nname: child\n" in text and "\nextends: ../parent.yaml\n" in text
    assert compile_spec("nets/specs/mine/x.yaml").name == "child"


def test_a_parent_out_of_reach(archc: Archc) -> None:
    Path("parent.yaml").write_text(PARENT)
    Path("apart").mkdir()
    done = archc("new", "child", "--from", "parent.yaml", "-o", "apart/child.yaml")
    assert done.code == 1 and "error[unknown-file]" in done.err
    assert not Path("apart/child.yaml").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("taken", "--from", "resnet_v1"), "taken.yaml already exists"),
        (("new.yaml", "--from", "resnet_v1"), "not a valid name for a spec"),
        (("a/b", "--from", "resnet_v1"), "not a valid name for a spec"),
        (("x", "--from", "resnet_v1", "-o", "x.txt"), "does not end in .yaml"),
        (("x", "--from", "-"), "stdin"),
        (("x", "--from", "resnet_v1", "-o", "nowhere/x.yaml"), "no folder"),
        (("x", "--from", "resnet_v7"), "resnet_v7"),
    ],
)
def test_wrong_use(archc: Archc, words: tuple[str, ...], message: str) -> None:
    Path("taken.yaml").write_text("mine")
    done = archc("new", *words)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert Path("taken.yaml").read_text() == "mine" and len(list(Path().iterdir())) == 1


def test_a_setting_that_does_not_fit_writes_nothing(archc: Archc) -> None:
    assert archc("new", "x", "--from", "resnet_v1", "--set", "depth=21").code == 1
    assert not list(Path().iterdir())
