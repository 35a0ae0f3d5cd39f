"""A graph as PyTorch's network for measuring: the module that `archc export --format torch` writes.

It is only for measuring: weights begin as PyTorch draws them, and a final softmax or sigmoid is
left to the loss, as in PyTorch.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from archcompile.analyses import head
from archcompile.errors import UsageError
from archcompile.graph import LayerGraph
from archcompile.passes import logits
from archcompile.source import TorchSource, to_torch


@dataclass(frozen=True)
class TorchNet:
    """Images (B, C, H, W) to logits (B, classes), or (B, 1) of one sigmoid.

    `decays` are the parameters with the L2 of their layer.
    """

    module: Any
    decays: tuple[tuple[Any, float], ...]


def torch_net(graph: LayerGraph) -> TorchNet:
    """The network as PyTorch has it. Raises UsageError for an L1, which its optimizers lack."""
    ends = head(graph)
    if ends.output != "logits" and ends.node.name not in graph.outputs.values():
        raise UsageError(
            f"the PyTorch network of the benchmark has no {ends.node.op.kind} with layers after it"
        )
    source = to_torch(logits(graph))
    module = _instance(source)
    return TorchNet(module, tuple(_decays(graph, source, module)))


def _decays(graph: LayerGraph, source: TorchSource, module: Any) -> Iterator[tuple[Any, float]]:
    parameters = dict(module.named_parameters())
    for path, (key, _) in source.weights.items():
        name, weight = key.split("/", 1)
        op = graph.nodes[name].op
        if getattr(op, "l1", 0.0):
            raise UsageError(f"the PyTorch network of the benchmark has no L1 ({name})")
        l2 = getattr(op, "l2", 0.0)
        if l2 and weight.endswith("kernel"):
            yield parameters[path], l2


def _instance(source: TorchSource) -> Any:
    """A module. PyTorch compiles bytecode, so the file need not stay."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "model.py")
        file.write_text(source.text, encoding="utf-8")
        spec = spec_from_file_location("exported", file)
        assert spec is not None and spec.loader is not None
        exported = module_from_spec(spec)
        spec.loader.exec_module(exported)
    return getattr(exported, source.name)()
