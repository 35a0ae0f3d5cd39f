"""`archc export`: what is written computes what the run does, in the program that will read it, or
is not kept.
"""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import archcompile
from archcompile.data import sources as data
from archcompile.errors import ArchError, DataError, UsageError
from archcompile.exporting.formats import FORMATS, Exported
from archcompile.inference.evaluation import load_subject, score
from tests.command_line import Archc
from tests.exporting.written import written
from tests.training.runs import run_tiny, silent

pytestmark = pytest.mark.keras

RECIPE = """\
archc: 1
name: tiny
data: {{source: digits}}
batch_size: 64
epochs: 2
preprocessing: {{scale: 16, mean: {mean}, std: {std}}}
optimizer: {{kind: adam, learning_rate: 0.003}}
"""


def train_on_digits(folder: Path, mean: str, std: str) -> Path:
    """A run on the digits, 8x8 and grey."""
    (folder / "recipe.yaml").write_text(RECIPE.format(mean=mean, std=std))
    return run_tiny(folder / "run", recipe=folder / "recipe.yaml").path


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with a mean image."""
    return train_on_digits(tmp_path_factory.mktemp("per_pixel"), "per_pixel", "none")


@pytest.fixture(scope="module")
def by_channel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with a mean and a deviation of each channel."""
    return train_on_digits(tmp_path_factory.mktemp("per_channel"), "per_channel", "per_channel")


# ---- in the program that reads it: independent of the product's own loading ----------------------


def in_keras(path: str, x: Any) -> Any:
    import keras

    return np.asarray(keras.models.load_model(path)(x))


def in_tensorflow(path: str, x: Any) -> Any:
    import tensorflow as tf

    loaded = tf.saved_model.load(path)
    return np.asarray(loaded.serve(x))


def in_onnxruntime(path: str, x: Any) -> Any:
    import onnxruntime

    session = onnxruntime.InferenceSession(path)
    return session.run(None, {"input": x})[0]


