"""Checks the text of a printed module of PyTorch before anything runs it.

The text holds words from specs, which are not trusted, and PyTorch runs it for real. So it may
hold the definitions that archc takes along, word for word, and classes of a closed grammar: they
build modules, give them to `self`, and call them.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from archcompile.source.read_back import SourceDiffers
from archcompile.source.torch_definitions import definition_texts
from archcompile.source.torch_signatures import MODULE_ATTRIBUTES

IMPORTS = ("import torch", "import torch.nn.functional as F", "from torch import nn")
START = "super().__init__()"
BASE = "nn.Module"
# What may be taken of each import.
MEMBERS: Mapping[str, frozenset[str]] = {
    "torch": frozenset({"cat", "sigmoid", "stack", "tanh"}),
    "F": frozenset(
        {
            "elu",
            "gelu",
            "hardsigmoid",
            "hardswish",
            "leaky_relu",
            "mish",
            "relu",
            "relu6",
            "selu",
            "silu",
            "softmax",
        }
    ),
    "nn": frozenset(
        {
            "AvgPool2d",
            "Conv2d",
            "ConvTranspose2d",
            "Dropout",
            "LeakyReLU",
            "Linear",
            "LocalResponseNorm",
            "MaxPool2d",
            "PReLU",
            "Sequential",
            "Upsample",
            "ZeroPad2d",
            "ZeroPad3d",
        }
    ),
}
# Methods of tensors, and the one of modules.
METHODS = frozenset({"add_module", "amax", "flatten", "mean", "permute", "transpose", "unflatten"})
BUILTINS = frozenset({"enumerate", "range"})
GRAMMAR = (
    ast.Expr,
    ast.Return,
    ast.If,
    ast.For,
    ast.Assign,
    ast.keyword,
    ast.expr_context,
    ast.Constant,
    ast.Tuple,
    ast.List,
    ast.Dict,
    ast.JoinedStr,
    ast.IfExp,
    ast.Compare,
    ast.cmpop,
    ast.BoolOp,
    ast.boolop,
    ast.BinOp,
    ast.Add,
    ast.Sub,
    ast.Mult,
    ast.UnaryOp,
    ast.USub,
)


def check_module(text: str) -> None:
    """Raises SourceDiffers, a fault of archc, for anything that archc does not print."""
    try:
        about, *body = ast.parse(text).body
    except (SyntaxError, ValueError) as error:
        raise SourceDiffers(f"the printed module is no Python: {error}") from error
    _expect(isinstance(about, ast.Expr) and isinstance(about.value, ast.Constant), about)
    for node, line in zip(body, IMPORTS, strict=False):
        _expect(ast.unparse(node) == line, node)
    texts = definition_texts()
    known: set[str] = set()
    for node in body[len(IMPORTS) :]:
        name = node.name if isinstance(node, ast.ClassDef | ast.FunctionDef) else ""
        _expect(name not in {"", *known, *MEMBERS, *BUILTINS}, node)
        if name in texts:
            _expect(ast.get_source_segment(text, node) == texts[name], node)
        else:
            _check_class(node, known)
        known.add(name)


def _expect(is_printed: bool, node: ast.AST) -> None:
    if not is_printed:
        raise SourceDiffers(
            f"the printed module has something that archc does not print: {ast.unparse(node)}"
        )


def _check_class(node: ast.stmt, known: set[str]) -> None:
    """A module whose two methods are of the grammar; `known` classes stand above it."""
    match node:
        case ast.ClassDef(
            bases=[base],
            keywords=[],
            decorator_list=[],
            body=[
                ast.FunctionDef(name="__init__") as start,
                ast.FunctionDef(name="forward") as forward,
            ],
        ) if ast.unparse(base) == BASE and not _has_type_parameters(node):
            first, *body = start.body
            _expect(ast.unparse(first) == START, first)
            _check_method(start, body, known)
            _check_method(forward, forward.body, known)
        case _:
            _expect(False, node)


def _check_method(method: ast.FunctionDef, body: list[ast.stmt], known: set[str]) -> None:
    """The statements of a method behind its first ones, and its arguments with their defaults."""
    given = method.args
    names = [each.arg for each in (*given.args, *given.kwonlyargs)]
    _expect(not (method.decorator_list or method.returns or _has_type_parameters(method)), method)
    _expect(not (given.posonlyargs or given.vararg or given.kwarg or given.defaults), method)
    _expect(not any(each.annotation for each in (*given.args, *given.kwonlyargs)), method)
    _expect(all(isinstance(value, ast.Constant) for value in given.kw_defaults if value), method)
    _expect(names[:1] == ["self"], method)
    scope = _Scope(frozenset(names[1:]) | set(_bound(body)), frozenset(known))
    for name in scope.variables:
        _expect(name not in {"self", "super", *MEMBERS, *BUILTINS, *known}, method)
    for statement in body:
        for node in ast.walk(statement):
            _expect(scope.has(node), node)


def _has_type_parameters(node: ast.stmt) -> bool:
    """As from Python 3.12: they can hold calls."""
    return bool(getattr(node, "type_params", ()))


def _bound(body: list[ast.stmt]) -> Iterator[str]:
    """The variables that statements assign."""
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id


@dataclass(frozen=True)
class _Scope:
    """What a method knows: its variables, and the classes and functions of the file."""

    variables: frozenset[str]
    known: frozenset[str]

    def has(self, node: ast.AST) -> bool:
        """Whether a node is of the closed grammar; only what is known here is called."""
        match node:
            case ast.Name(id=name):
                return name in {"self", *self.variables, *self.known, *BUILTINS, *MEMBERS}
            case ast.Attribute():
                return self._has_attribute(node)
            case ast.Call(func=ast.Name(id=name)):
                return name in self.known or name in BUILTINS
            case ast.Call(func=function):
                return isinstance(function, ast.Attribute)
            case ast.FormattedValue(value=ast.Name(), conversion=-1, format_spec=None):
                return True
        return isinstance(node, GRAMMAR)

    def _has_attribute(self, node: ast.Attribute) -> bool:
        """Nothing of Python's own, and of PyTorch only what is listed."""
        is_read = isinstance(node.ctx, ast.Load)
        match node.value:
            case ast.Name(id="self"):
                is_layer = not node.attr.startswith("_") and node.attr not in MODULE_ATTRIBUTES
                return is_layer or (is_read and node.attr == "add_module")
            case ast.Name(id=name) if name in MEMBERS:
                return is_read and node.attr in MEMBERS[name]
            case ast.Name(id=name):
                return is_read and name in self.variables and node.attr in METHODS
            case ast.Attribute(value=ast.Name(id="self")):
                return is_read and node.attr == "add_module"
            case ast.Call():
                return is_read and node.attr in METHODS
        return False
