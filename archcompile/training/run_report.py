"""What a report shows beside a run's files: how its last checkpoint does on the test images."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from archcompile.analyses import layers, totals
from archcompile.api import LayerGraph
from archcompile.data import Dataset, Split
from archcompile.drawing.formats import svg
from archcompile.engine import middle
from archcompile.inference import count_answers, load_subject, score
from archcompile.messages import Say, to_stderr
from archcompile.report import (
    Comparison,
    Mistake,
    Result,
    Scored,
    Scores,
    page,
    read,
    worst_mistakes,
)
from archcompile.run_files import REPORT
from archcompile.run_folder import Outcome, Run

MOST_DRAWN = 5_000  # layers; 4,209 are drawn in about a second
MOST_LETTERS = 400_000  # of a drawing within a page


def write_report(
    run: Run,
    graph: LayerGraph,
    data: Dataset,
    *,
    outcome: Outcome,
    probabilities: np.ndarray,
) -> None:
    """Writes report.html of a run at its end; `outcome` is what result.json will hold.

    `probabilities` (N, classes) are those of the test images after the last step. Raises DataError.
    """
    unfinished = read(run.path, is_running=True)
    record = replace(unfinished, is_running=False, result=Result.model_validate(outcome.record()))
    scores = Scores(
        loss=outcome.test_loss,
        accuracy=outcome.test_accuracy,
        cross_entropy=outcome.test_cross_entropy,
        confusion=count_answers(data.test.labels, probabilities, data.classes),
        metrics=outcome.test_metrics,
    )
    scored = Scored(
        scores=scores,
        epoch=outcome.epochs,
        head_output=outcome.head_output,
        params=totals(layers(graph)).params,
        mistakes=_mistakes(graph, data.test, probabilities, classes=data.classes),
        network=_network(graph),
    )
    run.write(REPORT, page.of_run(record, scored))


def report(comparison: Comparison, data_dir: Path | None = None, say: Say = to_stderr) -> str:
    """The page about one run or several, from what they left on disk and their own data.

    Raises UsageError, DataError, MissingError.
    """
    scores = [_score_again(run.path, data_dir, say) for run in comparison.runs]
    return page.of_runs(comparison, scores)


def _score_again(path: Path, data_dir: Path | None, say: Say) -> Scored:
    subject = load_subject(path, "last", None, data_dir=data_dir, say=say)
    evaluation, probabilities = score(subject)
    graph, classes = subject.saved.graph, subject.saved.classes
    return Scored(
        scores=evaluation.scores,
        epoch=evaluation.checkpoint.epoch,
        head_output=evaluation.head_output,
        params=totals(layers(graph)).params,
        mistakes=_mistakes(graph, subject.test, probabilities, classes=classes),
        network=_network(graph),
    )


def _network(graph: LayerGraph) -> str:
    """The drawing of a network at its default level; nothing where it would take too long."""
    drawing = svg(graph) if len(graph.nodes) <= MOST_DRAWN else ""
    return drawing if len(drawing) <= MOST_LETTERS else ""


def _mistakes(
    graph: LayerGraph, test: Split, probabilities: np.ndarray, *, classes: Sequence[str]
) -> Sequence[Mistake]:
    height, width, _ = graph.input_shape

    def crop(number: int) -> np.ndarray:
        """An image as the network sees it: the middle of a larger one."""
        image: np.ndarray = middle(test.store.read(number)[None], (height, width))[0]
        return image

    return worst_mistakes(test.labels, probabilities, classes, image=crop)
