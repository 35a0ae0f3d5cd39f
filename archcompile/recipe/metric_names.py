"""The metrics beside loss and accuracy, by the names that recipes and results have for them."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from archcompile.errors import did_you_mean
from archcompile.spec.language import Refused

METRICS = ("macro_f1", "auc", "calibration_error")
TOP = re.compile("top_([1-9][0-9]{0,3})")
BINS = 15  # of the calibration error, equally wide (Guo et al. 2017, section 3)


def _check_metric(value: Any) -> Any:
    if isinstance(value, str) and value not in METRICS and not TOP.fullmatch(value):
        hint = did_you_mean(value, ("top_5", *METRICS), "the metrics are")
        raise Refused("unknown-metric", f"there is no metric '{value}'", hint)
    return value


MetricName = Annotated[
    str,
    BeforeValidator(_check_metric),
    WithJsonSchema(
        {"type": "string", "pattern": f"^(?:{'|'.join(METRICS)}|top_[1-9][0-9]{{0,3}})$"}
    ),
]


def metric_words(name: str) -> str:
    """`top-5 accuracy`, `macro F1`: a metric's name for a reader."""
    if top := TOP.fullmatch(name):
        return f"top-{top[1]} accuracy"
    words = {
        "macro_f1": "macro F1",
        "auc": "AUC (macro)",
        "calibration_error": f"calibration error ({BINS} bins)",
        "exact_match": "exact match",
    }
    return words.get(name, name)
