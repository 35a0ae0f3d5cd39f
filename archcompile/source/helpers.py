"""Functions at the top of emitted source: they say once what all layers of a class share."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archcompile.keras_defaults import POSITIONAL, TAKE_INPUTS_APART
from archcompile.keras_model import NamedCall
from archcompile.source.identifiers import Names
from archcompile.source.layer_settings import (
    Settings,
    applied_layer,
    arguments_of,
    default_setting,
    is_default,
    positional_first,
    settings_of,
)
from archcompile.source.syntax import CodeBlock, Expr, Group, Return, bracket, literal, one_line


@dataclass(frozen=True, kw_only=True)
class Helper:
    """A function that builds the layers of one Keras class.

    `fixed` are the settings that it holds itself, `open` those that it is given.
    """

    name: str
    path: str
    fixed: Settings
    open: tuple[str, ...]
    is_merge: bool

    def definition(self) -> CodeBlock:
        inputs = "inputs" if self.is_merge else "x"
        given = [inputs, inputs] if self.path in TAKE_INPUTS_APART else [inputs]
        positional = self._positional()
        keywords = [self._parameter(key) for key in self.open if key not in positional]
        heading = bracket(f"def {self.name}(", [inputs, *positional, "*", *keywords, "name"], "):")
        keys = positional_first(self.path, [*self.fixed, *self.open])
        settings = {key: self.fixed.get(key, key) for key in keys}
        return CodeBlock(
            heading, (Return(applied_layer(self.path, settings, "name", inputs=given)),)
        )

    def call(self, settings: Settings, name: str, inputs: Expr) -> Group:
        """A call of the function, without the settings that it has by default."""
        positional = self._positional()
        places = [("", inputs), *(("", settings[key]) for key in positional)]
        keywords = [
            (f"{key}=", settings[key])
            for key in self.open
            if key not in positional and not is_default(self.path, key, settings[key])
        ]
        items = (*places, *keywords, ("name=", name))
        return Group(head=f"{self.name}(", items=items, tail=")")

    def _positional(self) -> list[str]:
        return [key for key in POSITIONAL.get(self.path, ()) if key in self.open]

    def _parameter(self, key: str) -> str:
        default = default_setting(self.path, key)
        return key if default is None else f"{key}={one_line(default)}"


def helpers_for(calls: Sequence[NamedCall], names: Names, *, every: bool) -> dict[str, Helper]:
    """Helpers, by path, for Keras classes that are used more than once.

    That is `every` such class, or only those whose layers share settings: two in common, or one
    that takes a call to write. A class gets none where calls leave out a setting whose value in
    Keras is not known.
    """
    by_path: dict[str, list[NamedCall]] = defaultdict(list)
    for call in calls:
        if call.call.path.startswith("layers."):
            by_path[call.call.path].append(call)
    helpers: dict[str, Helper] = {}
    for path, uses in by_path.items():
        columns = _columns(path, uses)
        fixed = _shared_settings(columns)
        is_merge = {_is_given_a_list(use) for use in uses}
        is_worthwhile = len(uses) >= 2 and (every or _saves_text(fixed))
        is_known = not any(None in column for column in columns.values())
        if is_worthwhile and len(is_merge) == 1 and is_known:
            helpers[path] = Helper(
                name=names.new(_helper_name(path, uses)),
                path=path,
                fixed=fixed,
                open=tuple(key for key in columns if key not in fixed),
                is_merge=is_merge.pop(),
            )
    return helpers


def _is_given_a_list(call: NamedCall) -> bool:
    return len(call.sources) > 1 and call.call.path not in TAKE_INPUTS_APART


def _columns(path: str, uses: Sequence[NamedCall]) -> dict[str, list[Expr | None]]:
    """The values of each setting, one per use; None where it is left out and not known."""
    rows = [settings_of(use) for use in uses]
    columns: dict[str, list[Expr | None]] = {}
    for key in dict.fromkeys(key for row in rows for key in row):
        default = default_setting(path, key)
        columns[key] = [row.get(key, default) for row in rows]
    return columns


def _shared_settings(columns: Mapping[str, Sequence[Expr | None]]) -> Settings:
    """The settings that have the same value in every use."""
    shared: dict[str, Expr] = {}
    for key, column in columns.items():
        first = column[0]
        if first is not None and all(value == first for value in column):
            shared[key] = first
    return shared


def _saves_text(fixed: Settings) -> bool:
    return len(fixed) >= 2 or any(not isinstance(value, str) for value in fixed.values())


def _helper_name(path: str, uses: Sequence[NamedCall]) -> str:
    """The op's name where the class belongs to one op alone, else the name of the class."""
    kinds = {use.node.op.kind if use.name == use.node.name else "" for use in uses}
    if len(kinds) == 1 and (kind := kinds.pop()):
        return kind
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", path.rpartition(".")[2]).lower()


def call_expression(
    call: NamedCall,
    helpers: Mapping[str, Helper],
    sources: Sequence[str],
    *,
    settings: Settings | None = None,
    name: str | None = None,
) -> Group:
    """The call of a layer on variables; `settings` and `name` override its own where given."""
    path = call.call.path
    values = {**settings_of(call), **(settings or {})}
    if call.is_function:
        keywords = ((f"{key}=", value) for key, value in values.items())
        items = (*(("", source) for source in sources), *keywords)
        return Group(head=f"keras.{path}(", items=items, tail=")")
    name = name or str(literal(call.name))
    inputs = arguments_of(path, sources)
    if path in helpers:
        helper = helpers[path]
        full = {key: values.get(key, default_setting(path, key) or "") for key in helper.open}
        return helper.call(full, name, inputs[0])
    kept = {
        key: value
        for key, value in values.items()
        if key in call.call.kwargs or not is_default(path, key, value)
    }
    return applied_layer(path, kept, name, inputs=inputs)
