"""`archc export --format source` as a user meets it; the formats with weights are in
tests/exporting.
"""

from pathlib import Path

import pytest

from archcompile.source.emitter import to_source
from tests.command_line import Archc, in_a_process
from tests.conftest import shipped_graph


def test_source_goes_to_stdout_or_to_a_file(archc: Archc) -> None:
    done = archc("export", "resnet_v1_20", "--format", "source")
    assert (done.code, done.err) == (0, "") and done.out == to_source(
        shipped_graph("resnet_v1_20"), "article"
    )
    done = archc("export", "resnet_v1_20", "--format", "source", "--style", "flat", "-o", "net.py")
    assert (done.code, done.out, done.err) == (0, "", "wrote net.py\n")
    assert Path("net.py").read_text() == to_source(shipped_graph("resnet_v1_20"), "flat")


def test_passes_and_settings(archc: Archc) -> None:
    done = archc(
        "export",
        "resnet_v1",
        "--set",
        "depth=8",
        "--format",
        "source",
        "--passes",
        "drop_dead_bias,fold_bn",
    )
    assert (
        done.code == 0
        and 'name="resnet_v1-depth_8"' in done.out
        and "BatchNormalization" not in done.out
    )


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["none", "--format", "source"], 2, "none"),
        (["resnet_v1", "--format", "source", "-o", "no/net.py"], 2, "there is no folder no"),
        (["resnet_v1", "--format", "source", "--set", "depth=21"], 1, "not-whole"),
        (["resnet_v1"], 2, "--format"),
        (["resnet_v1", "--format", "onxx"], 2, "onxx"),
        (["resnet_v1", "--format", "source", "--passes", "bn"], 2, "fold_bn"),
        (["resnet_v1", "--format", "source", "--passes", ""], 2, "no pass is named"),
    ],
)
def test_what_is_wrong(arguments: list[str], code: int, words: str, archc: Archc) -> None:
    done = archc("export", *arguments)
    assert done.code == code and words in done.err and not list(Path().iterdir())


VERIFIED = [
    "resnet_v2_20",
    "plain_20",
    "resnet_a_20",
    "se_resnet_20",
    "highway_19",
    "preact_resnet_18 --set input=[32,32,3]",
    "keras_mobilenet_v2 --set size=32",
    "keras_densenet121 --set size=32",
    "densenet_bc_100_12",
    "googlenet --set input=[64,64,3]",
]


@pytest.mark.keras
@pytest.mark.thorough  # one of them is proven with the commands of docs/export.md
@pytest.mark.parametrize("spec", VERIFIED)
def test_source_is_proven_equal(spec: str, tmp_path: Path) -> None:
    """As `archc verify` proves it: layers, wiring, and numbers with random weights."""
    for style in ("article", "flat"):
        written, proven = in_a_process(
            ["export", *spec.split(), "--format", "source", "--style", style, "-o", "net.py"],
            ["verify", *spec.split(), "--against", "source:net.py", "--trust"],
            cwd=tmp_path,
        )
        assert written.code == proven.code == 0, written.err + proven.err + proven.out
        assert proven.out.startswith("same: ") and "largest difference is 0.0e+00" in proven.out
