"""How long a spec takes to become a checked graph and a drawing, without TensorFlow: growth,
memory, hostile texts, start-up.

    python benchmarks/compile.py [--out docs/results/compile.md]

Times are medians of CPU seconds of several runs in this process, imports not counted; memory is the
peak of a process of its own.
"""

import argparse
import datetime
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import count, pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from archcompile import __version__  # noqa: E402
from archcompile.api import compile as compile_spec  # noqa: E402
from archcompile.api import compile_text  # noqa: E402
from archcompile.drawing.formats.html import html  # noqa: E402
from archcompile.drawing.formats.svg_drawing import svg  # noqa: E402
from archcompile.errors import ArchError  # noqa: E402
from archcompile.spec.loading.load_spec import from_text  # noqa: E402

DEPTHS = (20, 110, 1202)
MUTATED = 2_000  # texts; the test suite tries more of them, here the slowest is what counts
MUTATED_NODES = 2_000


def median(action: Callable[[], object], times: int = 5) -> float:
    """Seconds."""
    seconds = []
    for _ in range(times):
        began = time.process_time()
        action()
        seconds.append(time.process_time() - began)
    return statistics.median(seconds)


def long_spec(lines: int) -> str:
    """A spec of so many lines: a stage of steps on every line."""
    head = "archc: 1\ninput: [32, 32, 3]\nstages:\n"
    rows = [
        f"  s{i}: [conv: {{filters: {8 + i % 8}, kernel: 3, bias: false}}, bn, relu]"
        for i in range(lines - 5)
    ]
    return head + "\n".join(rows) + "\nhead: [global_avg_pool, dense: {units: 10}]\n"


def compiled_depth(depth: int) -> None:
    compile_spec("resnet_v1", depth=depth)


def peak_memory(depth: int) -> float:
    """MiB of a process that compiles the net of this depth and nothing else."""
    code = (
        f"import resource, archcompile; archcompile.compile('resnet_v1', depth={depth}); "
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return int(done.stdout) / (1024 if sys.platform != "darwin" else 1024**2)


def mutate(rng: random.Random, text: str) -> str:
    """A text with a few pieces cut, doubled, swapped or replaced."""
    for _ in range(rng.randint(1, 4)):
        at, length = rng.randrange(len(text)), rng.randint(1, 12)
        twice = text[at : at + length] * 2
        piece = rng.choice(
            ["", twice, "[", "{", ": ", "\n- ", "$(", "repeat: 99999", "1e9", "'", "&a ", "\t"]
        )
        text = text[:at] + piece + text[at + length :]
    return text


def slowest_mutation() -> tuple[float, int]:
    """(seconds of the slowest text, how many were refused). Anything but an ArchError ends the
    benchmark.
    """
    rng = random.Random(0)
    texts = [p.read_text() for p in sorted((ROOT / "specs").glob("*.yaml"))]
    slowest, refused = 0.0, 0
    for _ in range(MUTATED):
        text = mutate(rng, rng.choice(texts))
        began = time.process_time()
        try:
            compile_text(text, file=str(ROOT / "specs" / "mutated.yaml"), max_nodes=MUTATED_NODES)
        except ArchError:
            refused += 1
        slowest = max(slowest, time.process_time() - began)
    return slowest, refused


def cpu_of(*arguments: str) -> float:
    """CPU seconds of a command, from the start of Python to its end."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "archcompile", *arguments], cwd=ROOT, capture_output=True, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def drawings() -> list[tuple[str, str]]:
    graph = compile_spec("resnet_v2", depth=1001)
    works = {
        "as SVG, every layer": lambda: svg(graph, "layer"),
        "as SVG, at the level that fits a page": lambda: svg(graph),
        "as a page": lambda: html(graph),
    }
    return [
        (f"resnet_v2, depth 1001, {name}", f"{median(work, 3):.2f} s")
        for name, work in works.items()
    ]


def start_ups() -> list[tuple[str, str]]:
    spec = "specs/resnet_v1_20.yaml"
    with tempfile.TemporaryDirectory() as folder:
        commands = (
            ("--help",),
            ("validate", spec),
            ("graph", spec),
            ("graph", spec, "-o", f"{folder}/x.svg"),
            ("cost", spec),
        )
        rows = []
        for words in commands:
            seconds = statistics.median(cpu_of(*words) for _ in range(7))
            command = " ".join(words).replace(folder, "…")
            rows.append((f"CPU time of `archc {command}`", f"{seconds:.2f} s"))
        return rows


def measure() -> list[tuple[str, str]]:
    # a text read before is not parsed again
    fresh = (long_spec(499) + f"# {number}\n" for number in count())
    rows = [
        (
            "a spec of 500 lines, loaded and validated",
            f"{1000 * median(lambda: from_text(next(fresh))):.0f} ms",
        ),
        (
            "the same, to a checked graph",
            f"{1000 * median(lambda: compile_text(next(fresh))):.0f} ms",
        ),
    ]
    for depth in DEPTHS:
        seconds = median(lambda d=depth: compiled_depth(d))
        rows.append((f"resnet_v1, depth {depth}, to a checked graph", f"{1000 * seconds:.0f} ms"))
    rows.append(
        ("peak memory of a process that compiles depth 1202", f"{peak_memory(1202):.0f} MiB")
    )
    deep = 6 * 713 + 2  # 7 * 6 * 713 … nodes: about 15,000
    graph = compile_spec("resnet_v1", depth=deep)
    rows.append(
        (
            f"a spec of {len(graph):,} nodes, to a checked graph",
            f"{median(lambda: compiled_depth(deep), 3):.2f} s",
        )
    )
    times = [median(lambda n=n: compiled_depth(6 * n + 2), 3) for n in (100, 200, 400, 800)]
    growth = ", ".join(f"{b / a:.2f}" for a, b in pairwise(times))
    rows.append(("growth per doubling of the depth, from 602 to 4802 (2.00 is linear)", growth))
    slowest, refused = slowest_mutation()
    rows.append(
        (f"slowest of {MUTATED:,} mutated texts ({refused:,} refused)", f"{1000 * slowest:.0f} ms")
    )
    return [*rows, *drawings(), *start_ups()]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, help="a Markdown file for the table")
    out = parser.parse_args().out
    rows = measure()
    machine = (
        f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, Python "
        f"{platform.python_version()}"
    )
    lines = [
        "# Compiling, measured",
        "",
        f"`python benchmarks/compile.py`, archcompile {__version__}, {machine}, "
        f"{datetime.date.today()}.",
        "",
        "| what | measured |",
        "|---|---|",
        *(f"| {what} | {value} |" for what, value in rows),
        "",
    ]
    print("\n".join(lines))
    if out:
        out.write_text("\n".join(lines))
    framework = {"tensorflow", "keras", "numpy"} & sys.modules.keys()
    if framework:
        sys.exit(f"not measured without a framework: {framework} was imported")


if __name__ == "__main__":
    main()
