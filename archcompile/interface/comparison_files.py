"""A comparison of runs as a chart, as a page or as a table."""

from pathlib import Path

from archcompile.errors import UsageError
from archcompile.report import Comparison

PAGE = ".html"
SUFFIXES = (".svg", ".png", PAGE, ".md", ".tex", ".csv")


def check_comparison_file(output: Path) -> None:
    """Raises UsageError for a file of another kind."""
    if output.suffix.lower() not in SUFFIXES:
        raise UsageError(
            f"a comparison cannot be written as {output}",
            hint=f"the suffix chooses the format: {', '.join(SUFFIXES)}",
        )


def write_comparison(comparison: Comparison, output: Path, data_dir: Path | None) -> None:
    """Writes a chart of error over epochs, a table, or a report, for which runs' data is read."""
    from archcompile.outputs import save

    if output.suffix.lower() == PAGE:
        from archcompile.training import report

        save(output, report(comparison, data_dir))
        return
    from archcompile.report import TABLES, curves_of, draw_error_curves, table_file

    if output.suffix.lower() in TABLES:
        save(output, table_file(comparison, output.suffix.lower()))
        return
    drawn = curves_of(comparison.groups)
    if not drawn:
        raise UsageError("none of the runs has finished an epoch, so there is nothing to draw")
    data = ", ".join(dict.fromkeys(run.environment.dataset.label for run in comparison.runs))
    save(output, draw_error_curves(drawn, data, output.suffix.lower()[1:]))
