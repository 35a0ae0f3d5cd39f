"""What every emitted source begins with: a docstring, imports and the check of Keras' version.

And the model that it ends with.
"""

import textwrap
from collections.abc import Iterator, Mapping

from archcompile.errors import visible
from archcompile.graph import LayerGraph, semantic_hash
from archcompile.keras_model import DEFAULT_LIMIT, needed_limit
from archcompile.ops import show
from archcompile.source.keras_version import OLDEST
from archcompile.source.printer import WIDTH
from archcompile.source.syntax import EMPTY, CodeBlock, Expr, Group, Line, Statement, literal, quote


def header(graph: LayerGraph) -> Iterator[Statement]:
    limit = needed_limit(graph)
    yield from map(Line, docstring(graph))
    yield EMPTY
    if limit > DEFAULT_LIMIT:
        yield from (Line("import sys"), EMPTY)
    yield from (Line("import keras"), Line("from keras import layers"), EMPTY, _version_check())
    if limit > DEFAULT_LIMIT:
        yield EMPTY
        yield Line("# Keras visits layers by recursion, deeper here than Python's default allows.")
        yield Line(f"sys.setrecursionlimit(max(sys.getrecursionlimit(), {limit}))")


def _version_check() -> CodeBlock:
    """Stops the source under a Keras that would compute something else."""
    needed = ", ".join(OLDEST.split("."))
    error = (
        f'raise ImportError(f"Keras {OLDEST} or newer is needed; this is {{keras.__version__}}")'
    )
    return CodeBlock(
        f'if tuple(map(int, keras.__version__.split(".")[:2])) < ({needed}):', (Line(error),)
    )


def docstring(graph: LayerGraph) -> list[str]:
    """What the network is and where it comes from; nothing in it can end the string."""
    about = f"{graph.name}: {graph.about}" if graph.about else graph.name
    shapes = " and ".join(show(shape) for shape in graph.output_shapes.values())
    facts = (
        f"{show(graph.input_shape)} to {shapes}. Written by archcompile, spec hash "
        f"{semantic_hash(graph)[:12]}."
    )
    return ['"""' + _harmless(about, 3), "", f"{_harmless(facts)}", '"""']


def _harmless(text: str, before: int = 0) -> str:
    words = visible(" ".join(text.split())).replace("\\", "\\\\").replace('"', "'")
    return "\n".join(
        textwrap.wrap(" " * before + words, WIDTH, break_long_words=False, break_on_hyphens=False)
    ).strip()


def model_expression(graph: LayerGraph, variables: Mapping[str, str]) -> Group:
    """`keras.Model(inputs, x, name="…")`, with a map of the outputs where there are several."""
    inputs = variables[next(iter(graph.nodes))]
    ends = {label: variables[name] for label, name in graph.outputs.items()}
    outputs: Expr
    if len(ends) == 1:
        outputs = next(iter(ends.values()))
    else:
        items = tuple((f"{quote(label)}: ", variable) for label, variable in ends.items())
        outputs = Group(head="{", items=items, tail="}")
    return Group(
        head="keras.Model(",
        items=(("", inputs), ("", outputs), ("name=", literal(graph.name))),
        tail=")",
    )
