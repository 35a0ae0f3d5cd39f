"""A unit's function as a class of PyTorch: modules, and what `forward` computes with them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from archcompile.keras_model import NamedCall
from archcompile.source.function_statements import unit_body
from archcompile.source.identifiers import Names
from archcompile.source.layer_settings import Settings, settings_of
from archcompile.source.spec_places import Place
from archcompile.source.syntax import (
    EMPTY,
    Assign,
    CodeBlock,
    Expr,
    Group,
    Line,
    Statement,
    bracket,
    one_line,
)
from archcompile.source.torch_pieces import OPERATORS, PLACE, is_function
from archcompile.source.torch_signatures import MODULE_ATTRIBUTES, POSITIONAL, is_left_out
from archcompile.source.unit_functions import UnitFunction

SUPER = Line("super().__init__()")


@dataclass(frozen=True, kw_only=True)
class UnitClass:
    """The class of a unit's function; `attributes` are those of its layers, by local name."""

    name: str
    function: UnitFunction
    attributes: Mapping[str, str]

    def instance(self, arguments: Mapping[str, Expr]) -> Group:
        """`Basic(16, stride=2)`: the first argument goes by position, defaults are left out."""
        defaults = self.function.defaults
        first = next((key for key in arguments if key not in defaults), None)
        items = [
            ("" if key == first else f"{key}=", argument)
            for key, argument in arguments.items()
            if key == first or argument != defaults.get(key)
        ]
        return Group(head=f"{self.name}(", items=tuple(items), tail=")")


Classes = Mapping[str, UnitClass]  # by the name of the function


def unit_classes(functions: Iterable[UnitFunction], names: Names) -> dict[str, UnitClass]:
    """The class of each function, by the function's name."""
    classes: dict[str, UnitClass] = {}
    for function in functions:
        classes[function.name] = UnitClass(
            name=names.new(class_name(function.name)),
            function=function,
            attributes=attributes_of(
                {local: local for local in function.base.calls}, set(function.flags.values())
            ),
        )
    return classes


def class_name(name: str) -> str:
    """`mb_conv` as MbConv."""
    return "".join(word[:1].upper() + word[1:] for word in name.split("_")) or "Network"


def attributes_of(preferred: Mapping[str, str], taken: Iterable[str] = ()) -> dict[str, str]:
    """An attribute for each key, like its preferred name, that no module of PyTorch has anyway.

    None begins with _, as PyTorch's private ones do; Python changes what begins with two.
    """
    attributes = Names({*MODULE_ATTRIBUTES, *taken})
    return {
        key: attributes.new(name if name[:1].isascii() and name[:1].isalpha() else f"net_{name}")
        for key, name in preferred.items()
    }


def module_expression(
    call: NamedCall, nested: Mapping[str, UnitClass], settings: Settings | None = None
) -> Group:
    """A module, built; `settings` override its own where given."""
    path, values = call.call.path, {**settings_of(call), **(settings or {})}
    if path in nested:
        return nested[path].instance(values)
    positional = [key for key in POSITIONAL.get(path, ()) if key in values]
    keys = [*positional, *(key for key in values if key not in positional)]
    items = [
        ("" if key in positional else f"{key}=", values[key])
        for key in keys
        if not is_left_out(path, key, one_line(values[key]))
    ]
    return Group(head=f"{path}(", items=tuple(items), tail=")")


def value_expression(call: NamedCall, attribute: str, sources: Sequence[str]) -> Expr:
    """What a module, or a function, makes of variables."""
    path = call.call.path
    if path in OPERATORS:
        return path.join(sources)
    if is_function(path):
        return path.replace(PLACE, ", ".join(sources), 1)
    return bracket(f"self.{attribute}(", sources, ")")


def class_definition(unit: UnitClass, nested: Mapping[str, UnitClass], place: Place) -> CodeBlock:
    """`class Basic(nn.Module):` and its two methods."""
    function = unit.function

    def value(local: str, target: str, sources: Sequence[str]) -> Assign:
        call = function.base.calls[local]
        comment = place(call.node.origin.location) if is_function(call.call.path) else ""
        return Assign(target, value_expression(call, unit.attributes[local], sources), comment)

    modules = (SUPER, *_kept_flags(function), *_modules(unit, nested, place))
    return CodeBlock(
        f"class {unit.name}(nn.Module):",
        (
            CodeBlock(_heading(function), modules),
            EMPTY,
            CodeBlock("def forward(self, x):", tuple(unit_body(function, value, "self.{}"))),
        ),
    )


def _heading(function: UnitFunction) -> Expr:
    required = [key for key in function.parameters if key not in function.defaults]
    optional = [f"{key}={one_line(value)}" for key, value in function.defaults.items()]
    return bracket(
        "def __init__(", ["self", *required, *(["*"] if optional else []), *optional], "):"
    )


def _kept_flags(function: UnitFunction) -> list[Statement]:
    return [Assign(f"self.{flag}", flag) for flag in dict.fromkeys(function.flags.values())]


def _modules(unit: UnitClass, nested: Mapping[str, UnitClass], place: Place) -> Iterator[Statement]:
    """The modules of a unit; those that some units lack stand under an `if`."""
    function = unit.function
    for flag, group in groupby(function.base.calls, key=function.flags.get):
        layers: list[Statement] = []
        for local in group:
            call = function.base.calls[local]
            if not is_function(call.call.path):
                layer = module_expression(call, nested, function.settings[local])
                where = place(call.node.origin.location)
                layers.append(Assign(f"self.{unit.attributes[local]}", layer, where))
        if flag is None:
            yield from layers
        elif layers:
            yield CodeBlock(f"if {flag}:", tuple(layers))
