"""Runs emitted source under a stand-in for Keras and compares what it builds with the graph.

The source holds words from specs, which are not trusted. So only a closed grammar is run, with a
handful of harmless builtins and neither framework, file nor import: whatever the source imports is
the stand-in, which records each call.
"""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from types import SimpleNamespace
from typing import Any

from archcompile.graph import LayerGraph
from archcompile.keras_defaults import DEFAULTS, POSITIONAL, TAKE_INPUTS_APART, has_default
from archcompile.keras_model import calls
from archcompile.ops import Call
from archcompile.source.keras_version import OLDEST

BUILTINS = {
    "enumerate": enumerate,
    "int": int,
    "map": map,
    "max": max,
    "range": range,
    "tuple": tuple,
}
GRAMMAR = (
    ast.Module,
    ast.Expr,
    ast.alias,
    ast.If,
    ast.Raise,
    ast.arguments,
    ast.Return,
    ast.Assign,
    ast.For,
    ast.Call,
    ast.keyword,
    ast.Subscript,
    ast.Slice,
    ast.expr_context,
    ast.Constant,
    ast.Tuple,
    ast.List,
    ast.Dict,
    ast.JoinedStr,
    ast.FormattedValue,
    ast.IfExp,
    ast.Compare,
    ast.cmpop,
    ast.BoolOp,
    ast.boolop,
    ast.BinOp,
    ast.operator,
    ast.UnaryOp,
    ast.unaryop,
)
IMPORTS = ("import keras", "from keras import layers", "import sys")
ROOTS = ("keras", "layers", "sys")  # what alone has attributes
# Names that Python itself puts there; variables may begin with __, too.
REACHED = ("__builtins__", "__import__", "__name__")
# What no variable, function or argument may be called.
FIXED = frozenset((*ROOTS, *BUILTINS, *REACHED))


class SourceDiffers(Exception):
    """Source that archc printed builds something else than its graph: a fault of archc."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """What a call returns: the name of the layer; for a function, its path and what it reads."""

    key: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltLayer:
    """One layer: its settings that are not Keras' defaults, and the keys of its inputs."""

    name: str
    path: str
    settings: Mapping[str, Any]
    sources: tuple[Any, ...]


@dataclass(frozen=True)
class Record:
    """All layers in order, and the models: input, outputs and name.

    Outputs are mapped by label where there are several.
    """

    layers: list[BuiltLayer] = field(default_factory=list)
    models: list[tuple[Any, Any, str]] = field(default_factory=list)

    def layer(
        self, name: str, path: str, settings: Mapping[str, Any], *, sources: tuple[Any, ...]
    ) -> Tensor:
        explicit = {
            key: value
            for key, value in settings.items()
            if not has_default(path, key) or value != DEFAULTS[key]
        }
        self.layers.append(BuiltLayer(name=name, path=path, settings=explicit, sources=sources))
        return Tensor(name)

    def function(self, path: str, settings: Mapping[str, Any], sources: tuple[Any, ...]) -> Tensor:
        return Tensor((path, sources, dict(settings)))


class StandIn:
    """`keras`, and what stands under it."""

    __version__ = OLDEST

    def __init__(self, record: Record, path: str = "") -> None:
        self._record, self._path = record, path

    def __getattr__(self, name: str) -> "StandIn":
        return StandIn(self._record, f"{self._path}.{name}" if self._path else name)

    def __call__(self, *args: Any, **settings: Any) -> Any:
        path, record = self._path, self._record
        if path.startswith("ops."):
            return record.function(path, settings, _keys(args))
        if path.startswith(("initializers.", "regularizers.")):
            return Call(path, settings)
        name = settings.pop("name")
        if path == "Model":
            start, ends = args
            is_map = isinstance(ends, dict)
            keys = {label: end.key for label, end in ends.items()} if is_map else ends.key
            record.models.append((start.key, keys, name))
            return record
        positional = dict(zip(POSITIONAL.get(path, ())[: len(args)], args, strict=True))
        settings = dict(**positional, **settings)  # raises where a setting is given twice
        if path == "Input":
            return record.layer(name, path, settings, sources=())
        if path in TAKE_INPUTS_APART:
            return lambda *inputs: record.layer(name, path, settings, sources=_keys(inputs))
        return lambda inputs: record.layer(
            name, path, settings, sources=_keys(inputs if isinstance(inputs, list) else [inputs])
        )


