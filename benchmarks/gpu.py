"""How fast a GPU trains here under each engine, beside PyTorch, and what it reaches in time.

    python benchmarks/gpu.py --out OUT              # repeat until it says that all is measured
    python benchmarks/gpu.py --out OUT --summary    # OUT/gpu.md and OUT/gpu.png, from OUT/gpu.json

One call lasts --minutes at most and needs no network. Part 1 is speed: what the card can do (a
product of matrices, a copy), then training steps of several networks by each engine of archc, by
PyTorch and by torch.compile, each in a process of its own. Part 2 is a training with the recipe
fast_gpu to 91 % on CIFAR-10, part 3 the article's 200 epochs. What is missing on a machine, or
fails, is a row that says why. Each measurement is saved at once in OUT/gpu.json; the next call goes
on from there.
"""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

# processes of contenders find archcompile, and compile everything anew
CHILDREN = {
    "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]),
    "JAX_ENABLE_COMPILATION_CACHE": "false",
    "TORCHINDUCTOR_FORCE_DISABLE_CACHES": "1",
}


def main() -> None:
    options = read_options()
    from benchmarks.on_gpu import summary
    from benchmarks.on_gpu.record import Record

    record = Record(options.out)
    if options.summary:
        summary.write(record.content, options.out)
        return
    os.environ.update(CHILDREN)
    # what it has started ends with it
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    sizes = "tiny sizes" if options.tiny else "full sizes"
    record.begin_call(f"{sizes} on a {options.device}", repeats_missing=options.again)
    is_complete = measure(options, record)
    print()
    print(summary.tables(record.content))
    print("all is measured" if is_complete else "there is more to measure: call it again")


def read_options() -> Any:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path("gpu"), help="folder of the record")
    parser.add_argument("--parts", type=_parts, default="1,2,3", help="by number; default: 1,2,3")
    parser.add_argument("--minutes", type=float, default=5.0, help="of this call, at most")
    parser.add_argument(
        "--limit", type=float, default=180.0, help="seconds of one process of part 1"
    )
    parser.add_argument("--device", choices=["gpu", "cpu"], help="default: gpu; cpu with --tiny")
    parser.add_argument("--runs", type=Path, help="folder of trainings; default: OUT/runs")
    parser.add_argument("--data-dir", type=Path, default=ROOT / "data", help="of CIFAR-10")
    parser.add_argument(
        "--contenders", type=_contenders, default="", help="of part 1, by name; default: all"
    )
    parser.add_argument("--again", action="store_true", help="try what was missing or failed again")
    parser.add_argument("--tiny", action="store_true", help="tiny sizes, to try it out on a CPU")
    parser.add_argument("--summary", action="store_true", help="write table and picture, and end")
    options = parser.parse_args()
    options.out = options.out.resolve()
    options.runs = (options.runs or options.out / "runs").resolve()
    options.device = options.device or ("cpu" if options.tiny else "gpu")
    return options


def _parts(text: str) -> list[str]:
    return _listed_words(text, ("1", "2", "3"))


def _contenders(text: str) -> list[str]:
    from benchmarks.on_gpu.plan import CONTENDERS

    return _listed_words(text, tuple(CONTENDERS)) if text else list(CONTENDERS)


def _listed_words(text: str, known: Sequence[str]) -> list[str]:
    """The words of a list, each of which must be known."""
    words = text.split(",")
    if not set(words) <= set(known):
        raise argparse.ArgumentTypeError(f"expected some of {','.join(known)}, got {text}")
    return words


def measure(options: Any, record: Any) -> bool:
    """Measures what time allows of the parts that are asked for; whether all of it is measured."""
    from benchmarks.on_gpu.clock import Clock
    from benchmarks.on_gpu.plan import FULL, TINY
    from benchmarks.on_gpu.speeds import Speeds
    from benchmarks.on_gpu.trainings import Trainings

    sizes = TINY if options.tiny else FULL
    clock = Clock.of_minutes(options.minutes)
    speeds = Speeds(
        record=record,
        sizes=sizes,
        clock=clock,
        device=options.device,
        limit=options.limit,
        contenders=options.contenders,
    )
    trainings = Trainings(
        record=record,
        clock=clock,
        device=options.device,
        least=sizes.least,
        runs=options.runs,
        data_dir=options.data_dir.resolve(),
    )
    parts = {
        "1": speeds.measure,
        "2": lambda: trainings.run(sizes.fast),
        "3": lambda: trainings.run(sizes.article),
    }
    are_complete = [parts[part]() for part in options.parts]
    return all(are_complete)


if __name__ == "__main__":
    main()
