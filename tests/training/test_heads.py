"""Heads of every kind, trained, scored and asked: against Keras' losses, from start to end, and
refused by the commands.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from archcompile.api import compile_text
from archcompile.data.dataset import Dataset, Split, fingerprint
from archcompile.engine.epoch_order import batches, order
from archcompile.engine.image_statistics import statistics
from archcompile.inference.ensemble import evaluate_ensemble
from archcompile.inference.evaluation import evaluate, load_subject, score
from archcompile.inference.prediction import predict
from archcompile.ops import REGISTRY
from archcompile.run_folder.folder import Run
from tests.command_line import Archc
from tests.ops.rows import ROWS
from tests.training.nets import recipe
from tests.training.runs import RECIPE, assert_same_end, run_tiny, silent

pytestmark = pytest.mark.keras

SPEC = """\
archc: 1
name: net
input: [8, 8, 1]
stem: [conv: {filters: 4, kernel: 3, l2: 1e-3}, bn, leaky_relu]
head:
"""
ONE = "[global_avg_pool, dense: {units: 1, activation: sigmoid}]"
HEADS = {
    "dense sigmoid": (ONE, 2),
    "sigmoid": ("[global_avg_pool, dense: {units: 1}, sigmoid]", 2),
    "mean of sigmoids": (
        "[conv: {filters: 1, kernel: 1, activation: sigmoid}, global_avg_pool]",
        2,
    ),
    "softmax": ("[global_avg_pool, dense: {units: 3}, softmax]", 3),
    "softmax, view": (
        "[global_avg_pool, dense: {units: 3, activation: softmax}, reshape: {shape: [3]}]",
        3,
    ),
    "mean of softmaxes": (
        "[conv: {filters: 3, kernel: 1, activation: softmax}, global_avg_pool]",
        3,
    ),
    "average": (
        "[global_avg_pool, average: {branches: {a: [dense: {units: 3}, softmax], b: [dense: {units: 3}, softmax]}}]",
        3,
    ),
    "logits": ("[conv: {filters: 3, kernel: 1}, global_avg_pool]", 3),
}


def spec_of(head: str) -> str:
    return SPEC.replace("head:\n", f"head: {head}\n")


def dataset(classes: int, train: int = 40, test: int = 12) -> Dataset:
    """The brighter, the higher the class."""
    random = np.random.default_rng(0)

    def split(count: int) -> Split:
        labels = np.arange(count, dtype=np.int64) % classes
        return Split(
            (random.integers(0, 100, (count, 8, 8, 1)) + 70 * labels[:, None, None, None]).astype(
                np.uint8
            ),
            labels,
        )

    parts, names = [split(train), split(test)], tuple("abc"[:classes])
    first, second = parts
    return Dataset(
        name="random",
        label="random",
        train=first,
        test=second,
        classes=names,
        fingerprint=fingerprint(*parts, names),
        place="nowhere",
    )


def loss_of(kind: str, smoothing: float, classes: int) -> Any:
    """Keras' loss of a kind of head, of labels as numbers."""
    import keras

    if classes == 2:
        return keras.losses.BinaryCrossentropy(label_smoothing=smoothing)
    inner = keras.losses.CategoricalCrossentropy(
        from_logits=kind == "logits", label_smoothing=smoothing
    )
    return lambda labels, outputs: inner(
        keras.ops.one_hot(keras.ops.reshape(labels, (-1,)), classes), outputs
    )


@pytest.mark.parametrize(
    ("kind", "smoothing"),
    [("dense sigmoid", 0.1), ("softmax, view", 0.1), ("mean of softmaxes", 0.0), ("logits", 0.1),
     *(pytest.param(*case, marks=pytest.mark.thorough)
       for case in (("sigmoid", 0.0), ("mean of sigmoids", 0.1), ("average", 0.0)))],
)  # fmt: skip
def test_an_epoch_is_what_keras_does(kind: str, smoothing: float) -> None:
    import keras

    from archcompile.engine.tensorflow.devices import Devices
    from archcompile.engine.tensorflow.evaluator import Evaluator
    from archcompile.engine.tensorflow.lowering import lower_for_training
    from archcompile.engine.tensorflow.trainer import Trainer
    from archcompile.keras_model import values_of, variables_of

    steps, classes = HEADS[kind]
    graph, data = compile_text(spec_of(steps)), dataset(classes)
    chosen = recipe(
        augment={"shift": 0.0, "flip": "none"},
        label_smoothing=smoothing,
        optimizer={"kind": "sgd", "learning_rate": 0.1, "momentum": 0.9},
    )
    actual = statistics(data.train, chosen.preprocessing, (8, 8))
    ours, plain = (
        lower_for_training(graph, 3, "float32", devices=Devices.single(), kernels="portable")
        for _ in range(2)
    )
    trainer = Trainer(ours, chosen, data.train, statistics=actual, seed=5, devices=Devices.single())
    for _ in trainer.epoch(0, lambda step: 0.1):
        pass
    accuracy = "binary_accuracy" if classes == 2 else "sparse_categorical_accuracy"
    plain.model.compile(
        keras.optimizers.SGD(0.1, 0.9), loss_of(kind, smoothing, classes), metrics=[accuracy]
    )
    images = data.train.images.astype("float32") / 255 - actual.mean
    parts = [
        plain.model.train_on_batch(images[rows], data.train.labels[rows][:, None], return_dict=True)
        for rows in batches(order(5, 0, 40), 16)
    ]
    means, sizes = trainer.means(), [16, 16, 8]
    for name, theirs in (("loss", "loss"), ("accuracy", accuracy)):
        assert means[name] == pytest.approx(
            sum(logs[theirs] * n for logs, n in zip(parts, sizes, strict=True)) / 40, abs=1e-5
        )
    for name, array in values_of(variables_of(ours.model)).items():
        np.testing.assert_allclose(
            array, values_of(variables_of(plain.model))[name], atol=1e-5, err_msg=name
        )

    evaluator = Evaluator(ours.model, chosen, actual, output=ours.output, devices=Devices.single())
    (probabilities,) = map(np.asarray, evaluator.predict(data.test))
    assert probabilities.shape == (12, classes)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)
    means, labels = evaluator.means(), data.test.labels
    assert means["accuracy"] == (probabilities.argmax(axis=1) == labels).mean()
    assert means["cross_entropy"] == pytest.approx(
        -np.log(probabilities[np.arange(12), labels]).mean(), rel=1e-4
    )


