"""How deep Keras recurses over a graph.

Keras 3 visits a model's layers by recursion along each call's first input: with Python's default
limit of 1,000 a chain of 987 layers builds, a longer one raises RecursionError (measured on Keras
3.15.1; also in load_model and clone_model).
"""

from archcompile.graph import LayerGraph
from archcompile.limits import FRAMES_A_LAYER

DEFAULT_LIMIT = 1000
CHAIN_THAT_BUILDS = 900  # below the measured 987, to leave room for the caller's own frames
MARGIN = 1000


def longest_chain(graph: LayerGraph) -> int:
    """The most layers in a row, if every layer is entered from its first input not yet seen."""
    chain: dict[str, int] = {}
    for node in graph:
        chain[node.name] = len(node.op.pieces(*graph.input_shapes(node))) + max(
            (chain[i] for i in node.inputs), default=0
        )
    return max(chain.values())


def needed_limit(graph: LayerGraph) -> int:
    """The recursion limit under which Keras handles this graph."""
    chain = longest_chain(graph)
    return DEFAULT_LIMIT if chain <= CHAIN_THAT_BUILDS else FRAMES_A_LAYER * chain + MARGIN
