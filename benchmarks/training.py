"""How fast training is here, beside plain Keras and PyTorch, and what it takes besides steps: the
targets, and what is reached.

    python benchmarks/training.py [--out docs/results/training_speed.md] [--turns 9]

Speeds are those of `archc bench`: contenders in processes of their own, in alternating turns,
compared turn by turn; a target is reached where the lower quartile of the turns passes it. PyTorch
and the article's way need the extra `bench`. Linux only.
"""

import argparse
import datetime
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from training_costs import CHILDREN, SMALL, besides

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from archcompile.cli.console import table  # noqa: E402

LARGE = "resnet_v2_56"
LARGE_OPTIONS = ["--batch", "64", "--precision", "float32", "--against", "keras"]
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
        LARGE: bench(LARGE, "--turns", str(turns), *LARGE_OPTIONS),
    }
    return speed_rows(records), target_rows(records), records[SMALL]


def speed_rows(records: dict[str, dict[str, Any]]) -> list[tuple[str, ...]]:
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
    return rows


def target_rows(records: dict[str, dict[str, Any]]) -> list[tuple[str, ...]]:
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
    return reached


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
        arguments.out.write_text(
            markdown(rows, reached, others, machine=machine, turns=arguments.turns)
        )


def markdown(
    rows: list[tuple[str, ...]],
    reached: list[tuple[str, ...]],
    others: list[tuple[str, ...]],
    *,
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