def _keys(tensors: Iterable[Tensor]) -> tuple[Any, ...]:
    return tuple(tensor.key for tensor in tensors)


def check(source: str, graph: LayerGraph) -> None:
    """Raises SourceDiffers unless the source builds the graph's layers, in order, and its model."""
    actual, expected = _record_of_source(source), _record_of_graph(graph)
    for printed, layer in zip_longest(actual.layers, expected.layers):
        if printed != layer:
            raise SourceDiffers(
                f"the printed source of {graph.name} makes {printed}, its graph {layer}"
            )
    if actual.models != expected.models:
        raise SourceDiffers(
            f"the printed source of {graph.name} makes of them {actual.models}, its graph "
            f"{expected.models}"
        )


def _check_grammar(tree: ast.Module) -> None:
    """Raises SourceDiffers for anything beyond what archc prints."""
    for node in ast.walk(tree):
        if not _is_printed(node):
            raise SourceDiffers(
                f"the printed source has something that archc does not print: {ast.unparse(node)}"
            )


def _is_printed(node: ast.AST) -> bool:
    """Whether a node is of the closed grammar, from which nothing leads out of the stand-in.

    Only what is imported has attributes, none of Python's own, and it cannot be rebound.
    """
    match node:
        case ast.Import() | ast.ImportFrom():
            return ast.unparse(node) in IMPORTS
        case ast.Attribute(attr=name, ctx=ast.Load()):
            root: ast.expr = node
            while isinstance(root, ast.Attribute):
                root = root.value
            is_public = name == "__version__" or not name.startswith("_")
            return is_public and isinstance(root, ast.Name) and root.id in ROOTS
        case ast.Name(id=name, ctx=context):
            return name not in REACHED and (isinstance(context, ast.Load) or name not in FIXED)
        case ast.arg(arg=name) | ast.FunctionDef(name=name, decorator_list=[]):
            return name not in FIXED
    return isinstance(node, GRAMMAR)


def _record_of_source(source: str) -> Record:
    """What the source builds, noted by the stand-in. Raises SourceDiffers where it does not run."""
    record = Record()
    limits = SimpleNamespace(getrecursionlimit=int, setrecursionlimit=int)
    modules = {"keras": StandIn(record), "sys": limits}
    builtins = {**BUILTINS, "__import__": lambda name, *_: modules[name]}
    try:
        tree = ast.parse(source)
        _check_grammar(tree)
        code = compile(tree, "printed source", "exec")
        exec(code, {"__name__": "printed", "__builtins__": builtins})  # noqa: S102 - checked above
    except SourceDiffers:
        raise
    except Exception as error:
        raise SourceDiffers(
            f"the printed source does not run: {type(error).__name__}: {error}"
        ) from error
    return record


def _record_of_graph(graph: LayerGraph) -> Record:
    """What the calls of a graph build, noted in the same way."""
    record = Record()
    keys: dict[str, Any] = {}
    for call in calls(graph):
        path, settings = call.call.path, call.call.kwargs
        sources = tuple(keys[source] for source in call.sources)
        if call.is_function:
            keys[call.name] = record.function(path, settings, sources).key
        else:
            keys[call.name] = record.layer(call.name, path, settings, sources=sources).key
    ends = {label: keys[name] for label, name in graph.outputs.items()}
    outputs = ends if len(ends) > 1 else next(iter(ends.values()))
    record.models.append((keys[next(iter(graph.nodes))], outputs, graph.name))
    return record
