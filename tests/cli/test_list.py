"""`archc list`: what ships, by family."""

import json
from pathlib import Path

from tests.command_line import Archc


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
