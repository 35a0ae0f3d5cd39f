"""The columns of history.csv that can choose the best epoch or be watched by a plateau rule."""

from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator

from archcompile.errors import did_you_mean
from archcompile.spec.language import Refused

Column = Literal[
    "loss", "cross_entropy", "l2", "accuracy", "val_loss", "val_cross_entropy", "val_accuracy"
]
MEASURES: tuple[Column, ...] = get_args(Column)
RENAMED = {"acc": "accuracy", "val_acc": "val_accuracy"}  # as Keras 2 called them before 2.3


def _check_monitor(value: Any) -> Any:
    if isinstance(value, str) and value not in MEASURES:
        meant = RENAMED.get(value)
        hint = f"did you mean `{meant}`?" if meant else did_you_mean(value, MEASURES)
        raise Refused("unknown-monitor", f"history.csv has no column '{value}' to watch", hint)
    return value


Monitor = Annotated[Column, BeforeValidator(_check_monitor)]


def is_minimised(monitor: Column) -> bool:
    """Whether less of it is better."""
    return not monitor.endswith("accuracy")


def is_on_held_out(monitor: Column) -> bool:
    """Whether a column is measured on other images than those trained on."""
    return monitor.startswith("val_")
