"""Models to specs and back, proven equal: the zoo by way of `.keras` files, networks of
keras.applications, users' models.

In a process of its own, on one thread.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from archcompile.api import LayerGraph, compile_text
from archcompile.api import compile as compile_spec
from archcompile.shipped import shipped_specs
from tests.conftest import shipped_graph
from tests.records import records_of

pytestmark = pytest.mark.keras

ROOT = Path(__file__).resolve().parents[2]
# small ones of several kinds: a spec and what is set in it; tests/cli/test_import.py has another
EVERY_RUN = (
    "resnet_v2 depth=11",
    "highway_19 stages.s1.repeat=3 stages.s2.repeat=2 stages.s3.repeat=2",
    "se_resnet depth=8",
)
# Without those that take minutes or gigabytes; their folding is tested in test_fold.py.
TOO_LARGE = (
    "_1202",
    "_1001",
    "_152",
    "152v2",
    "resnet_152",
    "16x64d",
    "wrn_28_10",
    "plain_110",
    "_110",
    "preact_resnet_164",
    "deeplab_v3_resnet_50",  # it claims shapes, which are those of 520 pixels a side
)
ONE_SIZE = ("mlp_mixer_b16", "mlp_mixer_s16")  # whose kernels have the size of the image
# equal to the last bit, by another hash: a file has the numbers of `normalize` in 32 bits, and a
# cell's branches come back in another order
OTHER_HASH = ("keras_convnext_tiny", "nasnet_mobile")
SMALLER = 96  # pixels a side, of networks for larger images
#  network of keras.applications: lines of the spec at most, blocks
APPLICATIONS = {
    "Small": (25, 0),  # which `keras.applications` is given here
    "ResNet50": (80, 1),
    "ResNet50V2": (80, 1),
    "VGG16": (40, 0),
    "MobileNetV2": (60, 1),
    "DenseNet121": (60, 2),
    "EfficientNetB0": (80, 1),
}

# at that level only, and of 64 x 64 pixels
CANONICAL = {
    "MobileNetV3Small": (110, 1),
    "MobileNetV3Large": (110, 2),
}

# Of every run; the others have up to 40 million weights.
FEW = "Small"

SHARED = """
relu = layers.ReLU(name="shared")
x = relu(layers.Conv2D(8, 3, padding="same")(inputs))
x = layers.GlobalAveragePooling2D()(relu(layers.Conv2D(8, 3)(x)))
model = keras.Model(inputs, layers.Dense(3)(x))
"""
NESTED = """
def unit(width, name):
    i = keras.Input((None, None, width))
    x = layers.Conv2D(width, 3, padding="same", use_bias=False)(i)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Conv2D(width, 3, padding="same", use_bias=False)(x)
    return keras.Model(i, layers.Add()([i, x]), name=name)
x = layers.Conv2D(8, 3, padding="same")(inputs)
for number in range(3):
    x = unit(8, f"unit{number}")(x)
tail = keras.Sequential([
    layers.BatchNormalization(axis=3), layers.ReLU(), layers.GlobalAveragePooling2D(),
    layers.Dense(4)])
model = keras.Model(inputs, tail(x), name="nested_model")
"""
SEQUENTIAL = """
model = keras.Sequential([inputs, *[each for _ in range(6) for each in (
    layers.Conv2D(8, 3, padding="same", kernel_regularizer="l2", kernel_initializer="he_normal"),
    layers.BatchNormalization(momentum=0.9, epsilon=1e-5), layers.ReLU())],
    layers.Flatten(), layers.Dense(5, "softmax")])
"""
OUTPUTS = """
x = layers.Conv2D(8, 3, padding="same", activation="relu", name="low")(inputs)
y = layers.Conv2D(8, 3, padding="same", activation="relu", name="high")(layers.MaxPooling2D()(x))
z = layers.Concatenate()([layers.UpSampling2D()(y), x])
model = keras.Model(inputs, [layers.GlobalAveragePooling2D()(z), y, layers.Conv2D(1, 1)(x)])
"""
UNET = """
def twice(x, width):
    for _ in range(2):
        x = layers.ReLU()(layers.Conv2D(width, 3, padding="same")(x))
    return x
