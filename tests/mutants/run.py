"""Changes one comparison, operator or number at a time, and runs the tests that should notice.

    python -m tests.mutants.run [--count N] [--seed N] [--only TEXT] [--workers N] [--report FILE]

The sample is drawn with a seed from all places in the files of `TESTS`, which also says what should
notice. Each mutant lives in a copy of the project. What no test notices is printed, and is an error
unless `equivalent.txt` says why the change changes nothing. Exit code 1 where less than 95 of 100
are noticed.
"""

import argparse
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TypeVar

from tests.mutants.sites import Mutant, mutants

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[2]
EQUIVALENT = Path(__file__).with_name("equivalent.txt")
LEAST = 0.95  # of a sample must be noticed
# seconds, several times what one run of tests takes: a change that makes a loop endless is noticed
# by that
TIMEOUT = 600
MEMORY = 4 << 30  # bytes that a test run may take

CASES = "tests/test_cases.py"
CORNERS = "tests/oracles/test_language_corners.py"
RANDOM = "tests/oracles/test_language.py::test_random_specs_mean_the_same[0]"
PICTURES = "tests/drawing/test_golden_drawings.py"
FRESH = "tests/cli/test_schema.py::test_the_committed_copy_is_fresh"


def files(folder: str, names: str) -> str:
    """Files of tests that are run together."""
    return " ".join(f"tests/{folder}/test_{name}.py" for name in names.split())


SOURCE = (
    files("source", "source_parts golden_sources"),
    f"{files('source', 'source')} {files('emitters', 'emitters')}",
    files("emitters", "emitters_on_random_specs"),
)

# What should notice a change, one run of pytest after another: the longest beginning of a file's
# path counts.
TESTS = {
    "archcompile/ops": (
        CASES,
        f"tests/ops tests/docs/test_ops_page.py {FRESH}",
        "tests/graph",
        "tests/sensitivity",
        f"{CORNERS} {RANDOM}",
    ),
    "archcompile/spec": (
        CASES,
        files(
            "spec",
            "expr exact_limits strict_yaml yaml_hints settings class_setting write blame "
            "places_of_values load set expand refused_rows turns "
            "hints reserved_names",
        ),
        CORNERS,
        files("cli", "new table show_blame expect foreign_commands schema"),
        files("analyses", "lint"),
        f"{files('spec', 'limits')} {RANDOM} tests/test_fuzz.py",
    ),
    "archcompile/spec/schema": (
        f"{files('docs', 'ops_page')} {FRESH}",
        files("cli", "schema show_blame"),
    ),
    "archcompile/graph": (CASES, "tests/graph", "tests/sensitivity"),
    "archcompile/analyses": (
        CASES,
        files(
            "analyses",
            "layer_checks map_fields settings analyses cost_levels diff diff_order head lint",
        ),
        PICTURES,
        files("analyses", "memory paths"),
        (
            f"{files('cli', 'cost cli_diff warnings expect table')} "
            f"{files('analyses', 'receptive receptive_values')}"
        ),
    ),
    "archcompile/drawing": (
        f"{PICTURES} {files('drawing', 'captions sizes formats columns bridges text_drawing')}",
        files("drawing", "levels layout svg poster difference mermaid dot drawing_json png html"),
        files("emitters", "emitters"),
        "tests/cli/test_cli_graph.py",
    ),
    "archcompile/editor": ("tests/editor",),
    "archcompile/outputs.py": ("tests/test_outputs.py",),
    "archcompile/shipped.py": (
        files("spec", "load"),
        files("recipe", "recipe"),
        files("experiments", "grid"),
    ),
    **dict.fromkeys(("archcompile/source", "archcompile/keras_model/layer_calls.py"), SOURCE),
}
LEFT_OUT = ("archcompile/source/keras_version.py",)  # what holds it needs Keras
REST = ["-m", "not keras and not tools and not thorough"]


@dataclass(frozen=True, slots=True)
class Outcome:
    mutant: Mutant
    noticed_by: str | None
    seconds: float


def all_mutants() -> list[Mutant]:
    files = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "archcompile").rglob("*.py"))
    return [
        mutant
        for file in files
        if tests_of(file)
        for mutant in mutants((ROOT / file).read_text(), file)
    ]


def tests_of(file: str) -> tuple[str, ...]:
    """The tests that should notice a change of a file; none where the file is not looked at."""
    beginnings = [beginning for beginning in TESTS if file.startswith(beginning)]
    return TESTS[max(beginnings, key=len)] if beginnings and file not in LEFT_OUT else ()


