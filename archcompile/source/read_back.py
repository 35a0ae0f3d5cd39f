"""What emitted source makes, read under a stand-in for Keras and held to the graph: no framework,
no file, no import.

The source holds words from specs, which are not trusted. So only a closed grammar is run, and with
a handful of harmless builtins; whatever it imports is the stand-in, which writes down each call.
"""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from types import SimpleNamespace
from typing import Any

from archcompile.graph import LayerGraph
from archcompile.keras_model import calls
from archcompile.ops import Call
from archcompile.source.helpers import DEFAULTS, FIRST, NO_DEFAULTS
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
# what Python puts there beside; variables may begin with __, too
REACHED = (
    "__builtins__",
    "__import__",
    "__name__",
)
# what no variable, function or argument may be called
FIXED = frozenset((*ROOTS, *BUILTINS, *REACHED))


class SourceDiffers(Exception):
    """Source that archc printed makes something else than its graph: a fault of archc."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """What a call returns: the name of the layer, or of a function what it is and what it was
    applied to.
    """

    key: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One layer: its settings that are not Keras' defaults, and the keys of its inputs."""

    name: str
    path: str
    settings: Mapping[str, Any]
    sources: tuple[Any, ...]


@dataclass
class Record:
    """All layers in order, and the models: input, outputs (by label where there are several) and
    name.
    """

    layers: list[Made] = field(default_factory=list)
    models: list[tuple[Any, Any, str]] = field(default_factory=list)

    def layer(
        self, name: str, path: str, settings: Mapping[str, Any], *, sources: tuple[Any, ...]
    ) -> Tensor:
        told = {
            key: value
            for key, value in settings.items()
            if key in NO_DEFAULTS.get(path, ()) or key not in DEFAULTS or value != DEFAULTS[key]
        }
        self.layers.append(Made(name=name, path=path, settings=told, sources=sources))
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
            keys = (
                {label: end.key for label, end in ends.items()}
                if isinstance(ends, dict)
                else ends.key
            )
            record.models.append((start.key, keys, name))
            return record
        # none twice
        settings = dict(
            **dict(zip(FIRST.get(path, ())[: len(args)], args, strict=True)), **settings
        )
        if path == "Input":
            return record.layer(name, path, settings, sources=())
        return lambda inputs: record.layer(
            name, path, settings, sources=_keys(inputs if isinstance(inputs, list) else [inputs])
        )


def _keys(tensors: Iterable[Tensor]) -> tuple[Any, ...]:
    return tuple(tensor.key for tensor in tensors)


def check(source: str, graph: LayerGraph) -> None:
    """Raises SourceDiffers unless the source makes the graph's layers, in order, and its model."""
    found, wanted = _read(source), _wanted(graph)
    for one, other in zip_longest(found.layers, wanted.layers):
        if one != other:
            raise SourceDiffers(
                f"the printed source of {graph.name} makes {one}, its graph {other}"
            )
    if found.models != wanted.models:
        raise SourceDiffers(
            f"the printed source of {graph.name} makes of them {found.models}, its graph "
            f"{wanted.models}"
        )


def _fence(tree: ast.Module) -> None:
    """Raises SourceDiffers for anything beyond what archc prints."""
    for node in ast.walk(tree):
        if not _is_printed(node):
            raise SourceDiffers(
                f"the printed source has something that archc does not print: {ast.unparse(node)}"
            )


def _is_printed(node: ast.AST) -> bool:
    """Only what is imported has attributes, none of Python's own, and stays what it is: so nothing
    leads out of the stand-in.
    """
    match node:
        case ast.Import() | ast.ImportFrom():
            return ast.unparse(node) in IMPORTS
        case ast.Attribute(attr=name, ctx=ast.Load()):
            root: ast.expr = node
            while isinstance(root, ast.Attribute):
                root = root.value
            known = name == "__version__" or not name.startswith("_")
            return known and isinstance(root, ast.Name) and root.id in ROOTS
        case ast.Name(id=name, ctx=context):
            return name not in REACHED and (isinstance(context, ast.Load) or name not in FIXED)
        case ast.arg(arg=name) | ast.FunctionDef(name=name, decorator_list=[]):
            return name not in FIXED
    return isinstance(node, GRAMMAR)


def _read(source: str) -> Record:
    record = Record()
    limits = SimpleNamespace(getrecursionlimit=int, setrecursionlimit=int)
    modules = {"keras": StandIn(record), "sys": limits}
    builtins = {**BUILTINS, "__import__": lambda name, *_: modules[name]}
    try:
        _fence(tree := ast.parse(source))
        code = compile(tree, "printed source", "exec")
        exec(code, {"__name__": "printed", "__builtins__": builtins})  # noqa: S102 - fenced
    except SourceDiffers:
        raise
    except Exception as error:
        raise SourceDiffers(
            f"the printed source does not run: {type(error).__name__}: {error}"
        ) from error
    return record


def _wanted(graph: LayerGraph) -> Record:
    record = Record()
    keys: dict[str, Any] = {}
    for one in calls(graph):
        sources = tuple(keys[source] for source in one.sources)
        made = (
            record.function(one.call.path, one.call.kwargs, sources)
            if one.is_function
            else record.layer(one.name, one.call.path, one.call.kwargs, sources=sources)
        )
        keys[one.name] = made.key
    ends = {label: keys[name] for label, name in graph.outputs.items()}
    record.models.append(
        (
            keys[next(iter(graph.nodes))],
            ends if len(ends) > 1 else next(iter(ends.values())),
            graph.name,
        )
    )
    return record
