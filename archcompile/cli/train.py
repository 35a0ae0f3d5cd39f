"""`archc train`: parses, starts a training or its dry run, prints."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from archcompile.cli.completion import complete_runs, complete_specs, complete_training_sets
from archcompile.cli.options import (
    Data,
    DataDir,
    Device,
    Engine,
    Kernels,
    RecipeName,
    RunSeed,
    TimeLimit,
    set_option,
)


def train(
    spec: Annotated[
        str | None,
        Argument(
            metavar="SPEC",
            help="A spec file, or the name of a shipped spec. Default with --resume --run-dir: the "
            "run's own.",
            show_default=False,
            autocompletion=complete_specs,
        ),
    ] = None,
    recipe: RecipeName = None,
    data: Data = None,
    data_dir: DataDir = None,
    epochs: Annotated[
        int | None, Option(min=1, metavar="N", help="Number of epochs. Default: the recipe's.")
    ] = None,
    seed: RunSeed = None,
    sets: Annotated[
        list[str] | None,
        set_option(
            "Set train.K or data.K of the recipe, or a variable or key of the spec.",
            complete=complete_training_sets,
        ),
    ] = None,
    run_dir: Annotated[
        Path | None,
        Option(
            metavar="DIR",
            help="Where the run is written. Default: a new folder under runs/.",
            autocompletion=complete_runs,
        ),
    ] = None,
    resume: Annotated[
        bool,
        Option(
            "--resume",
            help="Resume a run from its last checkpoint: that of --run-dir, "
            "or the newest unfinished one of SPEC.",
        ),
    ] = False,
    force: Annotated[
        bool,
        Option("--force", help="Resume although spec, recipe or data differ from the run's."),
    ] = False,
    init: Annotated[
        str | None,
        Option(
            metavar="RUN|CHECKPOINT|FILE",
            help="Start from the weights of a run, of one of its checkpoints, or of a .keras file.",
            show_default=False,
            autocompletion=complete_runs,
        ),
    ] = None,
    freeze: Annotated[
        str | None,
        Option(
            metavar="PARTS",
            help="Parts to leave untrained, separated by commas: stem,s1. Default: none.",
        ),
    ] = None,
    time_limit: TimeLimit = None,
    dry_run: Annotated[
        bool, Option("--dry-run", help="Show what would be done, time 20 steps, write nothing.")
    ] = False,
    find_rate: Annotated[
        bool,
        Option(
            "--find-rate",
            help="Train 150 steps at growing learning rates, keep nothing, draw the loss and "
            "suggest a rate.",
        ),
    ] = False,
    device: Device = None,
    engine: Engine = None,
    kernels: Kernels = None,
    deterministic: Annotated[
        bool, Option("--deterministic", help="Give the same bits in every run; slower.")
    ] = False,
    tensorboard: Annotated[
        bool, Option("--tensorboard", help="Also write the history for TensorBoard.")
    ] = False,
    quiet: Annotated[
        bool, Option("--quiet", "-q", help="Show nothing but warnings and the result.")
    ] = False,
) -> None:
    """Train the network of a spec, and write a run folder."""
    from archcompile.cli.console import heading, print_text, say
    from archcompile.interface import outcome_words
    from archcompile.run_files import REPORT
    from archcompile.training import TrainingRequest, dry, start
    from archcompile.training import find_rate as find

    request = TrainingRequest(
        spec=spec,
        recipe=recipe,
        data=data,
        data_dir=data_dir,
        epochs=epochs,
        seed=seed,
        sets=sets or (),
        run_dir=run_dir,
        resume=resume,
        force=force,
        init=init,
        freeze=freeze or (),
        time_limit=time_limit,
        device=device,
        engine=engine,
        kernels=kernels,
        deterministic=deterministic,
        tensorboard=tensorboard,
    )
    if dry_run:
        print_text(dry(request), end="")
        return
    if find_rate:
        for line in find(request):
            print_text(line)
        return
    run = start(request, is_quiet=quiet)
    result = run.result
    if not result:
        return
    print_text(heading(outcome_words(result)))
    if not quiet:
        say(f"report: {run.path / REPORT}")
        command = "predict {} IMAGE" if result["finished"] else "train --resume --run-dir {}"
        say(f"next: archc {command.format(run.path)}")
