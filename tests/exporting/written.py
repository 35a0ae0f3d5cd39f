"""Exports for tests."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from archcompile.exporting.api import export
from tests.training.runs import silent


def written(
    run: Path | str,
    form: str,
    output: Path | None = None,
    say: Callable[[str], None] = silent,
    **more: Any,
) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "passes": (),
        "preprocessing": False,
        "which": "last",
        "data": None,
        "data_dir": None,
        "seed": 0,
        "sets": [],
    }
    return export(str(run), form, output, **{**settings, **more}, say=say)
