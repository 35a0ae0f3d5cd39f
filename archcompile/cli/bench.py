"""`archc bench`: how fast a network trains here, beside other ways to train it."""

import json
from typing import TYPE_CHECKING, Annotated, cast

from typer import Option

from archcompile.choices import Kernels, Precision
from archcompile.cli.options import AsJson, Sets, SpecFile

if TYPE_CHECKING:
    from archcompile.bench import Contender


def bench(
    spec: SpecFile,
    batch: Annotated[int, Option(min=1, metavar="N", help="Images per step.")] = 128,
    precision: Annotated[
        Precision | None,
        Option(help="Default: float32, and mixed_bfloat16 where the hardware has it."),
    ] = None,
    against: Annotated[
        str, Option(metavar="NAMES", help="Separated by commas: keras, torch, article.")
    ] = "keras,torch,article",
    recipe: Annotated[
        str | None,
        Option(
            metavar="RECIPE",
            help="Recipe whose optimizer and augmentation are used. Default: the spec's.",
        ),
    ] = None,
    turns: Annotated[int, Option(min=1, metavar="N", help="How many turns each gets.")] = 9,
    steps: Annotated[int, Option(min=1, metavar="N", help="Steps per turn.")] = 20,
    kernels: Annotated[Kernels, Option(help="As in archc train.")] = "fused",
    device: Annotated[
        str | None,
        Option(metavar="DEVICE", help="cpu or gpu. Default: the first GPU, else the CPU."),
    ] = None,
    sets: Sets = None,
    as_json: AsJson = False,
) -> None:
    """Measure training steps, augmentation included, beside Keras, PyTorch and the article's way,
    in alternating turns.
    """
    from archcompile import compile as compile_spec
    from archcompile.bench import AGAINST, Task, tasks
    from archcompile.cli.console import say, table
    from archcompile.errors import UsageError, did_you_mean

    names = [name.strip() for name in against.split(",") if name.strip()]
    for unknown in (name for name in names if name not in AGAINST):
        raise UsageError(
            f"--against: expected {', '.join(AGAINST)}, got `{unknown}`",
            hint=did_you_mean(unknown, AGAINST),
        )
    compile_spec(spec, sets=sets or [])  # its mistakes are told here, once
    from archcompile.bench import RIGHT, as_record, measure, rows
    from archcompile.run_folder import cpus, processor, versions
    from archcompile.training import has_bfloat16

    chosen: list[Precision] = [precision] if precision else ["float32"]
    if precision is None and has_bfloat16(device):
        chosen.append("mixed_bfloat16")
    ours = Task(
        contender="archc",
        spec=spec,
        sets=tuple(sets or ()),
        recipe=recipe,
        batch=batch,
        precision=chosen[0],
        steps=steps,
        turns=turns,
        kernels=kernels,
        device=device,
    )
    results = measure(tasks(ours, chosen, cast("list[Contender]", names)), say)
    if as_json:
        machine = {"processor": processor(), "cpus": cpus(), "versions": versions()}
        print(json.dumps({"spec": spec, **machine, "results": as_record(results)}, indent=2))
        return
    print(table(rows(results), RIGHT))
    print(f"\nmedians of {turns} turns of {steps} steps; {processor()}, {cpus()} cores")
