"""What a report shows beside the files of a run: how its last checkpoint classifies the test
pictures.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from archcompile.analyses import summary
from archcompile.api import LayerGraph
from archcompile.data import Dataset, Files, Split
from archcompile.inference import by_class, prepared, scored, to_stderr
from archcompile.report import Comparison, Result, Scored, page, read, worst_mistakes
from archcompile.run_folder import Run

Say = Callable[[str], None]
NAME = "report.html"


def write_report(
    run: Run,
    graph: LayerGraph,
    data: Dataset,
    *,
    result: Mapping[str, Any],
    probabilities: np.ndarray,
) -> None:
    """Writes report.html of a run at its end: `result` is what result.json will hold.

    `probabilities` (N, classes) are those of the test pictures after the last step. Raises
    DataError.
    """
    found = replace(
        read(run.path, running=True), running=False, result=Result.model_validate(result)
    )
    figures = {name: result[name] for name in ("test_loss", "test_accuracy", "test_cross_entropy")}
    classes = by_class(data.test.labels, probabilities.argmax(axis=1), data.classes)
    record = {"epoch": result["epochs"], "head_output": result["head_output"], **figures, **classes}
    run.write(
        NAME, page.of_run(found, _scored(record, graph, data.test, probabilities=probabilities))
    )


def report(found: Comparison, data_dir: Path | None = None, say: Say = to_stderr) -> str:
    """The page about one run or several, from what they left on disk and their own data.

    Raises UsageError, DataError, MissingError.
    """
    return page.of_runs(found, [_again(run.path, data_dir, say) for run in found.runs])


def _again(path: Path, data_dir: Path | None, say: Say) -> Scored:
    of = prepared(path, "last", None, data_dir=data_dir, say=say)
    record, probabilities = scored(of)
    return _scored(record, of.saved.graph, of.test, probabilities=probabilities)


def _scored(
    record: Mapping[str, Any], graph: LayerGraph, test: Split, *, probabilities: np.ndarray
) -> Scored:
    height, width, _ = graph.input_shape
    images = test.images

    def seen(number: int) -> np.ndarray:
        """A picture as the network gets it: the middle of a larger one."""
        picture = images.read(number) if isinstance(images, Files) else images[number]
        top, left = (picture.shape[0] - height) // 2, (picture.shape[1] - width) // 2
        return picture[top : top + height, left : left + width]

    return Scored(
        record,
        summary(graph)["params"]["total"],
        worst_mistakes(test.labels, probabilities, record["classes"], picture=seen),
    )
