"""What a report shows beside a run's files: how its last checkpoint does on the test images."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from archcompile.analyses import summary
from archcompile.api import LayerGraph
from archcompile.data import Dataset, Split
from archcompile.inference import by_class, load_subject, score
from archcompile.messages import Say, to_stderr
from archcompile.report import Comparison, Result, Scored, page, read, worst_mistakes
from archcompile.run_files import REPORT
from archcompile.run_folder import Run


def write_report(
    run: Run,
    graph: LayerGraph,
    data: Dataset,
    *,
    result: Mapping[str, Any],
    probabilities: np.ndarray,
) -> None:
    """Writes report.html of a run at its end; `result` is what result.json will hold.

    `probabilities` (N, classes) are those of the test images after the last step. Raises DataError.
    """
    unfinished = read(run.path, running=True)
    record = replace(unfinished, running=False, result=Result.model_validate(result))
    figures = {name: result[name] for name in ("test_loss", "test_accuracy", "test_cross_entropy")}
    classes = by_class(data.test.labels, probabilities.argmax(axis=1), data.classes)
    score = {"epoch": result["epochs"], "head_output": result["head_output"], **figures, **classes}
    scores = _scored(score, graph, data.test, probabilities=probabilities)
    run.write(REPORT, page.of_run(record, scores))


def report(comparison: Comparison, data_dir: Path | None = None, say: Say = to_stderr) -> str:
    """The page about one run or several, from what they left on disk and their own data.

    Raises UsageError, DataError, MissingError.
    """
    scores = [_score_again(run.path, data_dir, say) for run in comparison.runs]
    return page.of_runs(comparison, scores)


def _score_again(path: Path, data_dir: Path | None, say: Say) -> Scored:
    subject = load_subject(path, "last", None, data_dir=data_dir, say=say)
    record, probabilities = score(subject)
    return _scored(record, subject.saved.graph, subject.test, probabilities=probabilities)


def _scored(
    record: Mapping[str, Any], graph: LayerGraph, test: Split, *, probabilities: np.ndarray
) -> Scored:
    height, width, _ = graph.input_shape

    def seen(number: int) -> np.ndarray:
        """An image as the network sees it: the middle of a larger one."""
        image = test.store.read(number)
        top, left = (image.shape[0] - height) // 2, (image.shape[1] - width) // 2
        return image[top : top + height, left : left + width]

    return Scored(
        record,
        summary(graph)["params"]["total"],
        worst_mistakes(test.labels, probabilities, record["classes"], image=seen),
    )
