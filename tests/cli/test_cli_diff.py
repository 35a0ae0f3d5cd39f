"""`archc diff`: text, JSON, exit codes."""

import json
from pathlib import Path

import pytest

from tests.command_line import Archc

NET = (
    "archc: 1\ninput: [8, 8, 3]\nstem: [conv: {filters: %s, kernel: 3}, relu]\nhead: "
    "[global_avg_pool, dense: {units: 2}]\n"
)


def test_the_shortcuts_and_nothing_else(archc: Archc) -> None:
    done = archc("diff", "resnet_a_56", "plain_56")
    changes = done.out.split("\n\n")[1]
    assert [line.split() for line in changes.splitlines()] == [
        ["s1", "b1…b9", "-", "shortcut_add1", "add"],
        ["s2", "b1", "-", "shortcut_subsample1", "subsample,", "/2"],
        ["-", "shortcut_pad_channels1", "pad", "channels", "0,16"],
        ["-", "shortcut_add1", "add"],
        ["s2", "b2…b9", "-", "shortcut_add1", "add"],
        ["s3", "b1", "-", "shortcut_subsample1", "subsample,", "/2"],
        ["-", "shortcut_pad_channels1", "pad", "channels", "0,32"],
        ["-", "shortcut_add1", "add"],
        ["s3", "b2…b9", "-", "shortcut_add1", "add"],
    ]
    assert (done.code, done.err) == (0, "")


def test_figures_side_by_side(archc: Archc) -> None:
    done = archc("diff", "resnet_v1_20", "resnet_v1_32", "--batch", 128)
    rows = {" ".join(line.split()) for line in done.out.splitlines()}
    assert {
        "s1 3 x basic -> 5 x basic 3 -> 5 32x32x16 14,304 -> 23,840 14,155,776 -> 23,592,960",
        "parameters 274,442 470,218 +195,776",
        "multiply-adds 40,813,184 69,124,736 +28,311,552",
        "depth 20 32 +12",
        "joins 9 15 +6",
        "paths 512 32,768 +32,256",
        "receptive field 3 … 81 3 … 137",
        "activations at batch 128 185.5 MiB 297.5 MiB +112.0 MiB",
    } <= rows


def test_settings_of_one_and_of_both(archc: Archc) -> None:
    done = archc(
        "diff",
        "resnet_v1",
        "resnet_v1",
        "--set",
        "depth=14",
        "--set-a",
        "classes=7",
        "--set-b",
        "shortcut=none",
    )
    lines = [" ".join(line.split()) for line in done.out.splitlines()]
    assert lines[0] == "resnet_v1-depth_14-classes_7 -> resnet_v1-depth_14-shortcut_none"
    assert "s1 b1…b2 - shortcut_add1 add" in lines and "head ~ dense1 units 7 -> 10" in lines


def test_networks_that_are_called_alike_are_told_apart(archc: Archc, tmp_path: Path) -> None:
    for folder, filters in (("old", 4), ("new", 8)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "net.yaml").write_text(NET % filters)
    assert archc("diff", "old/net.yaml", "new/net.yaml").out.startswith(
        "net (first) -> net (second)\n"
    )
    assert archc("diff", "old/net.yaml", "old/net.yaml").out.startswith(
        "net and net are the same architecture"
    )


def test_exit_codes(archc: Archc) -> None:
    assert archc("diff", "resnet_a_20", "plain_20", "--exit-code").code == 1
    assert archc("diff", "resnet_a_20", "plain_20").code == 0
    same = archc("diff", "resnet_a_20", "plain_20", "--set-a", "shortcut=none", "--exit-code")
    assert same.code == 0
    assert same.out.startswith(
        "resnet_a_20-shortcut_none and plain_20 are the same architecture, hash "
    )
    assert archc("diff", "resnet_a_20", "plain_2O").code == 2, "no such spec"
    assert archc("diff", "resnet_a_20", "plain_20", "--set-b", "shortcut=nome").code == 1


def test_other_names(archc: Archc) -> None:
    Path("one.yaml").write_text(NET % 4)
    Path("other.yaml").write_text((NET % 4).replace("relu]", "relu: {name: act}]"))
    assert archc("diff", "one.yaml", "other.yaml").out.endswith("some layers have other names\n")
    Path("one.yaml").write_text((NET % 4).replace("head:", "stages: {a: [relu]}\nhead:"))
    Path("other.yaml").write_text((NET % 4).replace("head:", "stages: {b: [relu]}\nhead:"))
    assert "stage a of one is called b in other\n" in archc("diff", "one.yaml", "other.yaml").out
    assert archc("diff", "one.yaml", "other.yaml", "--exit-code").code == 0


