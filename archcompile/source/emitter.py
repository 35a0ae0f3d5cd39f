"""Prints a graph as Python source that imports only keras and leaves the model in `model`.

`flat` has a line a layer and variables called like nodes; `article` has a function for each block
type, and loops.
"""

import textwrap
from collections.abc import Iterable, Mapping
from typing import Literal

from archcompile.errors import Location, visible
from archcompile.graph import LayerGraph, semantic_hash
from archcompile.keras_model import DEFAULT_LIMIT, NamedCall, calls, needed_limit
from archcompile.ops import show
from archcompile.source.helpers import Maker, Names, expression, makers
from archcompile.source.keras_version import OLDEST
from archcompile.source.printer import WIDTH, Expr, Group, literal, quoted, statement
from archcompile.source.read_back import check

SourceStyle = Literal["flat", "article"]


class Places:
    """Lines of specs as comments name them: files by the shortest ends of their paths that tell
    them apart.
    """

    def __init__(self, graph: LayerGraph) -> None:
        origins = [node.origin for node in graph]
        files = {
            place.file for origin in origins for place in (origin.location, origin.used_at) if place
        }
        self._short = {file: visible(_shortest(file, files)) for file in files}

    def __call__(self, place: Location) -> str:
        return f"{self._short[place.file]}:{place.line}"


def _shortest(file: str, files: Iterable[str]) -> str:
    parts = file.split("/")
    others = [other.split("/") for other in files if other != file]
    return next(
        (
            "/".join(parts[-n:])
            for n in range(1, len(parts))
            if all(other[-n:] != parts[-n:] for other in others)
        ),
        file,
    )


def to_source(graph: LayerGraph, style: SourceStyle = "flat") -> str:
    """The source, formatted as `ruff format` would; running it leaves the model in `model`.

    It has been read back, and makes the graph. Raises SourceDiffers, a fault of archc, where it
    does not.
    """
    if style == "article":
        from archcompile.source.structured import body

        found = body(graph)
    else:
        found = _flat(graph)
    text = "\n".join([*_head(graph), *found, ""])
    check(text, graph)
    return text


def _flat(graph: LayerGraph) -> list[str]:
    made, names, place = list(calls(graph)), Names(), Places(graph)
    known = makers(made, names, all_of_them=True)
    variables = {one.name: names.new(one.name) for one in made}
    found = [line for maker in known.values() for line in ("", "", *maker.source())]
    found += [""] * bool(known)
    unit = None
    for one in made:
        origin = one.node.origin
        if unit != origin.place:
            unit = origin.place
            found += ["", f"# {visible(_heading(one, place))}"]
        found += _line(one, known, variables, place=place)
    return [*found, "", *model(graph, variables)]


def _heading(first: NamedCall, place: Places) -> str:
    origin = first.node.origin
    if origin.unit is None or origin.used_at is None:
        return origin.part
    return f"{origin.part}, unit {origin.unit}: {origin.row}, used at {place(origin.used_at)}"


def _line(
    one: NamedCall, known: Mapping[str, Maker], variables: Mapping[str, str], *, place: Places
) -> list[str]:
    text = expression(one, known, [variables[source] for source in one.sources])
    return statement(text, 0, f"{variables[one.name]} = ", comment=place(one.node.origin.location))


def model(
    graph: LayerGraph, variables: Mapping[str, str], depth: int = 0, *, prefix: str = "model = "
) -> list[str]:
    """The statement that makes the model of its ends."""
    ends: Expr
    if len(graph.outputs) == 1:
        ends = variables[next(iter(graph.outputs.values()))]
    else:
        ends = Group(
            head="{",
            items=tuple(
                (f"{quoted(label)}: ", variables[name]) for label, name in graph.outputs.items()
            ),
            tail="}",
        )
    first = variables[next(iter(graph.nodes))]
    return statement(
        Group(
            head="keras.Model(",
            items=(("", first), ("", ends), ("name=", literal(graph.name))),
            tail=")",
        ),
        depth,
        prefix,
    )


def _head(graph: LayerGraph) -> list[str]:
    limit = needed_limit(graph)
    found = [*docstring(graph), ""]
    found += ["import sys", ""] if limit > DEFAULT_LIMIT else []
    found += ["import keras", "from keras import layers", "", *_version_check()]
    if limit > DEFAULT_LIMIT:
        found += [
            "",
            "# Keras visits layers by recursion, deeper here than Python's default allows.",
            f"sys.setrecursionlimit(max(sys.getrecursionlimit(), {limit}))",
        ]
    return found


def _version_check() -> list[str]:
    """What stops the source under a Keras that would compute something else."""
    needed = ", ".join(OLDEST.split("."))
    return [
        f'if tuple(map(int, keras.__version__.split(".")[:2])) < ({needed}):',
        f'    raise ImportError(f"Keras {OLDEST} or newer is needed; this is '
        f'{{keras.__version__}}")',
    ]


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
