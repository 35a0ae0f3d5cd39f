"""`archc eval`: scores runs again from what they left on disk."""

import json
from typing import TYPE_CHECKING, Annotated

from typer import Option

from archcompile.choices import TestViews
from archcompile.cli.options import AsJson, Checkpoint, Data, DataDir, Runs, WhichCheckpoint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archcompile.inference import AveragedScores, EnsembleEvaluation, Evaluation
    from archcompile.report import ConfusionMatrix, Scores


def evaluate(
    runs: Runs,
    ensemble: Annotated[
        bool,
        Option("--ensemble", help="Also score the mean of the runs' predicted probabilities."),
    ] = False,
    tta: Annotated[
        TestViews | None,
        Option(
            help="Also score the mean probabilities of several views of each image: flip, the "
            "image and its mirror; crops, the middle and four corners; flip-crops, all of these "
            "and their mirrors.",
        ),
    ] = None,
    checkpoint: WhichCheckpoint = Checkpoint.LAST,
    data: Data = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Score the checkpoints of runs on their test sets.

    With --ensemble, also scores all of them together. For a single run or an ensemble, also prints
    metrics (top-5 accuracy, macro F1, AUC, calibration error) and per-class accuracy; with --tta
    those of the mean.
    """
    from archcompile import evaluate as score
    from archcompile.cli.console import print_text, say

    result = score(
        runs,
        ensemble=ensemble,
        checkpoint=checkpoint.value,
        data=data,
        data_dir=data_dir,
        tta=tta,
        say=say,
    )
    evaluations, together = result.evaluations, result.ensemble
    if as_json:
        print(json.dumps(result.to_dict(), indent=2))
    elif len(runs) == 1:
        print_text(_line(evaluations[0]))
        averaged = evaluations[0].averaged
        if averaged:
            print_text(_averaged_line(averaged))
        _print_scores((averaged or evaluations[0]).scores)
    else:
        _print_table(evaluations, together)
        if together:
            print("\nthe ensemble:")
            _print_scores(together.scores)


def _line(evaluation: "Evaluation") -> str:
    scores, checkpoint = evaluation.scores, evaluation.checkpoint
    return (
        f"test loss {scores.loss:.4f}, test accuracy {scores.accuracy:.4f}  epoch "
        f"{checkpoint.epoch}{_choice_words(checkpoint.chosen_on)}  [{evaluation.dataset}]"
    )


def _averaged_line(averaged: "AveragedScores") -> str:
    scores = averaged.scores
    return (
        f"test loss {scores.loss:.4f}, test accuracy {scores.accuracy:.4f}  mean probabilities of "
        f"{averaged.count} views of each image ({averaged.views})"
    )


def _print_table(
    evaluations: "Sequence[Evaluation]", together: "EnsembleEvaluation | None"
) -> None:
    """A line a run. Cross-entropy stands beside the loss, which has each network's own L2 in it."""
    from archcompile.cli.console import table
    from archcompile.interface import score_cells

    rows: list[tuple[str, ...]] = [
        ("run", "network", "epoch", "test loss", "cross-entropy", "test accuracy", "")
    ]
    for evaluation in evaluations:
        checkpoint = evaluation.checkpoint
        start = (checkpoint.run, checkpoint.name, str(checkpoint.epoch))
        dataset = f"[{evaluation.dataset}]{_choice_words(checkpoint.chosen_on)}"
        rows.append((*start, *score_cells(evaluation.scores), dataset))
        if averaged := evaluation.averaged:
            views = f"{averaged.count} views of each image ({averaged.views})"
            rows.append(("", "", "", *score_cells(averaged.scores), views))
    if together:
        dataset = f"[{together.dataset}]{_choice_words(together.chosen_on)}"
        start = (f"ensemble of {len(evaluations)}", "", "")
        rows.append((*start, *score_cells(together.scores), dataset))
    print(table(rows, frozenset((2, 3, 4, 5)), least=(3, 6, 2, 1)))


def _print_scores(scores: "Scores") -> None:
    """Prints the metrics, and how each class or label does."""
    from archcompile.cli.console import print_text, table
    from archcompile.report import LABEL_HEAD, LabelCounts, label_rows, metric_pairs

    if pairs := metric_pairs(scores.metrics):
        print_text(", ".join(f"{name} {value}" for name, value in pairs))
    if isinstance(scores.confusion, LabelCounts):
        rows = [tuple(LABEL_HEAD), *label_rows(scores.confusion)]
        print(f"\n{table(rows, frozenset((1, 2, 3, 4)))}")
    else:
        _print_classes(scores.confusion)


def _print_classes(matrix: "ConfusionMatrix") -> None:
    """Prints the accuracy of each class, and the largest confusions."""
    from archcompile.cli.console import heading, print_text, table
    from archcompile.errors import visible
    from archcompile.report import class_rows, confusions

    rows, rest = class_rows(matrix)
    print(f"\n{table([('class', 'accuracy', ''), *rows], frozenset((1,)))}")
    if rest:
        print_text(rest)
    largest = confusions(matrix)
    if largest:
        print(f"\n{heading('largest confusions')}")
        for confusion in largest:
            print_text(visible(str(confusion)))


def _choice_words(chosen_on: str | None) -> str:
    return f" (chosen on the {chosen_on})" if chosen_on else ""
