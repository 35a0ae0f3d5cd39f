"""`archc expect`: the claims that hold, and how they get into a file without touching anything else
in it.
"""

import json
from pathlib import Path

import pytest

from archcompile.api import compile as compile_spec
from tests.command_line import Archc

NET = """\
archc: 1
vars: {width: 4}          # a comment
input: [8, 8, 3]
stem: [conv: {filters: $width, kernel: 3}, relu]
head: [global_avg_pool, dense: {units: 2}]
"""
CLAIMS = (
    "{depth: 2, params: 122, trainable: 122, non_trainable: 0, macs: 6920, joins: 0, output: [2]}"
)
REST = "trainable: 122, non_trainable: 0, macs: 6920, joins: 0, output: [2]"
REST_LINES = "".join(f"  {claim}\n" for claim in REST.split(", "))


def test_prints_what_holds(archc: Archc) -> None:
    Path("net.yaml").write_text(NET)
    done = archc("expect", "net.yaml")
    assert (done.code, done.out) == (0, f"expect: {CLAIMS}\n")
    assert json.loads(archc("expect", "net.yaml", "--json").out)["expect"]["macs"] == 6920


def test_the_products_of_attention_are_a_claim_of_their_own(archc: Archc) -> None:
    """Of 16 tokens: 16 * 16 products of 2 heads of 4 with keys, and as many with values."""
    net = "archc: 1\ninput: [4, 4, 8]\nstem: [attention: {heads: 2, head_channels: 4}]\n"
    Path("net.yaml").write_text(net)
    assert "attention_macs: 4096, joins" in archc("expect", "net.yaml", "--write").out
    assert "attention_macs: 4096" in Path("net.yaml").read_text()
    Path("net.yaml").write_text(net + "expect: {attention_macs: 4095}\n")
    assert "expected attention_macs 4,095, got 4,096" in archc("expect", "net.yaml").err
    Path("other.yaml").write_text(NET + "expect: {attention_macs: 1}\n")
    done = archc("expect", "other.yaml", "--write")
    assert done.code == 0 and "attention_macs: 0" in done.out


def test_a_claim_that_does_not_hold(archc: Archc) -> None:
    Path("net.yaml").write_text(NET + "expect: {depth: 3, params: 122}\n")
    done = archc("expect", "net.yaml")
    assert (done.code, done.out) == (1, f"expect: {CLAIMS}\n")
    assert "net.yaml:6:17: error[expect-depth]: expected depth 3, got 2" in done.err
    assert (
        json.loads(archc("expect", "net.yaml", "--json").out)["errors"][0]["code"] == "expect-depth"
    )


WRITTEN = {  # the text before and after
    "no expect": (NET, NET + f"expect: {CLAIMS}\n"),
    "no line end": (NET[:-1], NET + f"expect: {CLAIMS}\n"),
    "nothing in it": (NET + "expect:\n", NET + f"expect: {CLAIMS}\n"),
    "null": (NET + "expect: null  # soon\n", NET + f"expect: {CLAIMS}  # soon\n"),
    "empty": (NET + "expect: {}\n", NET + f"expect: {CLAIMS}\n"),
    "in the middle": (
        "expect: {depth: 1, params: 9}   # was\n" + NET,
        f"expect: {{depth: 2, params: 122, {REST}}}   # was\n" + NET,
    ),
    "over two lines": (
        NET + "expect: {depth: 2,  # a\n  params: 0  # b\n}\n",
        NET + f"expect: {{depth: 2,  # a\n  params: 122, {REST}  # b\n}}\n",
    ),
    "a comma too many": (
        NET + "expect: {depth: 2, params: 1,}\n",
        NET + f"expect: {{depth: 2, params: 122, {REST},}}\n",
    ),
    "a block": (
        NET + "expect:\n  depth: 3   # c\n\n  params: 122\n# end\n",
        NET + f"expect:\n  depth: 2   # c\n\n  params: 122\n{REST_LINES}# end\n",
    ),
    "a block, then more": (
        NET + "expect:\n  depth: 2\n  params: 122  # d\ntrain: article\n",
        NET + f"expect:\n  depth: 2\n  params: 122  # d\n{REST_LINES}train: article\n",
    ),
    "a block that ends the file": (
        NET + "expect:\n  depth: 2\n  params: 122",
        NET + f"expect:\n  depth: 2\n  params: 122\n{REST_LINES}",
    ),
    "expressions": (
        NET + "expect: {depth: $(width / 2), params: 1}\n",
        NET + f"expect: {{depth: $(width / 2), params: 122, {REST}}}\n",
    ),
    "shapes": (
        NET + "expect: {shapes: {stem: [9, 9, 4]}, depth: 2, params: 122}\n",
        NET + f"expect: {{shapes: {{stem: [8, 8, 4]}}, depth: 2, params: 122, {REST}}}\n",
    ),
    "shapes last": (
        NET + "expect:\n  depth: 2\n  params: 122\n  shapes:\n    stem: [8, 8, 4]\n",
        NET + f"expect:\n  depth: 2\n  params: 122\n  shapes:\n    stem: [8, 8, 4]\n{REST_LINES}",
    ),
    "a list over lines": (NET + f"expect: {CLAIMS[:-4]}[\n  3]}}\n", NET + f"expect: {CLAIMS}\n"),
    "other line ends": (
        NET.replace("\n", "\r\n"),
        NET.replace("\n", "\r\n") + f"expect: {CLAIMS}\r\n",
    ),
    "one big map": ("{archc: 1, input: [8, 8, 3], stem: [relu]}", None),
}


@pytest.mark.parametrize("case", WRITTEN)
def test_write_changes_nothing_else(archc: Archc, case: str) -> None:
    before, after = WRITTEN[case]
    file = Path("net.yaml")
    file.write_bytes(before.encode())
    done = archc("expect", "net.yaml", "--write")
    assert done.code == 0, done.err
    if after is not None:
        assert file.read_bytes().decode() == after
    assert not [note for note in compile_spec(file).notes if note.code.startswith("expect")]
    again = file.read_bytes()
    assert "nothing to change" in archc("expect", "net.yaml", "--write").err
    assert file.read_bytes() == again
    assert [path.name for path in Path().iterdir()] == ["net.yaml"]


def test_changes_are_told(archc: Archc) -> None:
    Path("net.yaml").write_text(NET + "expect: {depth: 3}\n")
    assert "wrote depth: 2 instead of 3\n" in archc("expect", "net.yaml", "--write").err


@pytest.mark.parametrize(
    "expect", ["{depth: $width, params: 1}", "{dpth: 2}", "{shapes: {stme: [1]}}"]
)
def test_what_cannot_be_mended_leaves_the_file_alone(archc: Archc, expect: str) -> None:
    text = NET + f"expect: {expect}\n"
    Path("net.yaml").write_text(text)
    done = archc("expect", "net.yaml", "--write")
    assert done.code == 1 and "net.yaml:6" in done.err
    assert Path("net.yaml").read_text() == text


def test_a_link_stays_a_link(archc: Archc) -> None:
    Path("real.yaml").write_text(NET)
    Path("net.yaml").symlink_to("real.yaml")
    assert archc("expect", "net.yaml", "--write").code == 0
    assert Path("net.yaml").is_symlink() and "expect:" in Path("real.yaml").read_text()


@pytest.mark.parametrize("name", ["resnet_v1_20", "-"])
def test_only_files_are_written(archc: Archc, name: str) -> None:
    assert archc("expect", name, "--write").code == 2
