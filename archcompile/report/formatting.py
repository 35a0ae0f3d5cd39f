"""Figures as people read them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archcompile.report.summary import Summary


def duration(seconds: float) -> str:
    """`42s`, `3m05s`, `2h07m`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02d}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02d}m"


def size(count: int) -> str:
    """Bytes: `512 B`, `1.5 KiB`, `31.7 MiB`, `2.1 GiB`."""
    for unit, bits in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if count >= 1 << bits:
            return f"{count / (1 << bits):,.1f} {unit}"
    return f"{count} B"


def figure(value: float | None) -> str:
    """Four digits after the point; nothing for what was not measured."""
    return "" if value is None else f"{value:.4f}"


def minute(started: str) -> str:
    """`2026-11-25 00:17` of `2026-11-25T00:17:32Z`."""
    return started.replace("T", " ")[:16]


def best(summary: "Summary") -> str:
    """The test accuracy of the best epoch, and what chose it, in a word or two."""
    if summary.best_chosen_on is None:
        return ""
    accuracy, chosen_by = figure(summary.best_accuracy), chooser(summary.best_chosen_on)
    return f"{accuracy} at epoch {summary.best_epoch} ({chosen_by})"


def chooser(chosen_on: str) -> str:
    return "test set" if chosen_on == "test set" else "validation"
