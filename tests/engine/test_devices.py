"""The same training on one device, on two, and in two processes."""

import csv
import json
import os
import socket
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

import archcompile
from archcompile.engine import DeviceNames
from archcompile.engine.tensorflow import devices
from archcompile.errors import ArchError, UsageError
from archcompile.run_folder import checkpoint
from tests import warm
from tests.command_line import call
from tests.conftest import ROOT
from tests.engine.epochs import epoch_of
from tests.training.runs import RECIPE, SPEC, run_tiny
from tests.warm import PIPE, WarmProcess, start_archc

# Batches of 251 images, the last of 245, are uneven on two devices; dropout, norms, shifts,
# clipping and smoothed labels are in. 12 updates: rounding errors grow from step to step.
SETS = [
    "train.batch_size=251",
    "train.optimizer.learning_rate=0.02",
    "train.clip_norm=0.5",
    "train.label_smoothing=0.1",
    "train.loss={focal: {gamma: 1}, class_weights: balanced}",
    "train.metrics=[top_2, auc, calibration_error]",
]
TRAIN = ["train", SPEC, "--recipe", RECIPE, "--epochs", "2", "--kernels", "portable"]
TRAIN += [word for text in SETS for word in ("--set", text)]
CLOSE = 1e-6
METRICS = ("val_auc", "val_calibration_error")
FIGURES = ("loss", "cross_entropy", "l2", "accuracy", "val_loss", "val_accuracy")


def workers(folder: Path, *options: str) -> list[WarmProcess]:
    """Two processes on this machine that train together."""
    with socket.socket() as first, socket.socket() as second:
        for each in (first, second):
            each.bind(("127.0.0.1", 0))
        addresses = [f"127.0.0.1:{each.getsockname()[1]}" for each in (first, second)]

    def start(index: int) -> WarmProcess:
        cluster = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
        return start_archc(
            *(*TRAIN, "--run-dir", folder, *options),
            env={**os.environ, "TF_CONFIG": json.dumps(cluster)},
            stderr=PIPE,
        )

    return [start(index) for index in (0, 1)]


def end(process: WarmProcess) -> str:
    message = process.communicate(timeout=300)[1]
    assert process.returncode == 0, message
    return message


