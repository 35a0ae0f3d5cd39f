"""`archc compare`: runs side by side, as a table, a chart or a page."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from archcompile.cli.options import AsJson, DataDir, Runs, output_option

if TYPE_CHECKING:
    from archcompile.report import Comparison


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
        from archcompile.interface import check_comparison_file

        check_comparison_file(output)
    from archcompile import compare as compare_runs
    from archcompile.cli.console import say

    result = compare_runs(runs)
    if output is not None:
        result.save(output, data_dir=data_dir)
        say(f"wrote {output}")
    if as_json:
        print(json.dumps(result.to_dict(), indent=2))
    else:
        _print(result.comparison)


def _print(comparison: "Comparison") -> None:
    from archcompile.cli.console import heading, print_text, say, table
    from archcompile.errors import visible
    from archcompile.report import (
        LEAST,
        RIGHT,
        comparison_rows,
        contrast_words,
        difference_words,
        metric_rows,
        notes,
        order_words,
    )

    print(table(comparison_rows(comparison), RIGHT, least=LEAST))
    for line in order_words(comparison):
        print_text(line)
    if measured := metric_rows(comparison):
        columns = range(2, len(measured[0]))
        print(f"\n{table(measured, frozenset(columns), least=tuple(reversed(columns)))}")
    if contrasts := contrast_words(comparison):
        head, *lines = contrasts
        print_text("\n".join(["", heading(head), *lines]))
    if comparison.differences:
        print(f"\n{heading('the runs differ in')}")
        for item in comparison.differences:
            print_text(f"  {visible(difference_words(item, comparison))}")
    for note in notes(comparison):
        say(f"warning: {visible(note)}")
