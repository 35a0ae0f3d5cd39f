"""How long an editor waits for each answer after a key, beside the compile of the same text.

    python benchmarks/editor.py [--out docs/results/editor.md]

Times are medians of CPU seconds in this process, imports not counted. Before each, a key has been
typed, so that nothing is known of the text; answers that need the graph are asked when it is there.
"""

import argparse
import datetime
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from archcompile import __version__, editor  # noqa: E402
from archcompile.api import compile_text  # noqa: E402
from archcompile.editor import Analysis, Position, Workspace  # noqa: E402

SPECS = ("resnet_v1_20", "resnet_v1_110", "resnet_a_1202", "keras_inception_v3")
TIMES = 7
ANSWERS: dict[str, Callable[[Analysis], object]] = {
    "findings of the text": lambda analysis: analysis.text_findings,
    "graph": lambda analysis: analysis.graph,
    "all findings": editor.find_problems,
    "inlay hints": lambda analysis: editor.list_hints(analysis, 1, 10_000),
    "hover": lambda analysis: editor.describe(analysis, _in_the_middle(analysis)),
    "completion": lambda analysis: editor.complete(analysis, _in_the_middle(analysis)),
    "definition": lambda analysis: editor.find_definition(analysis, _in_the_middle(analysis)),
    "outline and folds": lambda analysis: (editor.outline(analysis), editor.list_folds(analysis)),
    "lines of nodes": editor.map_lines,
    "lens": lambda analysis: editor.summarise(analysis, None),
}


def _in_the_middle(analysis: Analysis) -> Position:
    """Behind the first letter of a word in the middle of the text."""
    words = analysis.reading.words
    start = words[len(words) // 2].span.start
    return Position(start.line, start.column + 1)


def measure(name: str) -> list[str]:
    """Milliseconds of the compile, then of each answer in the order of `ANSWERS`."""
    file = ROOT / "specs" / f"{name}.yaml"
    text, keys = file.read_text(), count()
    compiles: list[float] = []
    answers: dict[str, list[float]] = {answer: [] for answer in ANSWERS}
    workspace = Workspace()
    for _ in range(TIMES):
        typed = f"{text}# {next(keys)}\n"  # a text that was seen before is not parsed again
        began = time.process_time()
        compile_text(typed, file=str(file))
        compiles.append(time.process_time() - began)
        workspace.open(file, f"{text}# {next(keys)}\n")
        analysis = workspace.analyse(file)
        for answer, ask in ANSWERS.items():
            began = time.process_time()
            ask(analysis)
            answers[answer].append(time.process_time() - began)
    medians = (compiles, *answers.values())
    return [f"{1000 * statistics.median(seconds):.1f}" for seconds in medians]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, help="a Markdown file for the table")
    out = parser.parse_args().out
    columns = [measure(name) for name in SPECS]
    machine = (
        f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, Python "
        f"{platform.python_version()}, load average {os.getloadavg()[1]:.0f}"
    )
    labels = ("`archc` compiles the text", *ANSWERS)
    cells = zip(labels, *columns, strict=True)
    rows = [f"| {' | '.join(row)} |" for row in cells]
    lines = [
        "# Answers in an editor, measured",
        "",
        f"`python benchmarks/editor.py`, archcompile {__version__}, {machine}, "
        f"{datetime.date.today()}.",
        "",
        "Milliseconds after a key was typed. Each answer is asked once for a text; the findings of",
        "the text come first, then the graph, and what follows uses it.",
        "",
        f"| answer | {' | '.join(SPECS)} |",
        f"|---|{'--:|' * len(SPECS)}",
        *rows,
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
