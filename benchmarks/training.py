"""How fast training is here, beside plain Keras and PyTorch, and what it takes besides steps: the
targets, and what is reached.

    python benchmarks/training.py [--out docs/results/training_speed.md] [--turns 9]

Speeds are those of `archc bench`: contenders in processes of their own, in alternating turns,
compared turn by turn; a target is reached where the lower quartile of the turns passes it. PyTorch
and the article's way need the extra `bench`. Linux only.
"""

import argparse
import contextlib
import datetime
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from archcompile.cli.console import table  # noqa: E402

SMALL, LARGE = "resnet_v1_20", "resnet_v2_56"
TARGETS = [  # what, spec, contender, its precision, our precision, at least, to reach for
    ("float32 vs plain Keras fit", SMALL, "keras", "float32", "float32", 1.2, 1.5),
    ("float32 vs PyTorch channels_last", SMALL, "torch", "float32", "float32", 1.2, 1.5),
    ("bfloat16 vs PyTorch bfloat16", SMALL, "torch", "mixed_bfloat16", "mixed_bfloat16", 1.15, 1.4),
    ("bfloat16 vs the article's way", SMALL, "article", "float32", "mixed_bfloat16", 2.8, 3.5),
    (
        "fraction of the convolution roofline, float32",
        SMALL,
        "convolutions",
        "float32",
        "float32",
        0.65,
        0.80,
    ),
    (
        "resnet_v2_56, batch 64, float32 vs plain Keras fit",
        LARGE,
        "keras",
        "float32",
        "float32",
        1.2,
        1.4,
    ),
]
DEEP = "resnet_v1_110"


def bench(spec: str, *options: str) -> dict[str, Any]:
    """What `archc bench --json` prints."""
    command = [sys.executable, "-P", "-m", "archcompile", "bench", spec, "--json", *options]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    record: dict[str, Any] = json.loads(done.stdout)
    return record


def grade(ratio: float, least: float, most: float) -> str:
    if ratio < least:
        return "missed"
    return "reached" if ratio >= most else "passed"


def speeds(turns: int) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]], dict[str, Any]]:
    """Images a second of every contender, the targets, and the machine."""
    records = {
        SMALL: bench(SMALL, "--turns", str(turns)),
        LARGE: bench(
            LARGE,
            "--turns",
            str(turns),
            "--batch",
            "64",
            "--precision",
            "float32",
            "--against",
            "keras",
        ),
    }
    rows: list[tuple[str, ...]] = [
        ("network", "contender", "precision", "batch", "images/s", "built with")
    ]
    for spec, record in records.items():
        for each in record["results"]:
            speed = (
                f"{each['images_per_second']:,.0f}"
                if each["images_per_second"]
                else each["missing"]
            )
            rows.append(
                (
                    spec,
                    each["contender"],
                    each["precision"],
                    str(each["batch"]),
                    speed,
                    each["built"],
                )
            )
    reached: list[tuple[str, ...]] = [
        ("", "at least", "reach for", "lower quartile", "median", "upper quartile", "")
    ]
    for what, spec, contender, precision, our_precision, least, most in TARGETS:
        (entry,) = (
            each
            for each in records[spec]["results"]
            if (each["contender"], each["precision"]) == (contender, precision)
        )
        ratio = next(
            (each for each in entry["archc_is"] if each["precision"] == our_precision), None
        )
        numbers = (
            [f"{ratio[key]:.2f}" for key in ("lower_quartile", "median", "upper_quartile")]
            if ratio
            else ["", "", ""]
        )
        low = ratio["lower_quartile"] if ratio else 0.0
        word = grade(low, least, most) if ratio else entry["missing"]
        reached.append((what, f"{least:g}", f"{most:g}", *numbers, word))
    return rows, reached, records[SMALL]


# ---- what training takes besides its steps -------------------------------------------------------