def equivalents() -> dict[str, str]:
    """The mutants that change nothing, each with its reason: `KEY  # reason`."""
    lines = [
        line for line in EQUIVALENT.read_text().splitlines() if line and not line.startswith("#")
    ]
    return dict(line.rsplit("  # ", 1) for line in lines)


def copy_project(folder: Path) -> None:
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def first_failure(folder: Path, runs: Sequence[str]) -> str | None:
    """The first test that fails, None where all pass."""
    return next(filter(None, (failure(folder, run.split()) for run in runs)), None)


def failure(folder: Path, tests: Sequence[str]) -> str | None:
    command = [
        sys.executable,
        "-B",
        "-m",
        "pytest",
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        *tests,
        *REST,
    ]
    environment = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(folder),
        "HOME": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT,
            preexec_fn=limit_memory,
        )
    except subprocess.TimeoutExpired:
        return "it takes too long"
    if done.returncode == 0:
        return None
    lines = [
        line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR", "E  "))
    ]
    return lines[-1][:150] if lines else f"exit code {done.returncode}"


def judge(mutant: Mutant, folder: Path) -> Outcome:
    began = time.monotonic()
    path = folder / mutant.file
    source = path.read_text()
    path.write_text(mutant.apply(source))
    try:
        noticed = first_failure(folder, tests_of(mutant.file))
    finally:
        path.write_text(source)
    return Outcome(mutant, noticed, time.monotonic() - began)


def judge_all(sample: Sequence[Mutant], workers: int, scratch: Path) -> list[Outcome]:
    folders: SimpleQueue[Path] = SimpleQueue()
    for number in range(workers):
        folder = scratch / str(number)
        copy_project(folder)
        folders.put(folder)

    def in_a_folder(action: Callable[[Path], T]) -> T:
        folder = folders.get()
        try:
            return action(folder)
        finally:
            folders.put(folder)

    def run(mutant: Mutant) -> Outcome:
        outcome = in_a_folder(lambda folder: judge(mutant, folder))
        sign = "noticed  " if outcome.noticed_by else "UNNOTICED"
        place = f"{mutant.file}:{mutant.line} {mutant.old!r} -> {mutant.new!r}"
        reason = outcome.noticed_by or mutant.source_line
        print(f"{sign} {place} {outcome.seconds:.0f} s {reason}", flush=True)
        return outcome

    def failing(runs: tuple[str, ...]) -> str | None:
        return in_a_folder(lambda folder: first_failure(folder, runs))

    rows = {tests_of(mutant.file) for mutant in sample}
    with ThreadPoolExecutor(workers) as pool:
        for test in filter(None, pool.map(failing, rows)):
            sys.exit(f"a test fails without any change: {test}")
        return list(pool.map(run, sample))


def report(outcomes: Sequence[Outcome], reasons: dict[str, str]) -> tuple[str, bool]:
    """The figures and what went unnoticed, as Markdown; whether enough was noticed and the rest
    explained.
    """
    unnoticed = [outcome.mutant for outcome in outcomes if outcome.noticed_by is None]
    share = 1 - len(unnoticed) / len(outcomes)
    unexplained = [mutant for mutant in unnoticed if mutant.key not in reasons]
    lines = [
        f"{len(outcomes) - len(unnoticed)} of {len(outcomes)} mutants were noticed; of the others "
        f"{len(unnoticed) - len(unexplained)} change nothing.",
        "",
    ]
    if unnoticed:
        lines += ["| unnoticed | change | why |", "|---|---|---|"]
        lines += [
            (
                f"| `{m.file}`: `{_cell(m.source_line)}` | `{_cell(m.old)}` → `{_cell(m.new)}` | "
                f"{reasons.get(m.key, '**unknown**')} |"
            )
            for m in unnoticed
        ]
    return "\n".join(lines), share >= LEAST and not unexplained


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--only", default="", help="only mutants whose file and line hold this text"
    )
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--report", type=Path, help="write the table there as well")
    options = parser.parse_args()
    pool = [mutant for mutant in all_mutants() if options.only in mutant.key]
    sample = random.Random(options.seed).sample(pool, min(options.count, len(pool)))
    print(f"{len(sample)} of {len(pool)} mutants, seed {options.seed}")
    with tempfile.TemporaryDirectory() as scratch:
        outcomes = judge_all(sample, options.workers, Path(scratch))
    text, enough = report(outcomes, equivalents())
    print(text)
    if options.report:
        options.report.write_text(f"{text}\n")
    sys.exit(0 if enough else 1)


if __name__ == "__main__":
    main()
