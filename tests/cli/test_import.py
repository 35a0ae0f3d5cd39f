"""`archc import` as a user meets it."""

import json
from pathlib import Path

import pytest

from archcompile.api import compile_text
from tests.command_line import Archc, in_a_process


def test_what_cannot_be_written_is_told_before_anything_is_built(
    archc: Archc, tmp_path: Path
) -> None:
    (tmp_path / "there.yaml").write_text("archc: 1\n")
    for arguments, words in [
        (["m.keras", "-o", "there.yaml"], "there.yaml already exists"),
        (["m.keras", "-o", "spec.txt"], "does not end in .yaml"),
        (["m.keras", "-o", "nowhere/spec.yaml"], "there is no folder nowhere"),
        (["m.keras", "--input", "8"], "--input: expected H,W,C"),
    ]:
        done = archc("import", *arguments)
        assert (done.code, done.out) == (2, "") and words in done.err, arguments
    assert (tmp_path / "there.yaml").read_text() == "archc: 1\n"


@pytest.mark.keras
@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("nowhere.keras", "there is no file nowhere.keras"),
        ("model.pb", "neither a `.keras` or `.h5` file nor keras.applications:NAME"),
        ("keras.applications:ResNet51", "did you mean `ResNet50`?"),
        (".", "neither a `.keras` or `.h5` file"),
    ],
)
def test_what_is_no_model(archc: Archc, model: str, words: str, tmp_path: Path) -> None:
    done = archc("import", model, "-o", "spec.yaml")
    assert done.code == 2 and words in done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.keras
def test_there_and_back(archc: Archc, tmp_path: Path) -> None:
    """The proofs are in a process of their own, as they want one thread."""
    built = archc("build", "resnet_v1", "--set", "depth=14", "-o", "built")
    assert built.code == 0, built.err
    model = "built/model.keras"
    done, flat = in_a_process(
        ["import", model, "-o", "back.yaml"], ["import", model, "--flat", "--json"], cwd=tmp_path
    )
    assert (done.code, done.out) == (0, ""), done.err
    text = (tmp_path / "back.yaml").read_text()
    assert "same: back and built/model.keras (exact)" in done.err
    assert f"wrote back.yaml: {len(text.splitlines())} lines, 1 block" in done.err

    record = json.loads(flat.out)
    assert (record["blocks"], record["proof"]["verdict"], record["file"]) == (0, "same", None)
    assert record["hash"] == compile_text(text).hash == compile_text(record["spec"]).hash
    assert record["lines"] > len(text.splitlines()) + 10


@pytest.mark.keras
def test_layers_that_no_spec_can_say_are_listed_and_nothing_is_written(
    archc: Archc, tmp_path: Path
) -> None:
    from archcompile.quiet import load_keras

    keras = load_keras()
    x = inputs = keras.Input((8, 8, 3))
    for name in ("first", "second"):
        x = keras.layers.GaussianNoise(0.1, name=f"{name}_noise")(keras.layers.Conv2D(4, 1)(x))
    keras.Model(inputs, x).save(tmp_path / "m.keras")
    done = archc("import", "m.keras", "-o", "spec.yaml")
    assert done.code == 2 and done.out == ""
    for name in ("first_noise", "second_noise"):
        assert f"`{name}`: is a GaussianNoise: stock, but archc has no op for it" in done.err
    assert not (tmp_path / "spec.yaml").exists()
    actual = json.loads(archc("import", "m.keras", "--json").out)
    assert actual["errors"][0]["code"] == "inexpressible"
