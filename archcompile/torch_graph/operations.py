"""The operations that become layers, by their ATen names."""

from collections.abc import Mapping

from archcompile.torch_graph import (
    aten_activations,
    aten_kernels,
    aten_merges,
    aten_norms,
    aten_pools,
    aten_shapes,
)
from archcompile.torch_graph.aten_translation import Translator

OPERATIONS: Mapping[str, Translator] = {
    **aten_activations.OPERATIONS,
    **aten_kernels.OPERATIONS,
    **aten_merges.OPERATIONS,
    **aten_norms.OPERATIONS,
    **aten_pools.OPERATIONS,
    **aten_shapes.OPERATIONS,
}
