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
from archcompile.inference.ensemble import evaluate_ensemble
from archcompile.inference.evaluation import evaluate, load_subject, score
from archcompile.inference.prediction import predict
from archcompile.run_folder.folder import Run
from tests.command_line import Archc
from tests.training.runs import RECIPE, assert_same_end, run_tiny, silent

pytestmark = pytest.mark.keras

SPEC = """\
archc: 1
name: net
input: [8, 8, 1]
stem: [conv: {filters: 4, kernel: 3, l2: 1e-3}, bn, leaky_relu]
head:
"""
ONE_SIGMOID = "[global_avg_pool, dense: {units: 1, activation: sigmoid}]"
HEADS = {
    "dense sigmoid": (ONE_SIGMOID, 2),
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
        (
            "[global_avg_pool, average: {branches: {a: [dense: {units: 3}, softmax], b: [dense: "
            "{units: 3}, softmax]}}]"
        ),
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
    (folder / "one.yaml").write_text(spec_of(ONE_SIGMOID))
    (folder / "soft.yaml").write_text(
        spec_of("[global_avg_pool, dense: {units: 2, activation: softmax}]")
    )
    return folder


def train_head(place: Path, name: str, run: str, **options: Any) -> Path:
    sets = ["train.batch_size=8", *options.pop("sets", ())]
    spec, data = place / f"{name}.yaml", str(place / "two.npz")
    return run_tiny(place / run, spec=spec, data=data, sets=sets, **options).path


@pytest.fixture(scope="module")
def runs(place: Path) -> list[Path]:
    """One sigmoid, and a softmax over two classes."""
    return [train_head(place, "one", "one"), train_head(place, "soft", "soft", seed=1)]


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
    train_head(place, "one", "parts", epochs=2)
    again = train_head(place, "one", "parts", epochs=4, resume=True)
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
    ("head", "data", "code", "message"),
    [
        (
            "[global_avg_pool, dense: {units: 2, activation: sigmoid}]",
            "two.npz",
            1,
            ":5:25: error[unclear-head]: the network ends in 2 independent sigmoids",
        ),
        (
            "[global_avg_pool, dense: {units: 2, activation: softmax}, dropout: {rate: 0.5}]",
            "two.npz",
            1,
            "head_dropout1 comes after the softmax",
        ),
        (
            "[global_avg_pool, dense: {units: 2, activation: tanh}]",
            "two.npz",
            1,
            "head_dense1 ends the network in `tanh`",
        ),
        (
            ONE_SIGMOID,
            "digits",
            1,
            ":5:25: error[unclear-head]: a single sigmoid separates two classes, but digits has 10",
        ),
        (
            "[global_avg_pool, dense: {units: 1}]",
            "two.npz",
            4,
            "help: one output with a sigmoid separates two classes: write `activation: sigmoid`",
        ),
        (
            "[global_avg_pool, dense: {units: 3, activation: softmax}]",
            "two.npz",
            4,
            "has 2 classes, but the network separates 3",
        ),
        (
            ONE_SIGMOID,
            "two.npz",
            0,
            "one sigmoid: head_dense1 gives the probability of `1`, and 1 minus it is that of `0`",
        ),
        (
            "[global_avg_pool, dense: {units: 2}, relu]",
            "two.npz",
            0,
            "net.yaml:5:44: warning[one-sided-logits]: head_relu1 ends the network in `relu`",
        ),
        (
            "[global_avg_pool, dense: {units: 2}]",
            "two.npz",
            0,
            "the network does not end in a softmax: its outputs are taken as logits",
        ),
    ],
)
def test_what_the_command_says(
    place: Path, tmp_path: Path, archc: Archc, head: str, data: str, code: int, message: str
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
    assert message in done.out + done.err
    assert not (tmp_path / "run").exists()
