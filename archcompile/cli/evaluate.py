"""`archc eval`: scores runs again from what they left on disk."""

import json
from typing import Annotated, Any

from typer import Option

from archcompile.cli.options import AsJson, Checkpoint, Data, DataDir, Runs, WhichCheckpoint


def evaluate(
    runs: Runs,
    ensemble: Annotated[
        bool,
        Option("--ensemble", help="Also score the mean of the runs' predicted probabilities."),
    ] = False,
    checkpoint: WhichCheckpoint = Checkpoint.LAST,
    data: Data = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Score the checkpoints of runs on their test sets.

    With --ensemble, also scores all of them together. For a single run or an ensemble, also prints
    per-class accuracy.
    """
    from archcompile.inference import evaluate as score
    from archcompile.inference import evaluate_ensemble

    together = None
    if ensemble:
        records, together = evaluate_ensemble(
            runs, which=checkpoint.value, data=data, data_dir=data_dir
        )
    else:
        records = [score(run, which=checkpoint.value, data=data, data_dir=data_dir) for run in runs]
    if as_json:
        several = {"runs": records, "ensemble": together}
        print(json.dumps(records[0] if len(runs) == 1 else several, indent=2))
    elif len(runs) == 1:
        record = records[0]
        print(f"{_scores(record)}  epoch {record['epoch']}{_chosen(record)}  [{record['dataset']}]")
        _print_classes(record)
    else:
        _print_table(records, together)
        if together:
            _print_classes(together)


def _print_table(records: list[dict[str, Any]], together: dict[str, Any] | None) -> None:
    """A line a run. Cross-entropy stands beside the loss, which has each network's own L2 in it."""
    from archcompile.cli.console import table

    rows = [("run", "network", "epoch", "test loss", "cross-entropy", "test accuracy", "")]
    rows += [
        (r["run"], r["name"], str(r["epoch"]), *_figures(r), f"[{r['dataset']}]{_chosen(r)}")
        for r in records
    ]
    if together:
        dataset = f"[{together['dataset']}]{_chosen(together)}"
        rows.append((f"ensemble of {len(records)}", "", "", *_figures(together), dataset))
    print(table(rows, frozenset((2, 3, 4, 5))))


def _print_classes(record: dict[str, Any]) -> None:
    """How well each class is told, and the largest confusions."""
    from archcompile.cli.console import table
    from archcompile.errors import visible
    from archcompile.report import class_rows, confusions

    rows, rest = class_rows(record)
    print(f"\n{table([('class', 'accuracy', ''), *rows], frozenset((1,)))}")
    if rest:
        print(rest)
    largest = confusions(record)
    if largest:
        print("\nlargest confusions")
        for confusion in largest:
            print(visible(str(confusion)))


def _figures(record: dict[str, Any]) -> tuple[str, str, str]:
    return (
        f"{record['test_loss']:.4f}",
        f"{record['test_cross_entropy']:.4f}",
        f"{record['test_accuracy']:.4f}",
    )


def _scores(record: dict[str, Any]) -> str:
    return f"test loss {record['test_loss']:.4f}, test accuracy {record['test_accuracy']:.4f}"


def _chosen(record: dict[str, Any]) -> str:
    return f" (chosen on the {record['chosen_on']})" if record["chosen_on"] else ""
