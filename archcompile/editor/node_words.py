"""What hover and hints say about nodes: shapes, parameters, multiply-adds, fields, Keras calls."""

import re
from collections.abc import Iterable, Sequence

from archcompile.analyses import LayerCost, Receptive, totals
from archcompile.editor.analysis import Compiled
from archcompile.graph import Node
from archcompile.ops import Call, Shape, times

SHOWN_NODES = 8
_SIGNS = re.compile(r"([\\`*_\[\]<>#|!])")  # that mean something in Markdown


def prose(text: str) -> str:
    """A text of a file, which may be somebody else's, so that Markdown takes it as it stands."""
    return _SIGNS.sub(r"\\\1", text)


def code(text: str) -> str:
    """The same within a sentence, as code."""
    return f"`{' '.join(text.split()).replace('`', chr(39))}`"


def shape_words(shape: Shape) -> str:
    """`16×16×32`."""
    return "×".join(map(str, shape))


def field_words(receptive: Receptive) -> str:
    return times(receptive.largest).replace("x", "×")


def describe_nodes(compiled: Compiled, nodes: Sequence[Node]) -> str:
    """One node in lines, several as a table with their sums."""
    if len(nodes) == 1:
        return _describe_node(compiled, nodes[0])
    head = "| layer | in | out | parameters | multiply-adds | field |\n|---|---|---|--:|--:|--:|"
    rows = [_row(compiled, node) for node in nodes[:SHOWN_NODES]]
    more = len(nodes) - SHOWN_NODES
    rows += [f"| … {more} more | | | | | |"] if more > 0 else []
    return "\n".join([head, *rows, "", sums_in_words(compiled.costs[node.name] for node in nodes)])


def _describe_node(compiled: Compiled, node: Node) -> str:
    cost = compiled.costs[node.name]
    return "\n\n".join(
        (
            f"{_inputs_in_words(compiled, node)} → **{shape_words(node.shape)}**",
            f"{figures_in_words(cost)} · receptive field {field_words(compiled.fields[node.name])}",
            f"```python\n{keras_calls(compiled, node)}\n```",
        )
    )


def _inputs_in_words(compiled: Compiled, node: Node) -> str:
    return " and ".join(map(shape_words, compiled.graph.input_shapes(node)))


def _row(compiled: Compiled, node: Node) -> str:
    cost = compiled.costs[node.name]
    cells = (
        node.name,
        _inputs_in_words(compiled, node),
        shape_words(node.shape),
        f"{cost.params:,}",
        f"{cost.macs:,}",
        field_words(compiled.fields[node.name]),
    )
    return f"| {' | '.join(cells)} |"


def figures_in_words(cost: LayerCost) -> str:
    return f"{cost.params:,} parameters · {cost.macs:,} multiply-adds"


def sums_in_words(costs: Iterable[LayerCost]) -> str:
    """The parameters and multiply-adds of several layers together."""
    sums = totals(costs)
    return f"together {sums.params:,} parameters · {sums.macs:,} multiply-adds"


def keras_calls(compiled: Compiled, node: Node) -> str:
    """The calls that make the layer in Keras, one a line."""
    pieces = node.op.pieces(*compiled.graph.input_shapes(node))
    return "\n".join(_call_in_words(piece.call) for piece in pieces)


def _call_in_words(call: Call) -> str:
    settings = ", ".join(f"{key}={_value_in_words(value)}" for key, value in call.kwargs.items())
    return f"keras.{call.path}({settings})"


def _value_in_words(value: object) -> str:
    return _call_in_words(value) if isinstance(value, Call) else repr(value)
