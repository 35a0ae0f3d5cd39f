"""Records what archc says, or compares it with a recording.

    python -m tests.replay record FILE [--random N] [--workers N]
    python -m tests.replay compare FILE [--words] [--workers N]

`compare` prints what differs and exits with 1. With `--words`, messages may differ: of findings
only codes and places are compared, of commands the exit code and the files they write. A recording
takes a quarter of an hour on two cores.
"""

import argparse
import gzip
import json
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from difflib import unified_diff
from itertools import islice
from pathlib import Path

from tests.replay.readings import (
    RANDOM,
    Reading,
    all_commands,
    readings_of_command,
    readings_of_random,
)

LINES = 12  # of each difference
WORDS = ('"message":', '"hint":')  # in the JSON form of findings


def readings(task: str | int) -> list[Reading]:
    return list(readings_of_random(task) if isinstance(task, int) else readings_of_command(task))


def all_readings(tasks: list[str | int], workers: int) -> Iterator[Reading]:
    with ProcessPoolExecutor(workers) as pool:
        for some in pool.map(readings, tasks, chunksize=8):
            yield from some


def without_words(reading: Reading) -> Reading | None:
    """What must stay when only words change; None where nothing must."""
    key, text = reading
    if key.endswith(("/diagnostics", "--json/out")):
        lines = [line for line in text.splitlines() if not line.lstrip().startswith(WORDS)]
        return key, "\n".join(lines)
    return None if key.endswith(("/out", "/err")) else reading


def differences(before: dict[str, str], after: dict[str, str]) -> Iterator[str]:
    for key in sorted(before.keys() | after.keys()):
        if key not in before or key not in after:
            yield f"{key}: only {'before' if key in before else 'after'}"
        elif before[key] != after[key]:
            lines = unified_diff(
                before[key].splitlines(),
                after[key].splitlines(),
                "before",
                "after",
                n=0,
                lineterm="",
            )
            yield "\n".join([key, *islice(lines, 2, LINES + 2)])


def write(file: Path, tasks: list[str | int], workers: int) -> int:
    with gzip.open(file, "wt") as out:
        out.write(f"{json.dumps(tasks)}\n")
        for reading in all_readings(tasks, workers):
            out.write(f"{json.dumps(reading)}\n")
    return 0


def compare(file: Path, workers: int, words: bool) -> int:
    with gzip.open(file, "rt") as lines:
        tasks = json.loads(next(lines))
        before = [tuple(json.loads(line)) for line in lines]
    after = list(all_readings(tasks, workers))
    if words:
        before, after = [list(filter(None, map(without_words, some))) for some in (before, after)]
    texts = list(differences(dict(before), dict(after)))
    print(*texts, f"{len(texts)} of {len(before)} readings differ", sep="\n")
    return 1 if texts else 0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=["record", "compare"])
    parser.add_argument("file", type=Path)
    parser.add_argument(
        "--random", type=int, default=RANDOM, help="how many random specs to record"
    )
    parser.add_argument("--words", action="store_true", help="messages may differ")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    if options.action == "compare":
        return compare(options.file, options.workers, options.words)
    return write(options.file, [*range(options.random), *all_commands()], options.workers)


if __name__ == "__main__":
    sys.exit(main())