def arrays(folder: Path) -> Mapping[str, np.ndarray]:
    return checkpoint.read(checkpoint.latest_first(folder / "checkpoints")[0]).tensors


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "history.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def assert_same(first: Path, second: Path) -> None:
    first_arrays, second_arrays = arrays(first), arrays(second)
    assert first_arrays.keys() == second_arrays.keys()
    for name, array in first_arrays.items():
        if name.startswith(("model/", "optimizer/")):
            np.testing.assert_allclose(second_arrays[name], array, rtol=0, atol=CLOSE, err_msg=name)
    for row, twin in zip(rows(first), rows(second), strict=True):
        for column in FIGURES:
            assert float(twin[column]) == pytest.approx(float(row[column]), abs=1e-5), column
        for column in METRICS:  # ranks and bins, which rounding may change
            assert float(twin[column]) == pytest.approx(float(row[column]), abs=5e-4), column


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Trained on the one device of this process."""
    folder = tmp_path_factory.mktemp("alone") / "run"
    return run_tiny(folder, epochs=2, kernels="portable", sets=SETS).path


class OnTwoDevices(NamedTuple):
    folder: Path
    messages: dict[str, tuple[int, str]]
    apart: list[float]


# 1,500 images in batches of 300
MIXED = [
    *("--set", "train.batch_size=300"),
    *("--set", "train.augment.mix={mixup: 1, cutmix: 1}"),
    *("--set", "train.augment.policy={kind: trivial_augment}"),
    *("--set", "train.augment.resized_crop={}"),
    *("--set", "train.augment.erase={fill: noise}"),
    *("--set", "train.augment.views=3"),
]
REFUSED = {
    "xla": (["--set", "train.xla=true"], "`xla: true` is for one device"),
    "kernels": (["--kernels", "xla"], "--kernels xla is for one device"),
    "odd_pairs": (
        ["--set", "train.augment.mix={mixup: 1}"],
        "a batch of 251 images cannot be mixed in pairs on 2 devices: expected a multiple of 4",
    ),
    "one_image": (["--set", "train.batch_size=1499"], "the last batch of an epoch has 1 images"),
}


def train_on_two(place: str) -> None:
    """In a process of its own, as the devices are set up before TensorFlow starts: what is refused,
    then a training, then trainers that go side by side. Prints one JSON record.
    """
    messages = {}
    for name, options in {
        **{name: words for name, (words, _) in REFUSED.items()},
        "run": [],
        "mixed": MIXED,
    }.items():
        folder = ["--run-dir", f"{place}/{name}"]
        done = call(*TRAIN, "--device", "cpu:0,cpu:1", *folder, *options)
        messages[name] = (done.code, done.err)
    print(json.dumps({"messages": messages, "apart": list(how_far_apart())}))


@pytest.fixture(scope="module")
def on_two(tmp_path_factory: pytest.TempPathFactory) -> OnTwoDevices:
    place = tmp_path_factory.mktemp("on_two")
    printed = warm.read_output(train_on_two, str(place), cwd=ROOT)
    return OnTwoDevices(place, **json.loads(printed.splitlines()[-1]))


@pytest.mark.keras
def test_two_devices_train_what_one_trains(alone: Path, on_two: OnTwoDevices) -> None:
    code, message = on_two.messages["run"]
    assert code == 0, message
    assert "device: /device:CPU:0, /device:CPU:1" in message.replace(
        "/job:localhost/replica:0/task:0", ""
    )
    assert_same(alone, on_two.folder / "run")


@pytest.mark.keras
def test_two_devices_mix_what_one_mixes(on_two: OnTwoDevices, tmp_path: Path) -> None:
    code, message = on_two.messages["mixed"]
    assert code == 0, message
    sets = [*SETS, *(word for word in MIXED if word != "--set")]
    alone = run_tiny(tmp_path / "run", epochs=2, kernels="portable", sets=sets).path
    assert_same(alone, on_two.folder / "mixed")


@pytest.mark.keras
def test_two_processes_train_what_one_trains(alone: Path, tmp_path: Path) -> None:
    """Stopped by a signal to the second of them, and resumed by both."""
    folder = tmp_path / "run"
    first, two = workers(folder, "--set", "train.checkpoint.steps=1")
    assert first.stderr is not None
    while "epoch 1/2" not in (line := first.stderr.readline()):
        assert line, "ended before its first epoch"
    two.terminate()
    assert [process.wait(timeout=300) for process in (first, two)] == [143, 143]
    epochs, steps = max(checkpoint.by_place(folder / "checkpoints"))
    assert epochs == 1 and 6 <= steps < 12
    for process in workers(folder, "--set", "train.checkpoint.steps=1", "--resume"):
        end(process)
    assert_same(alone, folder)


@pytest.mark.keras
def test_a_process_that_dies_ends_the_others_in_words(tmp_path: Path) -> None:
    first, two = workers(tmp_path / "run", "--epochs", "1000")
    assert first.stderr is not None
    while "epoch 1/1000" not in (line := first.stderr.readline()):
        assert line, "ended before its first epoch"
    two.kill()
    message = first.communicate(timeout=300)[1]
    assert first.returncode == 5 and "another process of this training has ended" in message
    assert "Traceback" not in message


@pytest.mark.keras
@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_spread_is_refused(on_two: OnTwoDevices, name: str) -> None:
    code, message = on_two.messages[name]
    assert code == 2 and REFUSED[name][1] in message
    assert not (on_two.folder / name).exists()


def how_far_apart() -> Iterator[float]:
    """Of one device and of two, after one and two steps with three seeds: the largest difference of
    any variable.
    """
    from archcompile.data import sources as data
    from archcompile.engine.image_statistics import statistics
    from archcompile.engine.tensorflow.lowering import lower_for_training
    from archcompile.engine.tensorflow.trainer import Trainer
    from archcompile.recipe.loading import load

    spread = [devices.choose_devices("cpu:0,cpu:1"), devices.Devices.single()]
    assert [each.replicas for each in spread] == [2, 1]
    graph, images = archcompile.compile(SPEC), data.load("digits").train
    recipe = load(
        Path(RECIPE), ["train.batch_size=251", "train.clip_norm=0.5", "train.label_smoothing=0.1"]
    )
    mean = statistics(images, recipe.preprocessing, (8, 8))
    for seed in range(3):
        trainers = [
            Trainer(
                lower_for_training(graph, seed, "float32", devices=first, kernels="portable"),
                recipe,
                images,
                statistics=mean,
                seed=seed,
                devices=first,
            )
            for first in spread
        ]
        epochs = [epoch_of(trainer, 0, lambda step: 0.02) for trainer in trainers]
        for _ in zip(range(2), *epochs, strict=False):
            first, two = (trainer.tensors() for trainer in trainers)
            yield max(
                float(np.abs(first[name] - two[name]).max())
                for name in first
                if not name.startswith("metrics/")
            )


@pytest.mark.keras
def test_one_and_two_steps_are_the_same_on_two_devices(on_two: OnTwoDevices) -> None:
    """With any seed; later, a rounding at the kink of a ReLU may part two trainings, as it parts
    any two of them.
    """
    assert len(on_two.apart) == 6 and max(on_two.apart) < CLOSE, on_two.apart


@pytest.mark.parametrize("text", ["", "tpu", "cpu:0,gpu:0", "cpu:0,cpu:0", "gpu:x", "gpu:0;gpu:1"])
def test_a_device_that_cannot_be_understood(text: str) -> None:
    with pytest.raises(UsageError, match="device"):
        DeviceNames.read(text)


@pytest.mark.keras
def test_a_device_that_is_not_there() -> None:
    import tensorflow as tf

    if tf.config.list_physical_devices("GPU"):
        pytest.skip("this machine has a GPU")
    with pytest.raises(ArchError, match="TensorFlow sees 0 GPUs here") as caught:
        devices.choose_devices("gpu:all")
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("text", ["{", "[]", "3"])
def test_a_cluster_that_cannot_be_understood(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(UsageError, match="TF_CONFIG"):
        devices.count_processes()


@pytest.mark.parametrize(
    ("replicas", "workers", "size"), [(2, 1, 61), (2, 2, 61), (4, 2, 9), (3, 3, 7)]
)
def test_every_row_belongs_to_one_process(replicas: int, workers: int, size: int) -> None:
    parts = [
        devices.Devices(
            strategy=None, names=(), replicas=replicas, workers=workers, worker=worker
        ).rows_of_worker(size)
        for worker in range(workers)
    ]
    assert parts[0][0] == 0 and parts[-1][1] == size
    assert all(first[1] == second[0] for first, second in pairwise(parts))
