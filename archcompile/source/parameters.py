"""Settings of units that are laid over one another: what differs becomes a parameter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from archcompile.source.identifiers import Names
from archcompile.source.layer_settings import default_setting, settings_of
from archcompile.source.stage_units import Unit
from archcompile.source.syntax import Expr
from archcompile.source.torch_signatures import are_alike

# Settings that all layers of a Keras class share and that its helper holds, by the class's path.
Shared = Mapping[str, frozenset[str]]

# A setting's values, one per unit; None where the unit has no such layer.
Column = tuple[Expr | None, ...]

LONGEST = 31  # characters of a parameter: `name=name,` then has room six levels deep


def short_name(name: str) -> str:
    """A parameter's name; of one that is too long its last words."""
    words = name.split("_")
    while len("_".join(words)) > LONGEST and len(words) > 1:
        words.pop(0)
    return "_".join(words)


@dataclass
class Parameters:
    """The parameters of a function while they are collected.

    `columns` are their values, `keys` the class and the setting that each stands for.
    """

    names: Names
    columns: dict[str, Column] = field(default_factory=dict)
    keys: dict[str, tuple[str, str]] = field(default_factory=dict)

    def matching(self, key: str, column: Column) -> str | None:
        """The parameter with these values wherever both have one; it takes on those it lacks."""
        for name, known in self.columns.items():
            pairs = list(zip(column, known, strict=True))
            both = [(new, old) for new, old in pairs if new is not None and old is not None]
            if are_alike(self.keys[name][1], key) and both and all(new == old for new, old in both):
                self.columns[name] = tuple(new if old is None else old for new, old in pairs)
                return name
        return None

    def expression(self, local: str, path: str, key: str, *, column: Column) -> Expr:
        """A setting that differs from unit to unit: a parameter, or a multiple of one."""
        matching = self.matching(key, column)
        if matching:
            return matching
        for name, known in self.columns.items():
            is_alike = are_alike(self.keys[name][1], key)
            factor = _factor(column, known) if is_alike else None
            if factor:
                return f"{factor} * {name}"
        taken = {self.keys[name][1] for name in self.columns}
        name = self.names.new(key if key not in taken else short_name(f"{local}_{key}"))
        self.columns[name], self.keys[name] = column, (path, key)
        return name

    def values(self) -> tuple[dict[str, tuple[Expr, ...]], dict[str, Expr]]:
        """The values of each parameter, one per unit, and the defaults of those that have one."""
        values: dict[str, tuple[Expr, ...]] = {}
        defaults: dict[str, Expr] = {}
        for name, column in self.columns.items():
            default = default_setting(*self.keys[name])
            values[name] = _fill(column, default)
            if default is not None and default in values[name]:
                defaults[name] = default
        return values, defaults


def settings_of_layers(
    units: Sequence[Unit], base: Unit, parameters: Parameters, *, shared: Shared
) -> dict[str, dict[str, Expr]]:
    """The settings of each layer of `base` as expressions; enters the parameters that they need."""
    settings: dict[str, dict[str, Expr]] = {}
    for local, call in base.calls.items():
        path = call.call.path
        settings[local] = {}
        for key, column in _columns(units, local).items():
            values = {value for value in column if value is not None}
            parameter = parameters.matching(key, column) if None in column else None
            if parameter or len(values) == 1:
                settings[local][key] = parameter or values.pop()
            elif key not in shared.get(path, frozenset()):
                settings[local][key] = parameters.expression(local, path, key, column=column)
    return settings


def _columns(units: Sequence[Unit], local: str) -> dict[str, Column]:
    """The columns of a layer's settings; one that is left out has Keras' default."""
    calls = [unit.calls.get(local) for unit in units]
    path = next(call.call.path for call in calls if call)
    rows = [settings_of(call) if call else None for call in calls]
    keys = dict.fromkeys(key for row in rows if row is not None for key in row)
    columns: dict[str, Column] = {}
    for key in keys:
        default = default_setting(path, key)
        columns[key] = tuple(None if row is None else row.get(key, default) for row in rows)
    return columns


def _fill(column: Column, default: Expr | None) -> tuple[Expr, ...]:
    """The column with values for the units that have no such layer.

    That is the default, else the value of the unit before, or of the first unit that has one.
    """
    current = next(value for value in column if value is not None)
    filled: list[Expr] = []
    for value in column:
        current = current if value is None else value
        filled.append(default if value is None and default is not None else current)
    return tuple(filled)


def _factor(column: Column, known: Column) -> int | None:
    """The whole number > 1 by which a parameter must be multiplied to give the column."""
    factors = set()
    for multiple, single in zip(column, known, strict=True):
        if multiple is None:
            continue
        if not (_is_number(multiple) and _is_number(single)):
            return None
        dividend, divisor = int(str(multiple)), int(str(single))
        factors.add(dividend // divisor if divisor and not dividend % divisor else 0)
    factor = factors.pop() if len(factors) == 1 else 0
    return factor if factor > 1 else None


def _is_number(value: Expr | None) -> bool:
    return isinstance(value, str) and value.isdecimal()
