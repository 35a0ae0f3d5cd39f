"""`archc cost`: the tables, the totals, and each figure's convention."""

import json

import pytest

from tests.command_line import Archc

LEVELS = {"layer": "layers", "block": "blocks", "stage": "parts"}


def test_text(archc: Archc) -> None:
    done = archc("cost", "resnet_v1_20", "--batch", 128)
    assert done.code == 0 and done.err == ""
    lines = done.out.splitlines()
    reported = [" ".join(line.split()) for line in lines]
    assert "s1_b1…b3 3 x basic 32x32x16 14,304 14,155,776 96.0 MiB 3 … 15" in reported
    assert "s2 3 x basic 16x16x32 52,192 13,107,200 48.0 MiB 3 … 37" in reported
    assert "parameters 274,442 (273,066 trainable)" in reported
    assert (
        "receptive field 3 … 81 at s3_b3_relu2, the last map; the largest covers the image"
        in reported
    )
    assert "paths 512, of 4 to 20 weighted layers, 12.0 on average; 95% have 7 to 17" in reported
    assert [line for line in lines if "activations" in line and "to train at batch 128" in line]
    conventions = lines[-12:]
    for figure in (
        "parameters",
        "multiply-adds",
        "activations",
        "memory",
        "receptive field",
        "paths",
    ):
        assert any(line.startswith(figure) for line in conventions), "each has its convention"
    assert max(map(len, lines)) <= 130


@pytest.mark.parametrize(
    ("spec", "level", "least", "most"),
    [
        ("resnet_v1_20", "layer", 90, 120),
        ("resnet_v1_20", "block", 20, 45),
        ("resnet_v1_20", "stage", 15, 40),
        ("alexnet", None, 30, 60),
        ("resnet_v2_1001", None, 20, 50),
    ],
)
def test_levels(archc: Archc, spec: str, level: str | None, least: int, most: int) -> None:
    """A layer a line of small networks, folded blocks of large ones, and what was asked for in any
    case.
    """
    done = archc("cost", spec, *(("--level", level) if level else ()))
    assert least <= len(done.out.splitlines()) <= most


def test_a_plain_net_has_one_path_and_several_outputs_have_their_own(archc: Archc) -> None:
    assert "paths            1, of 20 weighted layers\n" in archc("cost", "plain_20").out
    several = archc("cost", "resnet_50_fpn").out
    assert all(f" to p{n}, of " in several for n in (2, 3, 4, 5)) and "#" not in several


def test_astronomic_numbers_of_paths(archc: Archc) -> None:
    assert f"paths            {2**54:,}, of 2 to 110" in archc("cost", "resnet_a_110").out
    power = f"{2**333}"
    assert (
        f"paths            {power[0]}.{power[1:3]}e{len(power) - 1}, of 5 to 1001 "
        in archc("cost", "resnet_v2_1001").out
    )


def test_json(archc: Archc) -> None:
    done = json.loads(
        archc("cost", "resnet_50_fpn", "--json", "--batch", 4, "--optimizer", "momentum").out
    )
    assert {
        "name",
        "depth",
        "params",
        "macs",
        "input_shape",
        "output_shape",
        "nodes",
        "hash",
    } <= set(done)
    assert (done["batch"], done["optimizer"], done["precision"]) == (4, "momentum", "float32")
    memory = done["memory_bytes"]
    assert memory["total"] == sum(n for part, n in memory.items() if part != "total")
    assert memory["optimizer"] == memory["gradients"] == 4 * done["params"]["trainable"]
    for table in LEVELS.values():
        assert sum(row["params"] for row in done[table]) == done["params"]["total"]
        assert sum(row["macs"] for row in done[table]) == done["macs"]
        assert sum(row["activation_bytes"] for row in done[table]) == memory["activations"]
        assert set(done[table][0]["receptive_field"]) == {"smallest", "largest", "jump"}
    assert len(done["layers"]) == done["nodes"]
    assert set(done["paths"]) == set(done["output_shape"]) == {"p2", "p3", "p4", "p5"}
    assert all(sum(actual["counts"]) == actual["total"] for actual in done["paths"].values())


def test_sixteen_bits_and_optimizers(archc: Archc) -> None:
    def memory(*options: str) -> dict[str, int]:
        return json.loads(archc("cost", "resnet_v1_20", "--json", *options).out)["memory_bytes"]

    full, half = memory(), memory("--precision", "mixed_bfloat16")
    assert (
        full["activations"] / 2 < half["activations"] < 0.51 * full["activations"]
        and full["weights"] == half["weights"]
    )
    assert [
        memory("--optimizer", name)["optimizer"] // full["gradients"]
        for name in ("sgd", "momentum", "adam")
    ] == [0, 1, 2]


@pytest.mark.parametrize(
    "wrong",
    [("--level", "unit"), ("--batch", "0"), ("--precision", "float16"), ("--optimizer", "lion")],
)
def test_wrong_options(archc: Archc, wrong: tuple[str, str]) -> None:
    done = archc("cost", "resnet_v1_20", *wrong)
    assert done.code == 2 and done.out == ""