a = twice(inputs, 4)
b = twice(layers.MaxPooling2D()(a), 8)
c = twice(layers.MaxPooling2D()(b), 16)
d = twice(layers.Concatenate()([layers.UpSampling2D()(c), b]), 8)
e = twice(layers.Concatenate()([layers.UpSampling2D()(d), a]), 4)
model = keras.Model(inputs, layers.Conv2D(2, 1, activation="softmax")(e))
"""
TANGLED = """
a = layers.Conv2D(6, 3, padding="same", name="a")(inputs)
b = layers.Conv2D(6, 3, padding="same")(a)
c = layers.Add()([a, b])
d = layers.Multiply()([b, layers.Activation("sigmoid")(c)])
e = layers.Maximum()([c, d, a])
model = keras.Model(inputs, layers.Subtract()([layers.Average()([d, e]), e]))
"""
UNCOVERED = """
model = keras.Sequential([
    inputs, layers.Conv2D(4, 3), layers.AveragePooling2D(2), layers.Flatten(), layers.Dense(2)])
"""
DROPPED = """
inputs = keras.Input(batch_shape=(4, 16, 16, 3))
tail = keras.Sequential([layers.Flatten(), layers.Dropout(0.4), layers.Dense(8)])
model = keras.Sequential([
    inputs, layers.Conv2D(4, 3, activation="relu"), layers.Dropout(0.2), tail,
    layers.Dropout(0.3), layers.Dense(2)])