def in_litert(path: str, x: Any) -> Any:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(path)
    (given,), (built,) = interpreter.get_input_details(), interpreter.get_output_details()
    interpreter.resize_tensor_input(given["index"], x.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(given["index"], x)
    interpreter.invoke()
    return interpreter.get_tensor(built["index"])


READERS = {
    "keras": in_keras,
    "saved_model": in_tensorflow,
    "onnx": in_onnxruntime,
    "litert": in_litert,
}


PLAIN, FOLDED = ("whole", ()), ("by_channel", ("drop_dead_bias", "fold_bn"))
SLOW = ("saved_model", "litert")  # to write


@pytest.mark.parametrize(
    ("run", "passes", "form"),
    [
        *(pytest.param(*PLAIN, form, id=f"{form}-plain") for form in READERS),
        *(
            pytest.param(
                *FOLDED,
                form,
                id=f"{form}-folded",
                marks=pytest.mark.thorough if form in SLOW else (),
            )
            for form in READERS
        ),
    ],
)
def test_raw_pixels_get_the_probabilities_of_the_evaluation(
    run: str, form: str, passes: tuple[str, ...], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    folder = request.getfixturevalue(run)
    record = written(
        folder, form, tmp_path / "net" / FORMATS[form].file, preprocessing=True, passes=passes
    )
    _, probabilities = score(load_subject(folder, "last", None, data_dir=None, say=silent))
    pixels = data.load("digits").test.images.astype("float32")
    actual = READERS[form](record["file"], pixels)
    assert np.abs(actual - probabilities).max() <= 1e-5
    assert (actual.argmax(1) == probabilities.argmax(1)).all()
    check = record["check"]
    assert check["on"].startswith("256 test images of digits") and check["telling"]
    assert check["equal_arg_max"] == check["images"] == 256 and check["largest_difference"] <= 1e-5
    assert record["passes"] == list(passes) and record["preprocessing"]["inside"]
    assert record["input"]["values"] == "pixels 0 to 255"


def test_what_stands_beside_it(whole: Path) -> None:
    record = written(whole, "onnx", which="best")
    assert record["file"] == str(whole / "export/model.onnx")
    beside = json.loads(Path(record["about"]).read_text())
    assert (
        archcompile.api.compile_text(beside["spec"]).hash
        == beside["hash"]
        == archcompile.compile(str(whole / "resolved.yaml")).hash
    )
    assert beside["classes"] == [str(digit) for digit in range(10)]
    assert beside["weights"].endswith("epoch 2") or "best checkpoint" in beside["weights"]
    assert beside["head_output"] == "probabilities"
    assert beside["preprocessing"]["scale"] == 16 and not beside["preprocessing"]["inside"]
    assert sorted(path.name for path in (whole / "export").iterdir()) == [
        "model.onnx",
        "model.onnx.json",
    ]
    import onnx

    facts = {prop.key: prop.value for prop in onnx.load(record["file"]).metadata_props}
    assert (
        facts["spec_hash"] == beside["hash"] and json.loads(facts["classes"]) == beside["classes"]
    )


def test_pixels_that_are_not_there(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then random ones are compared, and it is said."""
    from archcompile import run_folder

    def gone(*_: Any) -> None:
        raise DataError("the images are gone")

    monkeypatch.setattr(run_folder, "load_dataset", gone)
    message: list[str] = []
    record = written(whole, "keras", tmp_path / "a.keras", say=message.append)
    assert record["check"]["on"] == "256 random images" and message == [
        "comparing on random images: the images are gone"
    ]
    with pytest.raises(DataError, match="are gone"):
        written(whole, "keras", tmp_path / "b.keras", data="digits")


# ---- the command ---------------------------------------------------------------------------------

USAGE = {
    "--preprocessing is for runs": ["resnet_v1", "--format", "keras", "--preprocessing"],
    "--checkpoint is for runs": ["resnet_v1", "--format", "keras", "--checkpoint", "best"],
    "does not end in .py": ["resnet_v1", "--format", "source", "-o", "resnet_v1.yaml"],
    "--style is for --format source and torch": [
        "resnet_v1",
        "--format",
        "keras",
        "--style",
        "flat",
    ],
    "--json is not for --format source": ["resnet_v1", "--format", "source", "--json"],
    "there is no pass `fold`": ["resnet_v1", "--format", "source", "--passes", "fold"],
    "--set is for specs": ["RUN", "--format", "onnx", "--set", "depth=8"],
}


@pytest.mark.parametrize("words", USAGE)
def test_wrong_command_lines(words: str, whole: Path, archc: Archc) -> None:
    done = archc("export", *(str(whole) if word == "RUN" else word for word in USAGE[words]))
    assert (
        done.code == UsageError.exit_code
        and words in done.err + done.out
        and not list(Path().iterdir())
    )


def test_a_spec_with_fresh_weights(archc: Archc) -> None:
    done = archc(
        "export",
        "resnet_v1",
        "--set",
        "depth=8",
        "--format",
        "onnx",
        "--passes",
        "fold_bn",
        "--json",
    )
    record = json.loads(done.out)
    assert (
        done.code == 0
        and record["file"] == "build/resnet_v1-depth_8/model.onnx"
        and Path(record["about"]).exists()
    )
    assert (
        record["weights"] == "fresh, seed 0"
        and record["classes"] is None
        and record["preprocessing"] is None
    )
    check = record["check"]
    assert (
        check["weights"] == "random, seed 0"
        and check["telling"]
        and check["largest_difference"] > 1e-9
    )
    import keras
    import onnx

    keras.utils.set_random_seed(0)
    fresh = archcompile.compile("resnet_v1", sets=["depth=8"]).to_keras()
    held = {
        first.name: onnx.numpy_helper.to_array(first)
        for first in onnx.load(record["file"]).graph.initializer
    }
    kernel = np.asarray(fresh.get_layer("head_dense1").kernel)
    # what is kept is fresh
    assert any(
        first.shape == kernel.shape and np.array_equal(first, kernel) for first in held.values()
    )
    shutil.rmtree("build")


OUTPUTS = """archc: 1
input: [8, 8, 3]
stem: [conv: {filters: 4, kernel: 3, name: c1}, bn, relu, conv: {filters: 4, kernel: 1, name: c2}]
outputs: {fine: stem.c1, coarse: stem.c2}
"""


# PyTorch has one in test_torch.py
@pytest.mark.parametrize("form", [form for form in FORMATS if form != "torch"])
def test_the_file_beside_it_says_what_the_file_says(form: str, tmp_path: Path) -> None:
    """The names that its readers need: of two labelled outputs, and of one without a label."""
    for labels in (["fine", "coarse"], ["output"]):
        spec = tmp_path / f"net_{len(labels)}.yaml"
        spec.write_text(OUTPUTS if len(labels) == 2 else OUTPUTS.rsplit("outputs", 1)[0])
        record = written(spec, form, tmp_path / str(len(labels)) / FORMATS[form].file)
        assert [output["label"] for output in record["outputs"]] == labels
        got = named_outputs(
            form, record["file"], record["input"]["name"], x=np.zeros((2, 8, 8, 3), np.float32)
        )
        assert {output["name"]: tuple(output["shape"]) for output in record["outputs"]} == {
            name: y.shape[1:] for name, y in got.items()
        }


def named_outputs(form: str, path: str, given: str, *, x: Any) -> dict[str, Any]:
    """What the program that reads the file gives, by the names that it knows."""
    if form == "keras":
        import keras

        model = keras.models.load_model(path)
        assert given == model.inputs[0].name
        outputs = model(x)
        return dict(outputs) if isinstance(outputs, dict) else {model.output_names[0]: outputs}
    if form == "saved_model":
        import tensorflow as tf

        return dict(
            tf.saved_model.load(path).signatures["serving_default"](**{given: tf.constant(x)})
        )
    if form == "onnx":
        import onnxruntime

        session = onnxruntime.InferenceSession(path)
        names = [output.name for output in session.get_outputs()]
        return {name: session.run([name], {given: x})[0] for name in names}
    from ai_edge_litert.interpreter import Interpreter

    return dict(Interpreter(path).get_signature_runner()(**{given: x}))


def test_a_writer_that_leaves_out_statistics_is_caught_on_a_spec(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With fresh weights, a norm that does nothing would pass."""

    def wrong(what: Exported, path: Path) -> None:
        norm = what.model.get_layer("stem_bn1")
        before = np.asarray(norm.moving_mean)
        norm.moving_mean.assign(before * 0)
        FORMATS["keras"].write(what, path)
        norm.moving_mean.assign(before)

    monkeypatch.setattr(
        "archcompile.exporting.api.FORMATS", {"keras": replace(FORMATS["keras"], write=wrong)}
    )
    (tmp_path / "net.yaml").write_text(OUTPUTS)
    with pytest.raises(ArchError, match="the exported network differs by"):
        written(tmp_path / "net.yaml", "keras", tmp_path / "net.keras")
    assert [path.name for path in tmp_path.iterdir()] == ["net.yaml"]
