"""`archc bench`: how fast a network trains here, beside other ways to train it."""

import json
from typing import TYPE_CHECKING, Annotated, Any

from typer import Exit, Option

from archcompile.choices import Precision
from archcompile.cli.options import AsJson, Device, Kernels, RecipeName, Sets, SpecFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archcompile.bench import Outcome, Task


def bench(
    spec: SpecFile,
    batch: Annotated[int, Option(min=1, metavar="N", help="Images per step.")] = 128,
    precision: Annotated[
        Precision | None,
        Option(help="Default: float32, and mixed_bfloat16 where the hardware has it."),
    ] = None,
    against: Annotated[
        str,
        Option(
            metavar="NAMES", help="Separated by commas: jax, keras, torch, torch_compile, article."
        ),
    ] = "keras,torch,article",
    recipe: RecipeName = None,
    turns: Annotated[int, Option(min=1, metavar="N", help="How many turns each gets.")] = 9,
    steps: Annotated[int, Option(min=1, metavar="N", help="Steps per turn.")] = 20,
    kernels: Kernels = None,
    device: Device = None,
    sets: Sets = None,
    as_json: AsJson = False,
) -> None:
    """Measure training speed beside Keras, PyTorch and others.

    Times training steps with the optimizer and augmentation of the recipe, in alternating turns.
    Exit 1 if nothing could be measured.
    """
    contenders = _contenders(against)
    from archcompile.bench import Task, measure, plan_of, tasks
    from archcompile.cli.console import say

    ours = Task(
        contender="archc",
        spec=spec,
        sets=tuple(sets or ()),
        recipe=recipe,
        batch=batch,
        precision=precision or "float32",
        steps=steps,
        turns=turns,
        kernels=kernels or "fused",
        device=device,
    )
    plan_of(ours)  # mistakes in what was asked for end the command, before anything is measured
    precisions = [precision] if precision else _precisions(device)
    outcomes = measure(tasks(ours, precisions, contenders), say)
    if as_json:
        print(json.dumps(_record(spec, outcomes), indent=2))
    else:
        _print_table(ours, outcomes)
    if not any(outcome.seconds for outcome in outcomes):
        say("nothing was measured")
        raise Exit(1)


def _contenders(against: str) -> list[str]:
    """The contenders that --against names. Raises UsageError."""
    from archcompile.bench import AGAINST
    from archcompile.errors import UsageError, did_you_mean

    names = [name.strip() for name in against.split(",") if name.strip()]
    for name in names:
        if name not in AGAINST:
            raise UsageError(
                f"--against: expected {', '.join(AGAINST)}, got `{name}`",
                hint=did_you_mean(name, AGAINST),
            )
    return names


def _precisions(device: str | None) -> "list[Precision]":
    """float32, and bfloat16 where the hardware computes in it."""
    from archcompile.machine import has_bfloat16

    return ["float32", "mixed_bfloat16"] if has_bfloat16(device) else ["float32"]


def _record(spec: str, outcomes: "Sequence[Outcome]") -> dict[str, Any]:
    from archcompile.bench import as_record
    from archcompile.engine import open_engine
    from archcompile.run_folder import cpus, processor, versions

    packages = versions(open_engine().read_platform())
    machine = {"processor": processor(), "cpus": cpus(), "versions": packages}
    return {"spec": spec, **machine, "results": as_record(outcomes)}


def _print_table(ours: "Task", outcomes: "Sequence[Outcome]") -> None:
    from archcompile.bench import RIGHT, rows
    from archcompile.cli.console import table
    from archcompile.run_folder import cpus, processor

    print(table(rows(outcomes), RIGHT))
    print(f"\nmedians of {ours.turns} turns of {ours.steps} steps; {processor()}, {cpus()} cores")
