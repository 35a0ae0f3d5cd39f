"""Prints a graph as Python source that imports only keras: one call a line, variables called like nodes."""

from typing import Any

from archcompile.emit.recursion import DEFAULT_LIMIT, needed_limit
from archcompile.graph.ir import LayerGraph, Node
from archcompile.ops import Call, show


def render(call: Call, name: str | None = None) -> str:
    """`keras.layers.Conv2D(filters=16, …)`."""
    kwargs = [
        f"{key}={render(value) if isinstance(value, Call) else repr(value)}" for key, value in call.kwargs.items()
    ]
    return f"keras.{call.path}({', '.join(kwargs + ([f'name={name!r}'] if name else []))})"


def _line(node: Node) -> str:
    inputs = ", ".join(node.inputs)
    call = render(node.op.call(), node.name)
    if len(node.inputs) > 1:
        inputs = f"[{inputs}]"
    return f"{node.name} = {call}{f'({inputs})' if inputs else ''}  # {show(node.shape)}"


def to_source(graph: LayerGraph) -> str:
    """The source; running it leaves the model in `model`."""
    lines = [f'"""{_comment(graph)}"""', "", "import keras", ""]
    limit = needed_limit(graph)
    if limit > DEFAULT_LIMIT:
        lines[2:3] = ["import sys", "", "import keras"]
        lines += ["# Keras visits layers by recursion; this net is deeper than Python's default limit allows.",
                  f"sys.setrecursionlimit(max(sys.getrecursionlimit(), {limit}))", ""]  # fmt: skip
    part = None
    for node in graph:
        if node.origin.part != part:
            part = node.origin.part
            lines += [""] * (lines[-1] != "") + [f"# {part}"]
        lines.append(_line(node))
    return "\n".join(
        [*lines, "", f"model = keras.Model({next(iter(graph.nodes))}, {_outputs(graph)}, name={graph.name!r})", ""]
    )


def _outputs(graph: LayerGraph) -> str:
    ends: dict[str, Any] = dict(graph.outputs)
    if len(ends) == 1:
        return str(next(iter(ends.values())))
    return "{" + ", ".join(f"{label!r}: {name}" for label, name in ends.items()) + "}"


def _comment(graph: LayerGraph) -> str:
    """The docstring: name and purpose, made harmless."""
    text = f"{graph.name}: {graph.about}" if graph.about else graph.name
    return text.replace("\\", "\\\\").replace('"', "'").replace("\n", " ").strip() + "\n\nWritten by archcompile.\n"