def test_many_layers_in_one_line_are_counted(archc: Archc) -> None:
    Path("many.yaml").write_text(
        NET % 4 + "stages: {s: [conv: {filters: 4, kernel: 1, repeat: 9}]}\n"
    )
    done = archc("diff", "many.yaml", "many.yaml", "--set-b", "defaults.conv.bias=false")
    assert "conv1, conv2, conv3, conv4, conv5 and 4 more" in done.out


def test_json(archc: Archc) -> None:
    actual = json.loads(
        archc("diff", "resnet_v1_20", "resnet_v1_20", "--set-b", "shortcut=none", "--json").out
    )
    assert actual["same"] is False and actual["outputs"] is None and actual["renamed"] == {}
    assert actual["differences"][1] == {
        "part": "s2",
        "units": [1],
        "changes": [
            {"change": "removed", "layers": ["shortcut_conv1"], "what": "1x1 conv, 32, /2"},
            {"change": "removed", "layers": ["shortcut_add1"], "what": "add"},
        ],
    }
    assert (
        len(actual["layers"]["removed"]) == 11
        and actual["layers"]["added"] == actual["layers"]["changed"] == []
    )
    assert [stage["name"] for stage in actual["stages"]] == ["s1", "s2", "s3"]
    assert (
        actual["a"]["params"]["total"] - actual["b"]["params"]["total"]
        == 16 * 32 + 32 + 32 * 64 + 64
    )
    assert (actual["a"]["paths"], actual["b"]["paths"]) == ({"output": 512}, {"output": 1})
    assert actual["a"]["receptive_field"]["smallest"] == [3, 3]


def test_json_of_settings_and_wiring(archc: Archc) -> None:
    Path("one.yaml").write_text(NET % 4)
    Path("other.yaml").write_text(
        (NET % 6).replace("}, relu", "}, relu, add: {with: input}").replace("8, 8, 3", "8, 8, 6")
    )
    actual = json.loads(archc("diff", "one.yaml", "other.yaml", "--json").out)
    assert actual["layers"] == {
        "removed": [],
        "added": ["stem_add1"],
        "changed": [
            {"name": "input", "settings": {"dims": [[8, 8, 3], [8, 8, 6]]}, "inputs": None},
            {"name": "stem_conv1", "settings": {"filters": [4, 6]}, "inputs": None},
        ],
    }


@pytest.mark.parametrize("spec", ["resnet_v1_20", "resnet_50_fpn"])
def test_a_net_and_itself(archc: Archc, spec: str) -> None:
    actual = json.loads(archc("diff", spec, spec, "--json").out)
    assert (
        actual["same"]
        and actual["differences"] == actual["stages"] == []
        and actual["a"] == actual["b"]
    )


def test_colours_only_on_a_terminal(archc: Archc, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" not in archc("diff", "resnet_a_20", "plain_20").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[31ms1 b1…b3" in archc("diff", "resnet_a_20", "plain_20").out


def test_a_drawing(archc: Archc, tmp_path: Path) -> None:
    for suffix, begins in ((".svg", b"<svg "), (".png", b"\x89PNG")):
        done = archc("diff", "vgg_16", "vgg_19", "-o", tmp_path / f"it{suffix}")
        assert (done.code, done.err) == (0, f"wrote {tmp_path}/it{suffix}\n")
        assert (tmp_path / f"it{suffix}").read_bytes().startswith(begins)
        assert "most layers differ" not in done.err
    done = archc("diff", "resnet_34", "resnet_50", "-o", tmp_path / "it.svg")
    assert "note: most layers differ; `archc graph resnet_34 resnet_50 --style poster" in done.err
    done = archc("diff", "vgg_16", "vgg_19", "-o", tmp_path / "it.gif")
    assert done.code == 2 and "the suffix chooses the format: .svg, .png" in done.err


def test_which_output_is_meant(archc: Archc) -> None:
    text = (
        "archc: 1\ninput: [8, 8, 3]\nstem: [conv: {filters: 4, kernel: 3, name: c1}, conv: "
        "{filters: 4, kernel: 3, name: c2}]\noutputs: %s\n"
    )
    Path("one.yaml").write_text(text % "{fine: stem.c1, coarse: stem.c2}")
    Path("turned.yaml").write_text(text % "{coarse: stem.c1, fine: stem.c2}")
    Path("sorted.yaml").write_text(text % "{coarse: stem.c2, fine: stem.c1}")
    assert "same architecture" in archc("diff", "one.yaml", "sorted.yaml").out
    lines = archc("diff", "one.yaml", "turned.yaml").out.splitlines()
    assert [line.strip() for line in lines if "stem_c" in line] == [
        "outputs  ~ fine: stem_c1 -> stem_c2",
        "~ coarse: stem_c2 -> stem_c1",
    ]
    actual = json.loads(archc("diff", "one.yaml", "turned.yaml", "--json").out)
    assert actual["same"] is False and actual["outputs"] == [
        {"fine": "stem_c1", "coarse": "stem_c2"},
        {"coarse": "stem_c1", "fine": "stem_c2"},
    ]
