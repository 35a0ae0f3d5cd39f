"""`archc bench`: how fast a network trains here, or runs, beside other ways to do it."""

import json
from typing import TYPE_CHECKING, Annotated, Any

from typer import Exit, Option

from archcompile.choices import Precision
from archcompile.cli.completion import complete_contenders
from archcompile.cli.options import AsJson, Device, Kernels, RecipeName, Sets, SpecFile
from archcompile.errors import plural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from archcompile.bench import Outcome, Task

BATCH, BATCHES = 128, (1, 64)  # of training, and of inference
STEPS = 20  # of training, in a turn


def bench(
    spec: SpecFile,
    batch: Annotated[
        int | None,
        Option(
            min=1,
            metavar="N",
            help="Images per step. Default: 128; with --inference 1 and 64.",
            show_default=False,
        ),
    ] = None,
    precision: Annotated[
        Precision | None,
        Option(help="Default: float32, and mixed_bfloat16 where the hardware has it."),
    ] = None,
    against: Annotated[
        str | None,
        Option(
            metavar="NAMES",
            help="Separated by commas: jax, keras, torch, torch_compile, article. Default: keras, "
            "torch, article. With --inference: keras, fold_bn, onnx, litert, torch_compile. "
            "Default: all.",
            autocompletion=complete_contenders,
            show_default=False,
        ),
    ] = None,
    inference: Annotated[
        bool, Option("--inference", help="Measure how fast the network runs, not how it trains.")
    ] = False,
    recipe: RecipeName = None,
    turns: Annotated[int, Option(min=1, metavar="N", help="How many turns each gets.")] = 9,
    steps: Annotated[
        int | None,
        Option(
            min=1,
            metavar="N",
            help="Steps per turn. Default: 20; with --inference those of 128 images.",
            show_default=False,
        ),
    ] = None,
    kernels: Kernels = None,
    device: Device = None,
    sets: Sets = None,
    as_json: AsJson = False,
) -> None:
    """Measure training speed beside Keras, PyTorch and others.

    Times training steps with the optimizer and augmentation of the recipe, in alternating turns.
    With --inference: Keras, with norms folded too, ONNX, LiteRT and PyTorch, on random weights.
    Exit 1 if nothing could be measured.
    """
    from archcompile.bench import (
        AGAINST,
        DEPLOYED,
        Task,
        inference_tasks,
        measure,
        plan_of,
        tasks,
    )
    from archcompile.cli.console import say

    if inference:
        _check_inference(
            {"--recipe": recipe, "--precision": precision, "--kernels": kernels, "--device": device}
        )
        names = _contenders(against or ",".join(DEPLOYED), list(DEPLOYED)) or list(DEPLOYED)
        batches = [batch] if batch else BATCHES
        listed = inference_tasks(spec, sets or (), names, batches=batches, turns=turns, steps=steps)
        _bench_inference(listed, as_json=as_json)
        return
    contenders = _contenders("keras,torch,article" if against is None else against, AGAINST)
    ours = Task(
        contender="archc",
        spec=spec,
        sets=tuple(sets or ()),
        recipe=recipe,
        batch=batch or BATCH,
        precision=precision or "float32",
        steps=steps or STEPS,
        turns=turns,
        kernels=kernels,
        device=device,
    )
    plan_of(ours)  # mistakes in what was asked for end the command, before anything is measured
    precisions = [precision] if precision else _precisions(device)
    outcomes = measure(tasks(ours, precisions, contenders), say)
    if as_json:
        print(json.dumps(_record(spec, outcomes), indent=2))
    else:
        _print_table(ours, outcomes)
    _check_measured(outcomes)


def _check_measured(outcomes: "Sequence[Outcome]") -> None:
    from archcompile.cli.console import say

    if not any(outcome.seconds for outcome in outcomes):
        say("nothing was measured")
        raise Exit(1)


def _contenders(against: str, known: "Sequence[str]") -> list[str]:
    """The contenders that --against names. Raises UsageError."""
    from archcompile.errors import UsageError, did_you_mean

    names = [name.strip() for name in against.split(",") if name.strip()]
    for name in names:
        if name not in known:
            raise UsageError(
                f"--against: expected {', '.join(known)}, got `{name}`",
                hint=did_you_mean(name, known),
            )
    return names


def _check_inference(options: "Mapping[str, object]") -> None:
    """Raises UsageError for an option that is about training, or that not all contenders have."""
    from archcompile.errors import UsageError

    for name, value in options.items():
        if value is not None:
            raise UsageError(f"{name} is not for --inference, which runs float32 on the processor")


def _bench_inference(tasks: "Sequence[Task]", *, as_json: bool) -> None:
    import archcompile
    from archcompile.bench import (
        INFERENCE_LEAST,
        INFERENCE_RIGHT,
        as_inference_record,
        inference_rows,
        measure,
    )
    from archcompile.cli.console import print_text, say, table
    from archcompile.run_folder import cpus, processor

    first = tasks[0]
    archcompile.compile(first.spec, sets=first.sets)  # a mistake ends the command at once
    outcomes = measure(tasks, say)
    if as_json:
        machine = {"processor": processor(), "cpus": cpus()}
        record = {"spec": first.spec, **machine, "results": as_inference_record(outcomes)}
        print(json.dumps(record, indent=2))
    else:
        print(table(inference_rows(outcomes), INFERENCE_RIGHT, least=INFERENCE_LEAST))
        turns = plural(first.turns, "turn")
        print_text(f"\nmedians of {turns}; {processor()}, {cpus()} cores")
    _check_measured(outcomes)


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
    from archcompile.bench import LEAST, RIGHT, rows
    from archcompile.cli.console import print_text, table
    from archcompile.run_folder import cpus, processor

    print(table(rows(outcomes), RIGHT, least=LEAST))
    turns, steps = plural(ours.turns, "turn"), plural(ours.steps, "step")
    print_text(f"\nmedians of {turns} of {steps}; {processor()}, {cpus()} cores")
