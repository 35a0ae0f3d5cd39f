"""`archc train`: parses, calls `archcompile.train.api.train`, prints."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option


def train(
    spec: Annotated[str, Argument(help="a shipped spec's name, or a file", show_default=False)],
    recipe: Annotated[
        str | None, Option(help="a shipped recipe's name, or a file; else the one the spec names")
    ] = None,
    data: Annotated[str | None, Option(help="a source's name or a path; else the one the recipe names")] = None,
    data_dir: Annotated[Path | None, Option(help="the folder the source lies in")] = None,
    epochs: Annotated[int | None, Option(min=1, help="instead of the recipe's number")] = None,
    seed: Annotated[int, Option(min=0, help="decides initial weights, order and augmentation")] = 0,
    sets: Annotated[
        list[str] | None, Option("--set", metavar="K=V", help="train.K, data.K or a setting of the spec")
    ] = None,
    run_dir: Annotated[Path | None, Option(help="where the run is written; else a new folder under runs/")] = None,
    resume: Annotated[bool, Option("--resume", help="go on from the last checkpoint of a run")] = False,
) -> None:
    """Train the network of a spec; leaves a run directory."""
    from archcompile.train.api import train as run

    done = run(spec, recipe=recipe, data=data, data_dir=data_dir, epochs=epochs, seed=seed, sets=sets or (),
               run_dir=run_dir, resume=resume)  # fmt: skip
    result = done.result or {}
    print(f"test loss {result['test_loss']:.4f}, test accuracy {result['test_accuracy']:.4f}  [{result['dataset']}]")
