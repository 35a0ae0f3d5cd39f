"""The functions about networks: `summary`, `cost`, `diff`, `draw` and `list_specs`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

from archcompile.analyses import TrainingMemory, network_cost, training_memory
from archcompile.analyses import diff as difference_of
from archcompile.api import LayerGraph
from archcompile.api import compile as compile_spec
from archcompile.argument_checks import Count, check_arguments
from archcompile.choices import DrawnStyle, Level, OptimizerMemory, Precision
from archcompile.errors import UsageError
from archcompile.interface.network_results import (
    Cost,
    NetworkDifference,
    NetworkDrawing,
    SpecList,
    Summary,
)
from archcompile.limits import MAX_NODES

# a spec file, the name of a shipped spec, or what `compile` returned
Network: TypeAlias = str | Path | LayerGraph
LAYERS_SHOWN = 60  # networks of more are shown by blocks unless layers are asked for


def graph_of(network: Network, sets: Sequence[str], max_nodes: int, **params: Any) -> LayerGraph:
    """The graph of a network, compiled unless it is one. Raises UsageError for settings of that."""
    if not isinstance(network, LayerGraph):
        return compile_spec(network, sets=sets, max_nodes=max_nodes, **params)
    settings = [*sets, *params]
    if settings:
        raise UsageError(
            f"{network.name} is compiled already, so {settings[0]} cannot be set",
            hint="give the settings to `compile`, or the spec to this function",
        )
    return network


@check_arguments
def summary(
    network: Network, *, sets: Sequence[str] = (), max_nodes: Count = MAX_NODES, **params: Any
) -> Summary:
    """A network at a glance: parts, parameters, multiply-adds, depth.

    `network` is a spec file, a shipped name or a compiled graph; `params` and `sets` are as for
    `compile`.
    """
    graph = graph_of(network, sets, max_nodes, **params)
    return Summary(graph, network_cost(graph))


@check_arguments
def cost(
    network: Network,
    *,
    level: Level | None = None,
    batch: Count = 1,
    optimizer: OptimizerMemory = "adam",
    precision: Precision = "float32",
    sets: Sequence[str] = (),
    max_nodes: Count = MAX_NODES,
    **params: Any,
) -> Cost:
    """What a network costs: parameters, multiply-adds, memory and receptive fields.

    `level` is what a row shows: by default a layer, for large networks a block. Memory is estimated
    for a `batch`, an `optimizer` and a `precision`.
    """
    graph = graph_of(network, sets, max_nodes, **params)
    training = TrainingMemory(
        batch=batch,
        optimizer=optimizer,
        precision=precision,
        memory=training_memory(graph, batch, optimizer, precision=precision),
    )
    return Cost(graph, level or ("layer" if len(graph) <= LAYERS_SHOWN else "block"), training)


@check_arguments
def diff(
    a: Network,
    b: Network,
    *,
    sets: Sequence[str] = (),
    sets_a: Sequence[str] = (),
    sets_b: Sequence[str] = (),
    batch: Count = 1,
    max_nodes: Count = MAX_NODES,
) -> NetworkDifference:
    """In what two networks differ, and what that costs.

    `sets` are settings of both, `sets_a` and `sets_b` of one; memory is estimated for a `batch`.
    """
    before = graph_of(a, (*sets, *sets_a), max_nodes)
    after = graph_of(b, (*sets, *sets_b), max_nodes)
    return NetworkDifference(difference_of(before, after), batch)


@check_arguments
def draw(
    *networks: Network,
    output: str | Path | None = None,
    level: Level | None = None,
    style: DrawnStyle | None = None,
    show: str | Sequence[str] = (),
    sets: Sequence[str] = (),
    max_nodes: Count = MAX_NODES,
) -> NetworkDrawing:
    """Draws a network, or with `style="poster"` several side by side.

    The suffix of `output` chooses the format; without a file the drawing is SVG, which notebooks
    show. `show` adds facts to boxes: shapes, params, macs.
    """
    from archcompile.drawing.formats import check_request, draw_networks
    from archcompile.outputs import save

    if not networks:
        raise UsageError("name a network to draw")
    file = Path("drawing.svg" if output is None else output)
    shown = show if isinstance(show, str) else ",".join(show)
    request = check_request(file, len(networks), level, style=style, shown=shown)
    graphs = tuple(graph_of(network, sets, max_nodes) for network in networks)
    content, note = draw_networks(graphs, request)
    if output is not None:
        save(file, content)
    return NetworkDrawing(
        graphs=graphs,
        request=request,
        content=content,
        note=note,
        file=None if output is None else file,
    )


@check_arguments
def list_specs(pattern: str | None = None) -> SpecList:
    """The specs that ship with archc, grouped by family; those with `pattern` in name or about.

    Raises UsageError where that is none.
    """
    from archcompile.authoring import list_shipped, matching

    specs = list_shipped()
    return SpecList(tuple(specs if pattern is None else matching(specs, pattern)))
