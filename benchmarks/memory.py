"""How near is the memory that `archc cost` estimates? The rise of a training's peak memory per
image, measured and estimated.

    python benchmarks/memory.py   # four networks, two short trainings each, each a process

Each process trains as `archc train --recipe article` does, on synthetic images, and reads its
peak from the operating system. The rise from the small to the large batch leaves out what does not
depend on the batch: weights, TensorFlow itself. Linux only.
"""

import argparse
import datetime
import platform
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from archcompile import compile as compile_spec  # noqa: E402
from archcompile.analyses.memory import training_memory  # noqa: E402
from archcompile.cli.console import table  # noqa: E402

NETS = {  # a network -> settings that make it small enough for a batch of 256
    "resnet_v1_20": [],
    "resnet_v2_29": [],
    "vgg_16": ["input=[32,32,3]", "classes=10"],
    "keras_mobilenet_v2": ["size=64", "classes=10"],
}
BATCHES = (64, 256)
STEPS = 4
MOST_OFF = 0.35  # the part by which an estimate may miss


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    # a spec, a batch size and settings
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        spec, batch, *sets = arguments.child
        print(peak(spec, int(batch), sets))
        return
    rows = [("network", "estimated", "measured", "ratio")]
    ratios = []
    for spec, sets in NETS.items():
        few, many = (measured_peak(spec, batch, sets) for batch in BATCHES)
        rise = (many - few) / (BATCHES[1] - BATCHES[0])
        memory = training_memory(compile_spec(spec, sets=sets))
        estimate = memory.activations + memory.working
        ratios.append(estimate / rise)
        rows.append(
            (
                " ".join([spec, *sets]),
                f"{estimate / 2**10:,.0f}",
                f"{rise / 2**10:,.0f}",
                f"{estimate / rise:.2f}",
            )
        )
    print(f"KiB per image, between batches of {BATCHES[0]} and {BATCHES[1]}, float32")
    print(table(rows, frozenset((1, 2, 3))))
    print(
        f"\n{platform.machine()}, {platform.system()}, Python {platform.python_version()}, "
        f"{datetime.date.today()}"
    )
    if any(abs(ratio - 1) > MOST_OFF for ratio in ratios):
        sys.exit(f"an estimate is off by more than {MOST_OFF:.0%}")


def measured_peak(spec: str, batch: int, sets: list[str]) -> int:
    """The peak memory, in bytes, of a process that trains for a few steps."""
    command = [sys.executable, __file__, "--child", spec, str(batch), *sets]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return int(done.stdout.split()[-1])


def peak(spec: str, batch: int, sets: list[str]) -> int:
    """Trains in this process and returns the most bytes that it has had in memory."""
    from archcompile.engine import WholeBatches
    from archcompile.training.preparation import prepare
    from archcompile.training.request import TrainingRequest
    from archcompile.training.session import statistics_of, trainer_of

    request = TrainingRequest(
        spec=spec, recipe="article", data="synthetic", sets=[*sets, f"train.batch_size={batch}"]
    )
    plan, _ = prepare(request, lambda text: None)
    trainer = trainer_of(plan, statistics_of(plan))
    WholeBatches(trainer, rate=1e-3).run(STEPS)
    match = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert match, "the peak of a process is read from Linux' /proc"
    return int(match[1]) * 1024


if __name__ == "__main__":
    main()
