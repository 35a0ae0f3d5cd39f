"""`archc cost`: what a network costs, stage by stage, block by block or layer by layer."""

import json
from typing import Annotated

import typer

from archcompile.choices import Level, OptimizerMemory, Precision
from archcompile.cli.options import AsJson, Batch, MaxNodes, Sets, Spec
from archcompile.limits import MAX_NODES


def cost(
    spec: Spec,
    level: Annotated[
        Level | None,
        typer.Option(
            help="What a row of the table shows. Default: layer; for large networks, block."
        ),
    ] = None,
    batch: Batch = 1,
    optimizer: Annotated[
        OptimizerMemory,
        typer.Option(
            help="The optimizer that memory is estimated for: 2, 1 or 0 values per weight."
        ),
    ] = "adam",
    precision: Annotated[
        Precision,
        typer.Option(help="The precision layers compute in."),
    ] = "float32",
    sets: Sets = None,
    as_json: AsJson = False,
    max_nodes: MaxNodes = MAX_NODES,
) -> None:
    """Show parameters, multiply-adds, memory and receptive fields.

    Also shows shapes, and the paths from input to output. --json prints every level.
    """
    from archcompile import compile as compile_spec
    from archcompile import cost as cost_of
    from archcompile.cli.console import print_text
    from archcompile.cli.cost_report import text
    from archcompile.cli.notes import tell_notes

    graph = compile_spec(spec, sets=sets or [], max_nodes=max_nodes)
    tell_notes(graph)
    costs = cost_of(graph, level=level, batch=batch, optimizer=optimizer, precision=precision)
    if as_json:
        print(json.dumps(costs.to_dict(), indent=2))
    else:
        print_text(text(graph, costs.level, costs.training))