def child(what: str) -> float:
    """A measurement in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--child", what],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(done.stderr)
    return float(done.stdout.split()[-1])


def peak() -> float:
    """MiB that this process has had in memory at most."""
    match = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert match, "the peak of a process is read from Linux' /proc"
    return int(match[1]) / 1024


def memory(who: str) -> float:
    """MiB at the peak of a few steps of the deep network at batch 128."""
    from archcompile.bench.contenders import CONTENDERS
    from archcompile.bench.task import Task

    class Counted:
        def say(self, **message: Any) -> None:
            pass

        def wait(self) -> int | None:
            return None

        def serve(self, go: Any, built: str) -> None:
            go(4)

    task = Task(
        contender=who,
        spec=DEEP,
        sets=(),
        recipe=None,
        batch=128,
        precision="float32",
        steps=1,
        turns=1,
    )
    with contextlib.suppress(SystemExit):  # which is how a contender that trains by `fit` leaves it
        CONTENDERS[task.contender].run(task, Counted())  # type: ignore[arg-type]
    return peak()


def build(who: str) -> float:
    """Milliseconds of CPU time to build the deep network, the median of seven."""
    import archcompile
    from archcompile.quiet import load_keras

    keras = load_keras()
    graph = archcompile.compile(DEEP)
    from tests.oracles.article import resnet_v1

    work = {"archc": graph.to_keras, "hand": lambda: resnet_v1(110)}[who]
    seconds = []
    for _ in range(7):
        keras.backend.clear_session()
        began = time.process_time()
        work()
        seconds.append(time.process_time() - began)
    return 1000 * statistics.median(seconds)


def set_memory(_: str) -> float:
    """How many times the uint8 size of 50,000 images of 32x32 they take, once they are in the
    step's hands.
    """
    import numpy as np

    from archcompile.data.dataset import Split
    from archcompile.engine.tensorflow.devices import choose_devices
    from archcompile.engine.tensorflow.feed import feed

    def now() -> int:
        match = re.search(r"VmRSS:\s+(\d+) kB", Path("/proc/self/status").read_text())
        assert match
        return int(match[1]) * 1024

    devices = choose_devices("cpu")
    before = now()
    images = np.ones((50_000, 32, 32, 3), np.uint8)
    held = feed(Split(images, np.zeros(len(images), np.int64)).align(), devices)
    size = images.nbytes
    del images
    assert held.constants
    return (now() - before) / size


def outside(_: str) -> float:
    """The part of an epoch of 50,000 images, the second, that is neither steps nor validation."""
    import numpy as np

    from archcompile.training import loop as fit
    from archcompile.training.api import train

    spent: dict[str, list[float]] = {"_train_epoch": [], "_close_epoch": [], "_evaluate": []}

    def timer_around(name: str) -> Any:
        original = getattr(fit.TrainingLoop, name)

        def work(self: Any) -> Any:
            began = time.perf_counter()
            try:
                return original(self)
            finally:
                spent[name].append(time.perf_counter() - began)

        return work

    for name in spent:
        setattr(fit.TrainingLoop, name, timer_around(name))
    random = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        images = {
            "x_train": random.integers(0, 256, (50_000, 32, 32, 3), np.uint8),
            "y_train": np.arange(50_000) % 10,
            "x_test": random.integers(0, 256, (1_000, 32, 32, 3), np.uint8),
            "y_test": np.arange(1_000) % 10,
        }
        np.savez(f"{folder}/images.npz", **images)
        run = train(
            SMALL,
            data=f"{folder}/images.npz",
            epochs=2,
            sets=["train.batch_size=128"],
            run_dir=f"{folder}/run",
            say=lambda text: None,
        )
        seconds = run.history[1].seconds
    epoch = spent["_train_epoch"][1] + spent["_close_epoch"][1]
    return (epoch - seconds - spent["_evaluate"][1]) / epoch


CHILDREN = {"memory": memory, "build": build, "set": set_memory, "epoch": outside}


def besides() -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("", "archc", "plain Keras", "ratio", "target")]
    beside = [
        ("peak memory, {} at batch 128, MiB", "memory archc", "memory keras", "at most 1"),
        ("CPU time to build {} for Keras, ms", "build archc", "build hand", "at most 1.1"),
    ]
    for what, ours, opposite, target in beside:
        our_figure, opposite_figure = child(ours), child(opposite)
        rows.append(
            (
                what.format(DEEP),
                f"{our_figure:,.0f}",
                f"{opposite_figure:,.0f}",
                f"{our_figure / opposite_figure:.2f}",
                target,
            )
        )
    part, times = child("epoch x"), child("set x")
    rows.append(
        (
            f"second epoch of {SMALL}: the part outside steps and validation",
            f"{part:.2%}",
            "",
            "",
            "at most 3 %",
        )
    )
    rows.append(
        (
            "memory of 50,000 images of 32x32 over their uint8 size",
            "",
            "",
            f"{times:.2f}",
            "at most 1.3",
        )
    )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, help="a Markdown file for the tables")
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        what, who = arguments.child.split()
        print(CHILDREN[what](who))
        return
    rows, reached, machine = speeds(arguments.turns)
    others = besides()
    right = frozenset(range(1, 6))
    for each in (reached, rows, others):
        print(table(each, right), end="\n\n")
    if arguments.out:
        arguments.out.write_text(markdown(rows, reached, others, machine, arguments.turns))


def markdown(
    rows: list[tuple[str, ...]],
    reached: list[tuple[str, ...]],
    others: list[tuple[str, ...]],
    machine: dict[str, Any],
    turns: int,
) -> str:
    def lines(each: list[tuple[str, ...]]) -> list[str]:
        head, *body = (f"| {' | '.join(row)} |" for row in each)
        return [head, "|" + "---|" * len(each[0]), *body, ""]

    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    where = f"{machine['processor']}, {machine['cpus']} cores; {versions}; {datetime.date.today()}"
    return "\n".join(
        [
            "# Speed of training, measured",
            "",
            f"`python benchmarks/training.py --turns {turns}`: {where}.",
            "",
            "How many times as fast as others `archc train` is, over alternating turns:",
            "",
            *lines(reached),
            *lines(rows),
            "What training takes besides:",
            "",
            *lines(others),
        ]
    )


if __name__ == "__main__":
    main()
