"""`archc compare`: runs side by side, as a table, a chart or a page."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from archcompile.cli.options import AsJson, DataDir, Runs, output_option
from archcompile.errors import UsageError

if TYPE_CHECKING:
    from archcompile.report import Comparison, Record

PAGE = ".html"
SUFFIXES = (".svg", ".png", PAGE, ".md", ".tex", ".csv")


def compare(
    runs: Runs,
    output: Annotated[
        Path | None,
        output_option(
            ".svg or .png: error over epochs; .html: a report; .md, .tex or .csv: a table."
        ),
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Compare runs: their results, and in what they differ.

    Runs that differ only in their seed are also summarised together; groups of them are compared,
    the best first. A report needs the runs' own data, for the confusions and the worst mistakes.
    """
    if output is not None:
        _check_suffix(output)
    from archcompile.cli.console import say
    from archcompile.report import as_record, compare_runs

    comparison = compare_runs(_read(runs))
    if output is not None:
        _write(output, comparison, data_dir)
        say(f"wrote {output}")
    if as_json:
        print(json.dumps(as_record(comparison), indent=2))
    else:
        _print(comparison)


def _check_suffix(output: Path) -> None:
    """Raises UsageError."""
    if output.suffix.lower() not in SUFFIXES:
        raise UsageError(
            f"a comparison cannot be written as {output}",
            hint=f"the suffix chooses the format: {', '.join(SUFFIXES)}",
        )


def _read(paths: list[Path]) -> "list[Record]":
    from archcompile.report import read
    from archcompile.run_folder import is_locked

    folders = [path.resolve() for path in paths]
    for path, folder in zip(paths, folders, strict=True):
        if folders.count(folder) > 1:
            raise UsageError(f"{path} is named twice")
    return [read(path, is_locked(path)) for path in paths]


def _write(output: Path, comparison: "Comparison", data_dir: Path | None) -> None:
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


def _print(comparison: "Comparison") -> None:
    from archcompile.cli.console import heading, print_text, say, table
    from archcompile.errors import visible
    from archcompile.report import (
        LEAST,
        RIGHT,
        comparison_rows,
        contrast_words,
        difference_words,
        notes,
    )

    print(table(comparison_rows(comparison), RIGHT, least=LEAST))
    if contrasts := contrast_words(comparison):
        head, *lines = contrasts
        print_text("\n".join(["", heading(head), *lines]))
    if comparison.differences:
        print(f"\n{heading('the runs differ in')}")
        for item in comparison.differences:
            print_text(f"  {visible(difference_words(item, comparison))}")
    for note in notes(comparison):
        say(f"warning: {visible(note)}")
