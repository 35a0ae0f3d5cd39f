"""`archc experiment`: a grid of trainings, one after another, and what came out."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Exit, Option

from archcompile.cli.completion import complete_experiments
from archcompile.cli.options import AsJson, Data, DataDir, Device, TimeLimit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archcompile.experiments import Cell, Failure
    from archcompile.training import TrainingRequest


def experiment(
    file: Annotated[
        str,
        Argument(
            metavar="FILE",
            help="An experiment file, or the name of a shipped one.",
            show_default=False,
            autocompletion=complete_experiments,
        ),
    ],
    run_dir: Annotated[
        Path | None,
        Option(
            metavar="DIR", help="Where the runs are written. Default: runs/ and the file's name."
        ),
    ] = None,
    data: Data = None,
    data_dir: DataDir = None,
    device: Device = None,
    time_limit: TimeLimit = None,
    resume: Annotated[
        bool, Option("--resume", help="Skip finished runs and resume the others.")
    ] = False,
    dry_run: Annotated[bool, Option("--dry-run", help="List the runs, train nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Train every spec of a file with every recipe and every seed.

    Summarises them by mean and standard deviation. Can be resumed.
    """
    from archcompile.cli.console import say
    from archcompile.experiments import find_experiment, grid, load_experiment
    from archcompile.training import TrainingRequest

    path = find_experiment(file)
    definition = load_experiment(path)
    folder = run_dir or grid.folder_of(path)
    cells = grid.cells(definition, folder)
    request = TrainingRequest(
        data=data, data_dir=data_dir, device=device, time_limit=time_limit, sets=definition.set
    )
    if dry_run:
        failures = grid.check_before(cells, request, say)
        _list(cells, failures, as_json)
        _end(failures, len(cells), as_json, verb="would fail")
        return
    failures = grid.run(cells, _options(request), resume, say=say)
    _summarise(cells, failures, folder, as_json=as_json)
    _end(failures, len(cells), as_json)


def _list(cells: "Sequence[Cell]", failures: "Sequence[Failure]", as_json: bool) -> None:
    """The runs of a dry run."""
    from archcompile.cli.console import print_text

    runs = [{"run": str(cell.run.path), "finished": cell.is_finished()} for cell in cells]
    if as_json:
        print(json.dumps({"runs": runs, **_errors(failures)}, indent=2))
        return
    for run in runs:
        print_text(f"{run['run']}{'  finished' if run['finished'] else ''}")


def _options(request: "TrainingRequest") -> list[str]:
    """What all trainings have in common, as options of `archc train`."""
    given = {
        "--data": request.data,
        "--data-dir": request.data_dir,
        "--device": request.device,
        "--time-limit": request.time_limit,
    }
    options: list[str] = []
    for name, value in given.items():
        if value is not None:
            options += [name, str(value)]
    for text in request.sets:
        options += ["--set", text]
    return options


def _summarise(
    cells: "Sequence[Cell]", failures: "Sequence[Failure]", folder: Path, *, as_json: bool
) -> None:
    """What came out, of all that has begun: on stdout, and beside the runs."""
    from archcompile.cli.console import say, table
    from archcompile.errors import plural
    from archcompile.experiments import grid
    from archcompile.report import (
        LEAST,
        RIGHT,
        as_record,
        compare_runs,
        comparison_rows,
        curves_of,
        draw_error_curves,
    )

    comparison = compare_runs(grid.read_back(cells, say))
    record = {**as_record(comparison), **_errors(failures)}
    grid.write_summary(folder, "summary.json", json.dumps(record, indent=2) + "\n")
    drawn = curves_of(comparison.groups)
    label = ", ".join(dict.fromkeys(run.environment.dataset.label for run in comparison.runs))
    for suffix in ("svg", "png") if drawn else ():
        grid.write_summary(folder, f"curves.{suffix}", draw_error_curves(drawn, label, suffix))
    if as_json:
        print(json.dumps(record, indent=2))
    elif comparison.runs:
        print(table(comparison_rows(comparison), RIGHT, least=LEAST))
    say(f"wrote {folder}/summary.json{' and curves' if drawn else ''}")
    failed = {failure.run for failure in failures}
    cut = [cell for cell in cells if cell.name not in failed and not cell.is_finished()]
    if cut:
        say(
            f"warning: the time limit ended {len(cut)} of {plural(len(cells), 'training')} before "
            "the end; the same command with --resume continues"
        )


def _errors(failures: "Sequence[Failure]") -> dict[str, list[dict[str, str | int]]]:
    listed = [
        {"run": failure.run, "exit_code": failure.code, "message": failure.reason}
        for failure in failures
    ]
    return {"errors": listed} if listed else {}  # type: ignore[dict-item]


def _end(failures: "Sequence[Failure]", count: int, as_json: bool, *, verb: str = "failed") -> None:
    """Ends with an exit code where trainings have failed; JSON has reported them already."""
    from archcompile.experiments import TrainingsFailed

    if not failures:
        return
    error = TrainingsFailed(failures, count, verb)
    if as_json:
        raise Exit(error.exit_code)
    raise error
