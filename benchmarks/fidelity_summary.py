"""The report of `fidelity.py`, and the conditions that it checks."""

import statistics
from typing import Any

CONTENDERS = ("keras", "archc")

# The conditions of the comparison: accuracy in the third epoch of training, and the best test
# accuracy of a run.
EPOCH_COMPARED = 3
LARGEST_GAP = 0.015
LEAST_TRAINING = 0.62
LEAST_TEST = 0.60

INTRODUCTION = """\
# Training fidelity: archc beside plain Keras

The article's 20-layer network, trained with the article's recipe by `archc train` and by `model.fit` on a network
written by hand (`tests/oracles/article.py`). Written by `benchmarks/fidelity.py`, which also checks the conditions.
Test accuracy swings in the first epochs, because the moving statistics of batch normalisation (momentum 0.99) lag.
Seconds are those of the training steps alone; they compare speeds only where the machine did nothing else.
"""  # noqa: E501 - a text


def conditions(runs: list[dict[str, Any]]) -> list[tuple[str, bool]]:
    """Each condition as a sentence with the figures in it, and whether it holds."""
    means = {}
    for contender in CONTENDERS:
        histories = [run["epochs"] for run in runs if run["contender"] == contender]
        if not histories or min(map(len, histories)) < EPOCH_COMPARED:
            return [
                (
                    f"{contender}: no run, or one of fewer than {EPOCH_COMPARED} epochs: nothing "
                    "to compare",
                    False,
                )
            ]
        means[contender] = statistics.mean(
            rows[EPOCH_COMPARED - 1]["accuracy"] for rows in histories
        )
    gap = abs(means["keras"] - means["archc"])
    figures = ", ".join(f"{contender} {100 * mean:.2f} %" for contender, mean in means.items())
    worst = min(runs, key=lambda run: max(row["val_accuracy"] for row in run["epochs"]))
    best_of_worst = max(row["val_accuracy"] for row in worst["epochs"])
    return [
        (
            f"mean training accuracy of epoch {EPOCH_COMPARED} within {100 * LARGEST_GAP:.1f} "
            "points of each other: "
            f"{figures}, {100 * gap:.2f} apart",
            gap <= LARGEST_GAP,
        ),
        (f"both above {100 * LEAST_TRAINING:.0f} %", min(means.values()) > LEAST_TRAINING),
        (
            f"test accuracy above {100 * LEAST_TEST:.0f} % at least once in each run: the least "
            "of the runs' best is "
            f"{100 * best_of_worst:.2f} % ({worst['contender']}, seed {worst['seed']})",
            best_of_worst > LEAST_TEST,
        ),
    ]


def summary(runs: list[dict[str, Any]]) -> tuple[str, bool]:
    """The Markdown report and whether every condition holds."""

    def percents(run: dict[str, Any], column: str) -> str:
        return " ".join(f"{100 * row[column]:.2f}" for row in run["epochs"])

    lines = [
        INTRODUCTION,
        "| contender | seed | training accuracy, %, by epoch | test accuracy, %, by epoch | "
        "s/epoch |",
    ]
    lines += ["|---|---|---|---|---|"]
    for run in runs:
        seconds = statistics.mean(row["seconds"] for row in run["epochs"])
        accuracies = f"{percents(run, 'accuracy')} | {percents(run, 'val_accuracy')}"
        lines.append(f"| {run['contender']} | {run['seed']} | {accuracies} | {seconds:.0f} |")
    checked = conditions(runs)
    lines += [
        "",
        *(
            f"- {'holds' if holds else '**DOES NOT HOLD**'}: {sentence}"
            for sentence, holds in checked
        ),
        "",
    ]
    for key in ("data", "data_sha256", "batch", "machine"):
        lines.append(f"- {key}: {'; '.join(sorted({str(run[key]) for run in runs}))}")
    for run in runs:
        packages = ", ".join(f"{name} {version}" for name, version in run["versions"].items())
        title = f"{run['contender']}, seed {run['seed']}, {run['date']}, {packages}"
        lines.append(f"- {title}: `{run['command']}`")
    return "\n".join(lines) + "\n", all(holds for _, holds in checked)
