"""`archc train`: parses, calls `archcompile.training.api.train`, prints."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from archcompile.cli.options import Data, DataDir, Device, set_option


class Kernels(StrEnum):
    PORTABLE = "portable"
    FUSED = "fused"


def train(
    spec: Annotated[
        str | None,
        Argument(
            help="a shipped spec's name, or a file; with --resume --run-dir, default: the run's "
            "own",
            show_default=False,
        ),
    ] = None,
    recipe: Annotated[
        str | None,
        Option(help="a shipped recipe's name, or a file; default: the one the spec names"),
    ] = None,
    data: Data = None,
    data_dir: DataDir = None,
    epochs: Annotated[int | None, Option(min=1, help="instead of the recipe's own")] = None,
    seed: Annotated[
        int | None, Option(min=0, help="of initial weights, order and augmentation; default: 0")
    ] = None,
    sets: Annotated[
        list[str] | None, set_option("train.K, data.K or a setting of the spec")
    ] = None,
    run_dir: Annotated[
        Path | None, Option(help="where the run is written; default: a new folder under runs/")
    ] = None,
    resume: Annotated[
        bool, Option("--resume", help="resume from the last checkpoint of a run")
    ] = False,
    force: Annotated[
        bool,
        Option("--force", help="resume although spec, recipe or data differ from the run's"),
    ] = False,
    init: Annotated[
        str | None,
        Option(
            metavar="RUN|FILE",
            help="start from the weights of a run or a .keras file",
            show_default=False,
        ),
    ] = None,
    freeze: Annotated[
        str | None,
        Option(metavar="PARTS", help="parts that are not trained, such as stem,s1,s2"),
    ] = None,
    time_limit: Annotated[
        str | None, Option(metavar="TIME", help="end within this time: 90s, 10m, 1h30m")
    ] = None,
    dry_run: Annotated[
        bool, Option("--dry-run", help="show what would be done, time 20 steps, write nothing")
    ] = False,
    device: Device = None,
    kernels: Annotated[
        Kernels | None,
        Option(
            help="stock layers, or faster ones that compute the same; default: fused",
            show_default=False,
        ),
    ] = None,
    deterministic: Annotated[
        bool, Option("--deterministic", help="the same bits in every run; slower")
    ] = False,
    tensorboard: Annotated[
        bool, Option("--tensorboard", help="also write the history for TensorBoard")
    ] = False,
) -> None:
    """Train the network of a spec; leaves a run directory."""
    from archcompile.training import TrainingRequest, dry, start

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
        freeze=tuple(part.strip() for part in freeze.split(",")) if freeze else (),
        time_limit=time_limit,
        device=device,
        kernels=kernels.value if kernels else None,
        deterministic=deterministic,
        tensorboard=tensorboard,
    )
    if dry_run:
        print(dry(request), end="")
        return
    result = start(request).result
    if result:
        print(
            f"test loss {result['test_loss']:.4f}, test accuracy {result['test_accuracy']:.4f}  "
            f"[{result['dataset']}]"
        )
