"""What training takes besides its steps: memory, the time to build, and what lies between them."""

import contextlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SMALL, DEEP = "resnet_v1_20", "resnet_v1_110"


def child(what: str) -> float:
    """A measurement in a process of its own."""
    done = subprocess.run(
        [sys.executable, "benchmarks/training.py", "--child", what],
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

        def begin(self) -> None:
            pass

        def serve(self, start: Any, finish: Any, built: str) -> None:
            start(4)
            finish()

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
