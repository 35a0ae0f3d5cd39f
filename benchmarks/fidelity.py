"""Does archc train the article's network as plain Keras does? Both on real images, each run in a
process of its own.

    python benchmarks/fidelity.py --data-dir DIR --out OUT        # six runs: two contenders, 3 each
    python benchmarks/fidelity.py --out OUT --summary [FILE.md]   # table and conditions, from OUT

DIR holds the folder cifar-10-batches-py. The contenders are ``keras``, the hand-written network of
tests/oracles trained by ``model.fit``, and ``archc``, the command ``archc train
specs/resnet_v1_20.yaml``. A run whose JSON file is already in OUT is not run again.
"""

import argparse
import csv
import datetime
import hashlib
import importlib.metadata
import json
import os
import pathlib
import pickle
import platform
import shlex
import shutil
import subprocess
import sys
import time
from typing import Any

from fidelity_summary import CONTENDERS, summary

ROOT = pathlib.Path(__file__).resolve().parents[1]
BATCHES = [f"data_batch_{i}" for i in range(1, 6)]


# ---- plain Keras ---------------------------------------------------------------------------------


class _BatchUnpickler(pickle.Unpickler):
    """Reads dictionaries of numpy arrays and nothing else: a pickle may otherwise call any
    function.
    """

    def find_class(self, module: str, name: str) -> Any:
        arrays = {"numpy.core.multiarray", "numpy._core.multiarray"}
        if (module in arrays and name == "_reconstruct") or (
            module == "numpy" and name in {"ndarray", "dtype"}
        ):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} does not belong in a CIFAR-10 batch")


