"""Exports for tests."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from archcompile.exporting import ExportRequest, export
from tests.training.runs import silent


def written(
    run: Path | str,
    form: str,
    output: Path | None = None,
    *,
    say: Callable[[str], None] = silent,
    **more: Any,
) -> dict[str, Any]:
    request = ExportRequest(what=str(run), form=form, output=output, **more)
    return export(request, say).record()
