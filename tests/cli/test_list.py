"""`archc list`: what ships, by family."""

import json
from pathlib import Path

import pytest

from tests.command_line import Archc
from tests.terminal import in_terminal


def test_families_with_a_line_each(archc: Archc, root: Path) -> None:
    specs = json.loads(archc("list", "--json").out)["specs"]
    assert {spec["name"] for spec in specs} == {
        path.stem for path in (root / "specs").glob("*.yaml")
    }
    assert all(spec["about"] and "\n" not in spec["about"] for spec in specs)
    family = {spec["name"]: spec["family"] for spec in specs}
    assert family["resnet_v1_110"] == family["resnet_v1"] == "resnet_v1"
    names = [spec["name"] for spec in specs]
    heads = [name for name in names if family[name] == name]
    assert [family[name] for name in names] == [
        head for head in heads for name in names if family[name] == head
    ]
    assert names.index("resnet_v1_20") < names.index("resnet_v1_110"), "numbers by their value"
    lines = archc("list").out.splitlines()
    assert len(lines) == len(specs)
    assert [line.split()[0] for line in lines] == names
    assert [not line.startswith(" ") for line in lines] == [name in heads for name in names]


def test_a_terminal_has_a_heading_and_what_to_do_next() -> None:
    lines = in_terminal(80, "list", "vgg_*").splitlines()
    assert lines[0].split() == ["spec", "what", "it", "is"]
    assert lines[-1].startswith("next: archc graph SPEC")


@pytest.mark.parametrize(
    ("pattern", "names"),
    {
        "MobileNetV3": {"keras_mobilenet_v3_large", "keras_mobilenet_v3_small"},
        "vgg_*": {"vgg_16", "vgg_19"},
        "vgg_?[69]": {"vgg_16", "vgg_19"},
        "Srivastava": {"highway_19"},
    }.items(),
)
def test_a_pattern_is_looked_for_in_names_and_summaries(
    archc: Archc, pattern: str, names: set[str]
) -> None:
    specs = json.loads(archc("list", pattern, "--json").out)["specs"]
    assert {spec["name"] for spec in specs} == names


def test_a_pattern_of_nothing(archc: Archc) -> None:
    done = archc("list", "vgg_17")
    assert done.code == 2 and "did you mean `vgg_1" in done.err and not done.out


def test_recipes_and_sources_are_listed_too(archc: Archc, root: Path) -> None:
    recipes = json.loads(archc("recipe", "list", "--json").out)["recipes"]
    shown = archc("recipe", "list").out.splitlines()
    names = [path.stem for path in sorted((root / "specs/recipes").glob("*.yaml"))]
    assert [recipe["name"] for recipe in recipes] == names == [line.split()[0] for line in shown]
    sources = json.loads(archc("data", "list", "--json").out)["sources"]
    shown = archc("data", "list").out.splitlines()[1:]
    assert [source["name"] for source in sources] == [line.split()[0] for line in shown]
    assert sources[0]["size"]["train"] == 50_000 and max(map(len, shown)) <= 80
