"""The definition of a unit's function."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

from archcompile.keras_model import NamedCall
from archcompile.source.layer_settings import Settings
from archcompile.source.spec_places import Place
from archcompile.source.stage_units import INPUT, Unit
from archcompile.source.syntax import Assign, CodeBlock, Expr, Return, Statement, bracket
from archcompile.source.unit_functions import UnitFunction
from archcompile.source.variable_names import Use, assign


class CallExpression(Protocol):
    """The call of a layer on variables; `settings` and `name` override its own where given."""

    def __call__(
        self,
        call: NamedCall,
        sources: Sequence[str],
        settings: Settings | None = None,
        *,
        name: str | None = None,
    ) -> Expr: ...


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Layers of a unit one behind the other, all of them under one `if` where `flag` is given.

    `copies` are the values that layers behind it need and that it may overwrite.
    """

    flag: str | None
    copies: tuple[Use, ...]
    layers: tuple[Use, ...]


class LayerStatement(Protocol):
    """The statement that puts the value of a layer, by its local name, into a variable."""

    def __call__(self, local: str, target: str, sources: Sequence[str]) -> Assign: ...


def definition(function: UnitFunction, expression: CallExpression, place: Place) -> CodeBlock:
    """`def basic(x, filters, *, strides=1, name):` and its body."""

    def layer(local: str, target: str, sources: Sequence[str]) -> Assign:
        call, name = function.base.calls[local], 'f"{name}_' + local + '"'
        value = expression(call, sources, function.settings[local], name=name)
        return Assign(target, value, place(call.node.origin.location))

    return CodeBlock(_heading(function), tuple(unit_body(function, layer, "{}")))


def unit_body(function: UnitFunction, layer: LayerStatement, flag: str) -> list[Statement]:
    """What a unit does with `x`, up to what it returns; `flag` is a flag's form, `self.{}`."""
    stretches = list(_stretches(function))
    uses = [use for stretch in stretches for use in (*stretch.copies, *stretch.layers)]
    variables = assign(uses, {INPUT: INPUT})
    body: list[Statement] = []
    for stretch in stretches:
        layers = []
        for use in stretch.layers:
            sources = [variables.of[source] for source in use.sources]
            layers.append(layer(use.key, variables.of[use.key], sources))
        body += [
            Assign(variables.of[use.key], variables.of[use.sources[0]]) for use in stretch.copies
        ]
        if stretch.flag is None:
            body += layers
            continue
        copies = [variables.copies.get(use.key) for use in stretch.layers]
        body += [Assign(*copy) for copy in copies if copy]
        body.append(CodeBlock(f"if {flag.format(stretch.flag)}:", tuple(layers)))
    last = body[-1]
    if isinstance(last, Assign):
        body[-1] = Return(last.value, last.comment)
    else:
        body.append(Return(variables.of[uses[-1].key]))
    return body


def _heading(function: UnitFunction) -> Expr:
    required = [key for key in function.parameters if key not in function.defaults]
    optional = [f"{key}={default}" for key, default in function.defaults.items()]
    parameters = [INPUT, *required, "*", *optional, "name"]
    return bracket(f"def {function.name}(", parameters, "):")


def _stretches(function: UnitFunction) -> Iterator[Stretch]:
    """What a unit does, in order.

    A value that is needed behind layers that may be missing is copied for it.
    """
    base, flags = function.base, function.flags
    order = list(base.calls)
    for flag, group in groupby(order, key=flags.get):
        run = tuple(group)
        if flag is None:
            layers = tuple(Use(local, base.links[local]) for local in run)
            yield Stretch(flag=None, copies=(), layers=layers)
        else:
            yield _optional_stretch(function, flag, run, behind=order[order.index(run[-1]) + 1 :])


def _optional_stretch(
    function: UnitFunction, flag: str, run: Sequence[str], *, behind: Sequence[str]
) -> Stretch:
    """Layers under one `if`: what is needed behind them is copied, or overwritten in place."""
    links = function.base.links
    copies: dict[str, Use] = {}  # by the value that is copied
    over: dict[str, str] = {}
    for local in _leaving(function.base, run):
        root = local
        while root in run:
            root = function.skips[root]
        if root not in copies and any(root in links[reader] for reader in behind):
            copies[root] = Use(f"copy of {root} for {run[0]}", (root,))
        over[local] = copies[root].key if root in copies else root
    layers = []
    for local in run:
        sources = (copies[source].key if source in copies else source for source in links[local])
        layers.append(Use(local, tuple(sources), over.get(local)))
    return Stretch(flag=flag, copies=tuple(copies.values()), layers=tuple(layers))


def _leaving(base: Unit, run: Sequence[str]) -> Iterator[str]:
    """The layers of a run that something behind it reads, or nothing in the unit does."""
    for local in run:
        readers = [reader for reader in base.calls if local in base.links[reader]]
        if not readers or any(reader not in run for reader in readers):
            yield local