"""
#  a user's model: what must stand in the spec
MODELS = {
    "shared": (SHARED, ["relu"]),
    "nested": (NESTED, ["repeat: 3", "shortcut", "units: $classes"]),
    "sequential": (
        SEQUENTIAL,
        ["repeat: 5", "l2: 0.01", "init: he_normal", "bn: {momentum: 0.9, epsilon: 1e-05}"],
    ),
    "outputs": (OUTPUTS, ["outputs:"]),
    "unet": (UNET, ["concat"]),
    "tangled": (TANGLED, ["maximum"]),
    "dropped": (DROPPED, ["dropout"]),
    "uncovered": (UNCOVERED, ["pool-does-not-cover"]),
}


def compile_words(words: str) -> LayerGraph:
    """A shipped spec by its name and what is set in it."""
    name, *sets = words.split()
    graph: LayerGraph = compile_spec(name, sets=sets)
    return graph


def build_small(weights: None, input_shape: tuple[int, int, int]) -> Any:
    """What a function of keras.applications does, in few layers."""
    import keras

    x = inputs = keras.Input(input_shape)
    for width in (4, 8):
        x = keras.layers.Conv2D(width, 3, padding="same", activation="relu")(x)
        x = keras.layers.MaxPooling2D(2)(x)
    outputs = keras.layers.Dense(10, "softmax")(keras.layers.Flatten()(x))
    return keras.Model(inputs, outputs, name="small")


def save_script(text: str, path: Path) -> None:
    """The model that a script leads to."""
    import keras

    inputs = keras.Input((16, 16, 3))
    scope: dict[str, Any] = {"keras": keras, "layers": keras.layers, "inputs": inputs}
    exec(text, scope)
    scope["model"].save(path)


def import_all(*names: str) -> None:
    """In the child process: one JSON record for each; `app:NAME`, `model:NAME` or a shipped
    spec.
    """
    from archcompile.verification.exact_start import start_exactly

    start_exactly()
    import keras

    from archcompile.authoring.keras_import import import_model
    from archcompile.graph.text import semantic_hash
    from archcompile.keras_model.build import save_model

    keras.applications.Small = build_small
    for name in names:
        keras.utils.clear_session()
        kind, _, word = name.rpartition(":")
        shape, want, level = None, None, "exact"
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{word}.keras"
            if kind == "app":
                size, level = (64, "canonical") if word in CANONICAL else (32, "exact")
                source, shape = f"keras.applications:{word}", (size, size, 3)
            elif kind == "model":
                save_script(MODELS[word][0], path)
                source = str(path)
            else:
                graph = compile_words(word)
                if graph.input_shape[0] > SMALLER and word not in ONE_SIZE:
                    smaller = (
                        f"size={SMALLER}" if word == "unet" else f"input=[{SMALLER},{SMALLER},3]"
                    )
                    graph = compile_words(f"{word} {smaller}")
                save_model(graph, graph.to_keras(), path)
                source, want = str(path), semantic_hash(graph)
            built = import_model(source, "spec.yaml", shape, level=level)
        assert built.proof.report is not None
        print(
            json.dumps(
                {
                    "name": name,
                    "want": want,
                    "hash": built.graph.hash,
                    "text": built.text,
                    "blocks": built.blocks,
                    "verdict": built.proof.verdict.value,
                    "largest": built.proof.report.worst.difference,
                    "warnings": [note.code for note in built.graph.notes],
                    "notes": built.notes,
                }
            ),
            flush=True,
        )


@pytest.fixture(scope="module")
def records() -> dict[str, Any]:
    return records_of(__file__, *EVERY_RUN, f"app:{FEW}", *(f"model:{name}" for name in MODELS))


def check(record: dict[str, Any]) -> None:
    assert (record["verdict"], record["warnings"]) == ("equal", [])
    assert record["largest"] <= (1e-2 if record["name"].removeprefix("app:") in CANONICAL else 1e-6)
    # claims of depth, parameters and joins hold as well
    assert compile_text(record["text"]).hash == record["hash"]


@pytest.mark.parametrize("name", EVERY_RUN)
def test_the_zoo_comes_back(records: dict[str, Any], name: str) -> None:
    check(records[name])
    assert records[name]["hash"] == records[name]["want"] == compile_words(name).hash


@pytest.mark.thorough
@pytest.mark.parametrize(
    "name",
    [name for name in sorted(shipped_specs()) if not name.endswith(TOO_LARGE)],
)
def test_the_whole_zoo_comes_back(name: str) -> None:
    record = records_of(__file__, name)[name]
    check(record)
    assert (record["hash"] == record["want"]) == (name not in OTHER_HASH)


def check_application(record: dict[str, Any], name: str) -> None:
    check(record)
    lines, blocks = (APPLICATIONS | CANONICAL)[name]
    assert (
        len(record["text"].splitlines()) <= lines
        and record["blocks"] == blocks
        and record["notes"] == []
    )


def test_a_network_of_keras_applications(records: dict[str, Any]) -> None:
    check_application(records[f"app:{FEW}"], FEW)


@pytest.mark.thorough
@pytest.mark.parametrize("name", [name for name in (*APPLICATIONS, *CANONICAL) if name != FEW])
def test_further_networks_of_keras_applications(name: str) -> None:
    check_application(records_of(__file__, f"app:{name}")[f"app:{name}"], name)


@pytest.mark.parametrize("name", MODELS)
def test_models_as_people_write_them(records: dict[str, Any], name: str) -> None:
    record = records[f"model:{name}"]
    check(record)
    assert [words for words in MODELS[name][1] if words not in record["text"]] == [], record["text"]
    reported = {"shared": "called again", "dropped": "4 images at a time"}
    assert len(record["notes"]) == (name in reported) and reported.get(name, "") in "".join(
        record["notes"]
    )


def test_what_cannot_be_folded_is_folded_less_and_said() -> None:
    from archcompile.quiet import load_keras

    load_keras()
    from archcompile.authoring import keras_import

    graph = shipped_graph("resnet_v1_20")
    documents = list(keras_import._documents(graph, "net", unfolded=False))
    assert [document.blocks for document in documents] == [1, 0, 0]
    another = keras_import.fold_document(shipped_graph("resnet_v1_32"), "net", 6)
    broken = keras_import.Document({**documents[0].keys, "stem": ["no_such_step"]}, 1)
    spec = keras_import._first_equal_spec(
        graph, iter([broken, another, *documents[1:]]), "spec.yaml"
    )
    assert spec.blocks == documents[1].blocks
    assert spec.graph.hash == graph.hash == compile_text(spec.text).hash
    assert spec.rejected == (
        "there is no op or block 'no_such_step'",
        "the blocks built a different network",
    )
    with pytest.raises(keras_import.NotProven, match="no spec was found"):
        keras_import._first_equal_spec(graph, iter([another]), "spec.yaml")


if __name__ == "__main__":
    import_all(*sys.argv[1:])
