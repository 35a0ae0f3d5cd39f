"""Builds, traces and runs a network in PyTorch: a process of its own.

`python -m archcompile.torch_graph.torch_process REQUEST.json` reads a request and writes the files
that it names. `trace` writes the graph of ATen operations as JSON; `run` computes with the weights
of a file; `convert` reads a file of weights. TensorFlow and PyTorch are not loaded into one
process, so the rest of archc imports no `torch_` file of this folder. What goes in and out is JSON
and safetensors. Nothing is read by pickle, but for a state dict, of which `weights_only` reads
tensors alone.
"""

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import torch

from archcompile.torch_graph.torch_networks import (
    Refusal,
    Request,
    build,
    by_key,
    export,
    images_of,
    preprocessing,
    usual_shape,
    versions,
)
from archcompile.torch_graph.torch_runs import convert, run


def main(arguments: list[str]) -> int:
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)  # sums are added up in the same order every time
    torch.manual_seed(0)
    request = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    try:
        COMMANDS[request["command"]](request)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 3
    return 0


# ---- trace ---------------------------------------------------------------------------------------


def trace(request: Request) -> None:
    """Writes the graph of a network for images of `shape` (H, W, C), or of the usual size."""
    model = build(request)
    if request["shape"] is None:
        request = {**request, "shape": usual_shape(request["family"], request["name"], model)}
    exported = export(model, request)
    inputs = exported.graph_signature.inputs_to_parameters
    inputs = {**inputs, **exported.graph_signature.inputs_to_buffers}
    record = {
        "versions": versions(request["family"]),
        "input_shape": list(images_of(request).shape),
        "input": exported.graph_signature.user_inputs[0],
        "tensors": {
            node.name: {"name": inputs[node.name], "shape": list(node.meta["val"].shape)}
            for node in exported.graph.nodes
            if node.name in inputs
        },
        "state": {key: list(value.shape) for key, value in model.state_dict().items()},
        "nodes": [_node(node) for node in exported.graph.nodes if node.op == "call_function"],
        "outputs": list(exported.graph_signature.user_outputs),
        "keys": _keys(model, request),
        "preprocessing": preprocessing(request, model),
    }
    Path(request["graph"]).write_text(json.dumps(record), encoding="utf-8")


def _node(node: Any) -> dict[str, Any]:
    """A call: its operation, arguments by name, the module it stands in, and its shape."""
    stack = list(node.meta.get("nn_module_stack", {}).values())
    return {
        "name": node.name,
        "operation": getattr(node.target, "__name__", None)
        if isinstance(node.target, type(len))
        else str(node.target),
        "module": stack[-1][0] if stack else "",
        "arguments": {key: _plain(value) for key, value in _arguments(node).items()},
        "shape": _shape(node.meta.get("val")),
    }


def _arguments(node: Any) -> dict[str, Any]:
    """All arguments by their names, those that are left out with their defaults."""
    schema = getattr(node.target, "_schema", None)
    if schema is None:
        return {str(place): value for place, value in enumerate(node.args)}
    given = {}
    for place, argument in enumerate(schema.arguments):
        if place < len(node.args):
            given[argument.name] = node.args[place]
        else:
            default = argument.default_value if argument.has_default_value() else None
            given[argument.name] = node.kwargs.get(argument.name, default)
    return given


def _plain(value: Any) -> Any:
    """An argument as JSON: a tensor is `{"node": NAME}`, what is no number or text its words."""
    if isinstance(value, torch.fx.Node):
        return {"node": value.name}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return {"words": str(value)}


def _shape(value: Any) -> Any:
    """The shape of a tensor, or a list of those of several."""
    if isinstance(value, list | tuple):
        return [_shape(item) for item in value]
    return [int(size) for size in value.shape] if isinstance(value, torch.Tensor) else None


def _keys(model: torch.nn.Module, request: Request) -> list[str]:
    """The keys of a map that the network returns; nothing where it returns no map."""
    with torch.no_grad():
        return list(by_key(model(images_of(request)), named=False))


COMMANDS = {"trace": trace, "run": run, "convert": convert}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
