"""`archc experiment`: a grid of trainings, one after another, and what came out."""

import json
from pathlib import Path
from typing import Annotated

from typer import Argument, Exit, Option


def experiment(
    file: Annotated[str, Argument(metavar="FILE", help="an experiment file, or the name of a shipped one", show_default=False)],
    run_dir: Annotated[Path | None, Option(help="where the runs are written; else runs/ and the file's name")] = None,
    data: Annotated[str | None, Option(help="a source's name or a path; else the one the recipes name")] = None,
    data_dir: Annotated[Path | None, Option(help="the folder the source lies in")] = None,
    device: Annotated[str | None, Option(help="as in archc train")] = None,
    time_limit: Annotated[str | None, Option(metavar="TIME", help="for each run: 90s, 10m, 1h30m")] = None,
    resume: Annotated[bool, Option("--resume", help="go on with what is there")] = False,
    dry_run: Annotated[bool, Option("--dry-run", help="name the runs, train nothing")] = False,
    as_json: Annotated[bool, Option("--json", help="one JSON object on stdout")] = False,
) -> None:
    """Train every spec of a file by every recipe with every seed; resumable, summarised with mean and deviation."""
    from archcompile.cli.console import say, table
    from archcompile.errors import TrainingStopped
    from archcompile.report.error_curves import curves, draw
    from archcompile.report.groups import compared
    from archcompile.report.read import read
    from archcompile.report.side_by_side import RIGHT, as_record, rows
    from archcompile.train import grid
    from archcompile.train.experiment import find_experiment, load

    path = find_experiment(file)
    wanted = load(path)
    folder = run_dir or grid.folder_of(path)
    cells = grid.cells(wanted, folder)
    if dry_run:
        runs = [{"run": str(cell.run.path), "finished": cell.is_finished()} for cell in cells]
        lines = (f"{one['run']}{'  finished' if one['finished'] else ''}" for one in runs)
        print(json.dumps({"runs": runs}, indent=2) if as_json else "\n".join(lines))
        return
    given = {"--data": data, "--data-dir": data_dir, "--device": device, "--time-limit": time_limit}
    options = [part for name, value in given.items() if value is not None for part in (name, str(value))]
    options += [part for text in wanted.set for part in ("--set", text)]
    stopped = None
    try:
        grid.run(cells, options, resume, say)
    except TrainingStopped as error:  # the others have gone on
        stopped = error
    found = compared([read(cell.run.path) for cell in cells if cell.run.identity() is not None])
    grid.write_summary(folder, "summary.json", json.dumps(as_record(found), indent=2) + "\n")
    drawn = curves(found.groups)
    label = ", ".join(dict.fromkeys(run.environment.dataset.label for run in found.runs))
    for suffix in ("svg", "png") if drawn else ():
        grid.write_summary(folder, f"curves.{suffix}", draw(drawn, label, suffix))
    errors = {} if stopped is None else {"errors": [{"message": stopped.message, "hint": stopped.hint}]}
    print(json.dumps({**as_record(found), **errors}, indent=2) if as_json else table(rows(found), RIGHT))
    say(f"wrote {folder}/summary.json and curves")
    if stopped and as_json:
        raise Exit(stopped.exit_code)  # told in the document
    if stopped:
        raise stopped