def read_images(data_dir: pathlib.Path, files: list[str]) -> tuple[Any, Any]:
    """The images, uint8 (N, 32, 32, 3), and their class numbers, int32 (N,)."""
    import numpy as np

    pixels, labels = [], []
    for file in files:
        with open(data_dir / "cifar-10-batches-py" / file, "rb") as stream:
            batch = _BatchUnpickler(stream, encoding="bytes").load()
        pixels.append(batch[b"data"].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
        labels.append(np.asarray(batch[b"labels"], "int32"))
    return np.concatenate(pixels), np.concatenate(labels)


def learning_rate(epoch: int, _current: float) -> float:
    """The article's schedule; ``epoch`` counts from 0 and the comparisons are strict."""
    for boundary, rate in ((180, 5e-7), (160, 1e-6), (120, 1e-5), (80, 1e-4)):
        if epoch > boundary:
            return rate
    return 1e-3


def training_pipeline(pixels: Any, labels: Any, mean: Any, *, batch: int, seed: int) -> Any:
    """A dataset of augmented batches, in a new order and with new shifts and flips in each epoch.

    ``fit(x, y, shuffle=True)`` under a global seed repeats one order in every epoch;
    ``Dataset.shuffle`` does not. The random layers keep their state in variables, so they go on
    from epoch to epoch; one thread runs them, so that a seed gives the same images again.
    """
    import tensorflow as tf
    from keras import layers

    shift = layers.RandomTranslation(
        0.1, 0.1, fill_mode="nearest", interpolation="bilinear", seed=seed
    )
    flip = layers.RandomFlip("horizontal", seed=seed + 1)
    pixels, labels, mean = tf.constant(pixels), tf.constant(labels), tf.constant(mean)

    def images(rows: Any) -> Any:
        # the mean goes first, then shift and flip
        x = tf.cast(tf.gather(pixels, rows), "float32") / 255.0 - mean
        return flip(shift(x, training=True), training=True), tf.gather(labels, rows)

    rows = tf.data.Dataset.range(len(labels)).shuffle(
        len(labels), seed=seed, reshuffle_each_iteration=True
    )
    return rows.batch(batch).map(images).prefetch(4)


def train_keras(
    data_dir: pathlib.Path, seed: int, epochs: int, *, batch: int
) -> list[dict[str, float]]:
    """The article's recipe with ``model.fit``: one record an epoch."""
    import keras
    import numpy as np

    sys.path.insert(0, str(ROOT))
    from tests.oracles.article import resnet_v1

    class Clock(keras.callbacks.Callback):
        """Seconds of training in each epoch, the evaluation on the test set not counted."""

        def on_train_begin(self, logs: Any = None) -> None:
            self.seconds: list[float] = []

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.begin = time.perf_counter()

        def on_test_begin(self, logs: Any = None) -> None:
            self.seconds.append(time.perf_counter() - self.begin)

    keras.utils.set_random_seed(seed)
    pixels, labels = read_images(data_dir, BATCHES)
    test_pixels, test_labels = read_images(data_dir, ["test_batch"])
    mean = (pixels.mean(axis=0, dtype="float64") / 255.0).astype("float32")
    test = test_pixels.astype("float32") / np.float32(255.0) - mean

    model = resnet_v1(20)
    model.compile(
        keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    clock = Clock()
    history = model.fit(
        training_pipeline(pixels, labels, mean, batch=batch, seed=seed),
        epochs=epochs,
        validation_data=(test, test_labels),
        validation_batch_size=500,
        callbacks=[keras.callbacks.LearningRateScheduler(learning_rate), clock],
        verbose=2,
    ).history
    columns = ("learning_rate", "loss", "accuracy", "val_loss", "val_accuracy")
    records = zip(clock.seconds, *(history[column] for column in columns), strict=True)
    return [
        {"epoch": epoch, "seconds": seconds, **dict(zip(columns, map(float, values), strict=True))}
        for epoch, (seconds, *values) in enumerate(records, start=1)
    ]


# ---- archc ---------------------------------------------------------------------------------------


def numbers_of(row: dict[str, str]) -> dict[str, float]:
    """A line of history.csv without its empty cells."""
    return {key: float(value) for key, value in row.items() if value}


def train_archc(
    data_dir: pathlib.Path, seed: int, epochs: int, *, batch: int, run_dir: pathlib.Path
) -> tuple[list[dict[str, float]], dict[str, Any], list[str]]:
    """``archc train`` as a user runs it: the rows of its history.csv, its result.json, and the
    command.
    """
    archc = shutil.which(
        "archc",
        path=os.pathsep.join([str(pathlib.Path(sys.executable).parent), os.environ["PATH"]]),
    )
    if archc is None:
        sys.exit(
            "fidelity: no command `archc` beside this Python or on PATH: `pip install -e .` first"
        )
    command = [
        archc,
        "train",
        "specs/resnet_v1_20.yaml",
        "--data",
        "cifar10",
        "--data-dir",
        str(data_dir),
    ]
    command += ["--epochs", str(epochs), "--seed", str(seed), "--set", f"train.batch_size={batch}"]
    command += ["--run-dir", str(run_dir)]
    done = subprocess.run(command, cwd=ROOT, check=False)
    if done.returncode:
        sys.exit(f"fidelity: exit code {done.returncode} from: {shlex.join(command)}")
    with open(run_dir / "history.csv", newline="") as stream:
        rows = list(map(numbers_of, csv.DictReader(stream)))
    return rows, json.loads((run_dir / "result.json").read_text()), ["archc", *command[1:]]


# ---- records -------------------------------------------------------------------------------------


def machine() -> str:
    """Processor and number of usable cores."""
    model = platform.processor() or platform.machine()
    cpuinfo = pathlib.Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [
            line.split(":", 1)[1].strip()
            for line in cpuinfo.read_text().splitlines()
            if "model name" in line
        ]
        model = names[0] if names else model
    return f"{model}, {os.cpu_count()} cores, {platform.system()}"


def versions() -> dict[str, str]:
    result = {"python": platform.python_version()}
    for package in ("tensorflow", "keras", "numpy"):
        result[package] = importlib.metadata.version(package)
    command = ["git", "rev-parse", "--short=12", "HEAD"]
    git = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return result | {"commit": git.stdout.strip() or "unknown"}


def data_digest(data_dir: pathlib.Path) -> str:
    """sha256 over the six batch files, so that a figure says which copy of the images it was
    measured on.
    """
    digest = hashlib.sha256()
    for file in [*BATCHES, "test_batch"]:
        digest.update((data_dir / "cifar-10-batches-py" / file).read_bytes())
    return digest.hexdigest()


def free_path(path: pathlib.Path) -> pathlib.Path:
    """``path``, or the first numbered neighbour that does not exist: an interrupted run is left as
    it is.
    """
    number, candidate = 1, path
    while candidate.exists():
        number, candidate = number + 1, path.with_name(f"{path.name}.{number}")
    return candidate


def run_one(args: argparse.Namespace, contender: str, seed: int) -> None:
    """Train once in this process and leave OUT/{contender}_{seed}.json."""
    target: pathlib.Path = args.out / f"{contender}_{seed}.json"
    began = time.perf_counter()
    extra: dict[str, Any] = {}
    if contender == "keras":
        rows = train_keras(args.data_dir, seed, args.epochs, batch=args.batch)
        command = ["python", "benchmarks/fidelity.py", "--contender", "keras", "--seeds", str(seed)]
        command += [
            "--data-dir",
            str(args.data_dir),
            "--epochs",
            str(args.epochs),
            "--batch",
            str(args.batch),
        ]
        command += ["--out", str(args.out)]
    else:
        run_dir = free_path(args.out / f"archc_{seed}.run")
        rows, extra["result"], command = train_archc(
            args.data_dir, seed, args.epochs, batch=args.batch, run_dir=run_dir
        )
    record = {
        "contender": contender,
        "seed": seed,
        "batch": args.batch,
        "data": args.data_label,
        "data_sha256": data_digest(args.data_dir),
        "epochs": rows,
        "wall_seconds": time.perf_counter() - began,
        "versions": versions(),
        "machine": machine(),
        "command": shlex.join(command),
        "date": datetime.date.today().isoformat(),
        **extra,
    }
    part = target.with_suffix(".part")
    part.write_text(json.dumps(record, indent=1) + "\n")
    os.replace(part, target)


def run_all(args: argparse.Namespace) -> None:
    """Every contender and seed that has no record yet, one after another, each in a fresh
    process.
    """
    contenders = CONTENDERS if args.contender == "both" else (args.contender,)
    args.out.mkdir(parents=True, exist_ok=True)
    for seed in args.seeds:
        for contender in contenders:
            if (args.out / f"{contender}_{seed}.json").exists():
                print(f"fidelity: {contender}, seed {seed}: already there", file=sys.stderr)
                continue
            print(f"fidelity: {contender}, seed {seed}: training", file=sys.stderr, flush=True)
            child = [sys.executable, __file__, "--one-run", contender, "--seeds", str(seed)]
            child += [
                "--data-dir",
                str(args.data_dir),
                "--out",
                str(args.out),
                "--data-label",
                args.data_label,
            ]
            child += ["--epochs", str(args.epochs), "--batch", str(args.batch)]
            subprocess.run(child, check=True, env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2"})


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data-dir", type=pathlib.Path, help="the folder that holds cifar-10-batches-py"
    )
    parser.add_argument(
        "--data-label", default="cifar-10-batches-py", help="what the summary calls the images"
    )
    parser.add_argument("--out", type=pathlib.Path, required=True, help="where the records go")
    parser.add_argument("--contender", choices=[*CONTENDERS, "both"], default="both")
    parser.add_argument(
        "--seeds", type=lambda text: [int(part) for part in text.split(",")], default=[0, 1, 2]
    )
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument(
        "--summary", nargs="?", const="-", metavar="FILE", help="report on OUT; exit 1 on failure"
    )
    parser.add_argument("--one-run", choices=CONTENDERS, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.summary:
        runs = [
            json.loads(path.read_text())
            for path in sorted(args.out.glob("*_[0-9]*.json"), reverse=True)
        ]
        text, passed = summary(
            sorted(runs, key=lambda run: (CONTENDERS.index(run["contender"]), run["seed"]))
        )
        if args.summary == "-":
            print(text, end="")
        else:
            pathlib.Path(args.summary).write_text(text)
        sys.exit(not passed)
    if args.data_dir is None:
        parser.error("--data-dir is needed to train")
    args.data_dir, args.out = args.data_dir.resolve(), args.out.resolve()
    if args.one_run:
        run_one(args, args.one_run, args.seeds[0])
    else:
        run_all(args)


if __name__ == "__main__":
    main()
