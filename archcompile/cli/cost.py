"""`archc cost`: what a network costs, layer by layer."""

import json
from typing import Annotated, Any

import typer

from archcompile.cli.options import MaxNodes
from archcompile.limits import MAX_NODES


def cost(
    spec: Annotated[
        str, typer.Argument(metavar="SPEC", help="A spec file, the name of a shipped spec, or - for stdin.")
    ],
    sets: Annotated[list[str] | None, typer.Option("--set", metavar="K=V", help="Set a variable or a key.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    max_nodes: MaxNodes = MAX_NODES,
) -> None:
    """Shapes, parameters and multiply-adds of every layer, and their sums."""
    from archcompile import compile as compile_spec
    from archcompile.analyses.cost import LayerCost, layers, parts, summary
    from archcompile.cli.console import table
    from archcompile.cli.notes import tell_notes
    from archcompile.ops import show

    graph = compile_spec(spec, sets=sets or [], max_nodes=max_nodes)
    tell_notes(graph)
    figures = summary(graph)
    if as_json:

        def row(layer: LayerCost) -> dict[str, Any]:
            return {"name": layer.name, "op": layer.kind, "part": layer.part, "shape": list(layer.shape), "params": layer.params,
                    "trainable": layer.trainable, "macs": layer.macs}  # fmt: skip

        by_part = [{"name": p.name, "block": p.block, "units": p.units, "joins": p.joins, "rules": list(p.rules),
                    "shape": list(p.shape), "params": p.totals.params, "macs": p.totals.macs} for p in parts(graph)]  # fmt: skip
        print(json.dumps({**figures, "layers": [row(layer) for layer in layers(graph)], "parts": by_part}, indent=2))
        return
    rows = [("layer", "op", "output", "parameters", "multiply-adds")]
    rows += [(c.name, c.kind, show(c.shape), f"{c.params:,}", f"{c.macs:,}") for c in layers(graph)]
    rows += [("", "", "", "", ""), *((p.name, f"{p.units} x {p.block}" if p.units else "", show(p.shape), f"{p.totals.params:,}",
                                      f"{p.totals.macs:,}") for p in parts(graph))]  # fmt: skip
    sums = figures["params"]
    rows.append((graph.name, f"depth {figures['depth']}", "", f"{sums['total']:,}", f"{figures['macs']:,}"))
    print(table(rows, frozenset((3, 4))))
    print(f"\n{sums['trainable']:,} parameters are trainable, {sums['non_trainable']:,} are not. Multiply-adds: convolutions and "
          "dense layers, one image, bias not counted.")  # fmt: skip
