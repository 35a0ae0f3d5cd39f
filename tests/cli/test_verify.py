"""`archc verify` and `archc build --weights` as a user meets them, one process for all, on one
thread.
"""

import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.verify_rows import (
    BUILDS,
    DEVIATING,
    DEVIATIONS,
    DOCS,
    EXAMPLE,
    MOBILE,
    ROWS,
    SOURCES,
    SPECS,
    V1,
    V2,
)
from tests.command_line import call
from tests.records import records_of

pytestmark = pytest.mark.keras


# ---- the child process ---------------------------------------------------------------------------


def edit_config(source: str, target: str, edit: Callable[[dict[str, Any]], None]) -> None:
    """A copy of a `.keras` file with its config changed."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        record = json.loads(old.read("config.json"))
        edit(record)
        new.writestr("config.json", json.dumps(record))


def prepare() -> None:
    """All files that the rows name, in the working folder."""
    import numpy as np

    import archcompile
    from archcompile.quiet import load_keras

    for name, text in (SPECS | SOURCES).items():
        Path(name).write_text(text)
    for number, name in enumerate(DEVIATIONS):
        Path(f"deviating{number}.py").write_text(DEVIATING.format(name=name))
    keras = load_keras()
    for name in ("oracle", "nested"):
        result: dict[str, Any] = {}
        exec(SOURCES[f"{name}.py"], result)
        result["model"].save(f"{name}.keras")
    archcompile.compile("./ops.yaml").to_keras().save("ops.keras")
    net = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            keras.layers.Activation("relu", name="act"),
            keras.layers.Dense(2, name="d"),
        ]
    )
    net.save("net.keras")

    def layer(name: str, **values: Any) -> Callable[[dict[str, Any]], None]:
        def edit(record: dict[str, Any]) -> None:
            first = next(
                first for first in record["config"]["layers"] if first["config"]["name"] == name
            )
            first["config"] |= values.pop("config", {})
            first |= values

        return edit

    edit_config("net.keras", "lambda.keras", layer("act", class_name="Lambda"))
    edit_config("net.keras", "eval.keras", layer("act", config={"activation": "eval"}))
    edit_config("oracle.keras", "huge.keras", layer("dense", config={"units": 10**12}))

    mobile = keras.applications.MobileNetV2(weights=None, input_shape=(32, 32, 3))
    rng = np.random.default_rng(0)
    for weight in mobile.weights:
        low, high = (0.5, 1.5) if "variance" in weight.name else (-0.1, 0.1)
        weight.assign(rng.uniform(low, high, weight.shape))
    mobile.save("net.keras")
    mobile.save_weights("net.weights.h5")
    Path("cut.weights.h5").write_bytes(Path("net.weights.h5").read_bytes()[:5000])
    x = rng.normal(size=(2, 32, 32, 3)).astype("float32")
    np.savez("expected.npz", x=x, y=mobile(x, training=False).numpy())
    mobile.weights[0].assign(mobile.weights[0] * float("nan"))
    mobile.save_weights("nan.weights.h5")


def record(group: str, name: str, *arguments: str) -> None:
    done = call(*arguments)._asdict()
    print(json.dumps({"name": f"{group} {name}", **done}), flush=True)


def run_all() -> None:
    """In the child process: one JSON record a row."""
    prepare()
    for name, (arguments, _, _) in ROWS.items():
        record("verify", name, "verify", *arguments)
    record("verify", "json", "verify", "small.yaml", "--against", "nested.keras", "--json")
    for number, name in enumerate(DEVIATIONS):
        from tests.verification.deviations import DIFFERENCES

        spec = V1 if DIFFERENCES[name][0] == "v1-8" else V2
        record(
            "deviating",
            name,
            "verify",
            *spec,
            "--against",
            f"source:deviating{number}.py",
            "--trust",
        )
    for name, (arguments, _, _) in BUILDS.items():
        folder = f"built/{name.replace(' ', '_').replace(',', '')}"
        record("build", name, "build", *MOBILE, "-o", folder, *arguments)
        if (Path(folder) / "model.keras").exists():
            import keras
            import numpy as np

            expected = np.load("expected.npz")
            y = keras.saving.load_model(f"{folder}/model.keras")(
                expected["x"], training=False
            ).numpy()
            print(
                json.dumps(
                    {
                        "name": f"outputs {name}",
                        "difference": float(abs(y - expected["y"]).max()),
                        "largest": float(expected["y"].max()),
                    }
                ),
                flush=True,
            )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("verify")


@pytest.fixture(scope="module")
def records(folder: Path) -> dict[str, Any]:
    return records_of(__file__, cwd=folder)


def check(record: dict[str, Any], code: int, words: list[str]) -> None:
    reported = record["out"] + record["err"]
    assert record["code"] == code, reported
    assert all(word in reported for word in words), reported
    assert "Traceback" not in reported and "internal error" not in reported


# ---- tests ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ROWS)
def test_verify(records: dict[str, Any], name: str) -> None:
    check(records[f"verify {name}"], *ROWS[name][1:])


@pytest.mark.parametrize("name", DEVIATIONS)
def test_every_deviation_is_found(records: dict[str, Any], name: str) -> None:
    check(records[f"deviating {name}"], 1, ["different: ", "specs/", DEVIATIONS[name]])


def test_the_certificate(records: dict[str, Any], folder: Path) -> None:
    assert records["verify the article's net"]["code"] == 0
    actual = json.loads((folder / "cert.json").read_text())
    assert actual["verdict"] == "same" and actual["level"] == "exact"
    assert actual["candidate"]["structure"] == actual["reference"]["structure"]
    assert len(actual["candidate"]["hash"]) == len(actual["reference"]["sha256"]) == 64
    assert actual["layers"]["alike"] == 30 and not actual["layers"]["only_reference"]
    numbers = actual["numbers"]
    assert numbers["tolerance"] == {"each": 1e-6, "whole": 1e-6} and numbers["not_equal"] == []
    both = {
        f"{kind} {mode}"
        for kind in ("op", "output", "loss", "gradient")
        for mode in ("inference", "training")
    }
    assert set(numbers["quantities"]) == both | {"weight", "op state training", "state training"}
    assert all(
        kind["largest"] == 0 and kind["count"] > 0 for kind in numbers["quantities"].values()
    )
    assert {"archcompile", "keras", "tensorflow"} <= actual["versions"].keys()
    printed = json.loads(records["verify json"]["out"])
    assert printed.keys() == actual.keys() and printed["verdict"] == "same"


@pytest.mark.thorough
def test_the_example_in_the_docs(tmp_path: Path) -> None:
    example = records_of(__file__, "docs", cwd=tmp_path)["docs example"]
    check(example, 0, [])
    assert f"```text\n{example['out']}```" in DOCS


@pytest.mark.parametrize("name", BUILDS)
def test_build_with_weights(records: dict[str, Any], name: str) -> None:
    _, code, words = BUILDS[name]
    check(records[f"build {name}"], code, words)
    assert (f"outputs {name}" in records) == (code == 0)
    if code == 0:
        assert (
            records[f"outputs {name}"]["difference"] <= 1e-6 * records[f"outputs {name}"]["largest"]
        )


if __name__ == "__main__":
    from archcompile.verification.exact_start import start_exactly

    start_exactly()
    if sys.argv[1:] == ["docs"]:
        record("docs", "example", *EXAMPLE)
    else:
        run_all()