@pytest.mark.parametrize(
    ("head", "wanted"), [("sigmoid", 80.0), ("softmax", 80.0), ("mean of sigmoids", -np.log(1e-7))]
)
def test_the_loss_of_a_hopeless_image(head: str, wanted: float) -> None:
    """From the logits where a softmax or sigmoid stands last; of a mean there are none, and Keras'
    limit holds.
    """
    import tensorflow as tf

    from archcompile.analyses.heads import head as head_of
    from archcompile.engine.tensorflow.losses import CrossEntropy

    graph = compile_text(spec_of(HEADS[head][0]))
    model = graph.to_keras()
    layer = model.get_layer("head_conv1" if "mean" in head else "head_dense1")
    layer.kernel.assign(tf.zeros_like(layer.kernel))
    layer.bias.assign([80.0] + [0.0] * (layer.bias.shape[0] - 1))
    loss = CrossEntropy(model, head_of(graph).output)
    label = 1 if head == "softmax" else 0

    @tf.function
    def lost(images: tf.Tensor) -> tf.Tensor:
        return loss(tf.constant([label], tf.int64), model(images, training=True))

    assert float(lost(tf.zeros((1, 8, 8, 1)))[0]) == pytest.approx(wanted, rel=0.02)


@pytest.mark.parametrize(
    "kind",
    [kind for kind in sorted(ROWS) if REGISTRY[kind].arity == (1, 1) and kind != "activation"],
)
def test_what_averages_keeps_shares(kind: str) -> None:
    """Shares that add up to 1 still do behind each op that says so, in training too."""
    import keras

    from archcompile.keras_model.build import realise

    random = np.random.default_rng(1)
    for row in ROWS[kind][0]:
        op = REGISTRY[kind](**row.attributes).lower()[-1]
        pieces = op.pieces(*row.inputs)
        if not op.is_averaging(*row.inputs) or len(pieces) > 1:
            continue
        (shape,) = row.inputs
        shares = random.dirichlet(np.ones(shape[-1]), (4, *shape[:-1])).astype("float32")
        behind = np.asarray(
            keras.Sequential([realise(pieces[0].call, keras)])(shares, training=True)
        )
        assert behind.min() >= 0
        np.testing.assert_allclose(behind.sum(axis=-1), 1, rtol=1e-5)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes as a file, and specs that tell them apart."""
    folder, data = tmp_path_factory.mktemp("heads"), dataset(2)
    np.savez(
        folder / "two.npz",
        x_train=data.train.images,
        y_train=data.train.labels,
        x_test=data.test.images,
        y_test=data.test.labels,
    )
    (folder / "one.yaml").write_text(spec_of(ONE))
    (folder / "soft.yaml").write_text(
        spec_of("[global_avg_pool, dense: {units: 2, activation: softmax}]")
    )
    return folder


def trained(place: Path, name: str, run: str, **options: Any) -> Path:
    sets = ["train.batch_size=8", *options.pop("sets", ())]
    spec, data = place / f"{name}.yaml", str(place / "two.npz")
    return run_tiny(place / run, spec=spec, data=data, sets=sets, **options).path


@pytest.fixture(scope="module")
def runs(place: Path) -> list[Path]:
    """One sigmoid, and a softmax over two classes."""
    return [trained(place, "one", "one"), trained(place, "soft", "soft", seed=1)]


def test_one_sigmoid_from_start_to_end(place: Path, runs: list[Path]) -> None:
    import keras

    result, actual = (
        json.loads((runs[0] / "result.json").read_text()),
        evaluate(runs[0], say=silent),
    )
    assert result["head_output"] == actual.head_output == "sigmoid"
    assert json.loads((runs[1] / "result.json").read_text())["head_output"] == "probabilities"
    scores = actual.scores
    assert result["test_accuracy"] == scores.accuracy > 0.9
    assert scores.loss == pytest.approx(result["test_loss"])
    assert (scores.confusion.classes, scores.confusion.images) == (("0", "1"), 12)
    test = np.load(place / "two.npz")
    _, probabilities = score(load_subject(runs[0], "last", None, data_dir=None, say=silent))
    mean = Run(runs[0]).read_statistics().mean
    model = keras.saving.load_model(runs[0] / "model.keras")
    outputs = model.predict(test["x_test"].astype(np.float32) / 255 - mean, verbose=0)
    np.testing.assert_allclose(
        probabilities, np.concatenate([1 - outputs, outputs], axis=1), atol=1e-6
    )
    page = (runs[0] / "report.html").read_text()
    assert "one sigmoid, the probability of 1" in page
    for number, label in ((0, "0"), (1, "1")):
        Image.fromarray(test["x_test"][number, :, :, 0]).save(place / f"{label}.png")
    images = predict(runs[0], [place / "0.png", place / "1.png"], say=silent).images
    for image, row in zip(images, probabilities[:2], strict=True):
        reported = {likely.name: likely.probability for likely in image.classes}
        assert [reported["0"], reported["1"]] == pytest.approx(row, rel=1e-5)
        assert image.classes[0].name == Path(image.image).stem


def test_an_ensemble_averages_probabilities(runs: list[Path]) -> None:
    each = [score(load_subject(run, "last", None, data_dir=None, say=silent))[1] for run in runs]
    mean = (each[0].astype(np.float64) + each[1]) / 2
    _, together = evaluate_ensemble(runs, say=silent)
    labels = dataset(2).test.labels
    expected = -np.log(mean[np.arange(12), labels]).mean()
    assert together.scores.cross_entropy == pytest.approx(expected)
    assert together.scores.accuracy == (mean.argmax(axis=1) == labels).mean()


def test_one_sigmoid_is_resumed_bit_by_bit(place: Path, runs: list[Path]) -> None:
    trained(place, "one", "parts", epochs=2)
    again = trained(place, "one", "parts", epochs=4, resume=True)
    assert_same_end(again, runs[0])


def test_an_old_run_has_no_word_of_its_head(place: Path, runs: list[Path], archc: Archc) -> None:
    file = runs[1] / "result.json"
    before = file.read_text()
    file.write_text(
        json.dumps(
            {key: value for key, value in json.loads(before).items() if key != "head_output"}
        )
    )
    try:
        done = archc("compare", *runs)
        assert done.code == 0 and "soft" in done.out
        assert evaluate(runs[1], say=silent).head_output == "probabilities"
    finally:
        file.write_text(before)


def test_half_precision_keeps_every_softmax_of_a_head_exact(place: Path) -> None:
    from archcompile.analyses.precision import float32_nodes

    exact = float32_nodes(compile_text(spec_of(HEADS["average"][0])))
    assert {"head_average1_a_softmax1", "head_average1_b_softmax1", "head_average1"} <= exact
    assert "stem_conv1" not in exact


@pytest.mark.parametrize(
    ("head", "data", "code", "said"),
    [
        ("[global_avg_pool, dense: {units: 2, activation: sigmoid}]", "two.npz", 1, ":5:25: error[unclear-head]: the network ends in 2 independent sigmoids"),
        ("[global_avg_pool, dense: {units: 2, activation: softmax}, dropout: {rate: 0.5}]", "two.npz", 1, "head_dropout1 comes after the softmax"),
        ("[global_avg_pool, dense: {units: 2, activation: tanh}]", "two.npz", 1, "head_dense1 ends the network in `tanh`"),
        (ONE, "digits", 1, ":5:25: error[unclear-head]: a single sigmoid separates two classes, but digits has 10"),
        ("[global_avg_pool, dense: {units: 1}]", "two.npz", 4, "help: one output with a sigmoid separates two classes: write `activation: sigmoid`"),
        ("[global_avg_pool, dense: {units: 3, activation: softmax}]", "two.npz", 4, "has 2 classes, but the network separates 3"),
        (ONE, "two.npz", 0, "one sigmoid: head_dense1 gives the probability of `1`, and 1 minus it is that of `0`"),
        ("[global_avg_pool, dense: {units: 2}, relu]", "two.npz", 0, "net.yaml:5:44: warning[one-sided-logits]: head_relu1 ends the network in `relu`"),
        ("[global_avg_pool, dense: {units: 2}]", "two.npz", 0, "the network does not end in a softmax: its outputs are taken as logits"),
    ],
)  # fmt: skip
def test_what_the_command_says(
    place: Path, tmp_path: Path, archc: Archc, head: str, data: str, code: int, said: str
) -> None:
    spec = tmp_path / "net.yaml"
    spec.write_text(spec_of(head))
    source = data if data == "digits" else place / data
    done = archc(
        "train",
        spec,
        "--recipe",
        RECIPE,
        "--data",
        source,
        "--run-dir",
        tmp_path / "run",
        "--dry-run",
    )
    assert done.code == code, done.err
    assert said in done.out + done.err
    assert not (tmp_path / "run").exists()
