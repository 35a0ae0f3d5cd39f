"""Prints a graph as Python source that imports only keras: one call a line, variables called like nodes."""

from collections.abc import Sequence
from typing import Any

from archcompile.emit.calls import NamedCall, calls
from archcompile.emit.recursion import DEFAULT_LIMIT, needed_limit
from archcompile.errors import visible
from archcompile.graph.ir import LayerGraph
from archcompile.ops import Call, show


def render(call: Call, before: Sequence[str] = (), name: str | None = None) -> str:
    """`keras.layers.Conv2D(filters=16, …)`; `before` are arguments by place."""
    settings = [
        f"{key}={render(value) if isinstance(value, Call) else repr(value)}" for key, value in call.kwargs.items()
    ]
    return f"keras.{call.path}({', '.join([*before, *settings, *([f'name={name!r}'] if name else [])])})"


def _line(made: NamedCall) -> str:
    if made.is_function:
        return f"{made.name} = {render(made.call, made.sources)}"
    inputs = ", ".join(made.sources)
    if len(made.sources) > 1:
        inputs = f"[{inputs}]"
    line = f"{made.name} = {render(made.call, name=made.name)}{f'({inputs})' if inputs else ''}"
    return f"{line}  # {show(made.node.shape)}" if made.name == made.node.name else line


def to_source(graph: LayerGraph) -> str:
    """The source; running it leaves the model in `model`."""
    lines = [f'"""{_comment(graph)}"""', "", "import keras", ""]
    limit = needed_limit(graph)
    if limit > DEFAULT_LIMIT:
        lines[2:3] = ["import sys", "", "import keras"]
        lines += ["# Keras visits layers by recursion; this net is deeper than Python's default limit allows.",
                  f"sys.setrecursionlimit(max(sys.getrecursionlimit(), {limit}))", ""]  # fmt: skip
    part = None
    for made in calls(graph):
        if made.node.origin.part != part:
            part = made.node.origin.part
            lines += [""] * (lines[-1] != "") + [f"# {part}"]
        lines.append(_line(made))
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
    return visible(" ".join(text.split())).replace("\\", "\\\\").replace('"', "'") + "\n\nWritten by archcompile.\n"
