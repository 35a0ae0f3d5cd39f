"""Units that are alike but for settings and a few layers, as one function with parameters.

The units of a block are laid over one another, by the names of their layers. Where one lacks layers, its wiring must be
that of all together with those layers skipped; each run of them then stands under an `if`. Settings that differ become
parameters.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby, takewhile

from archcompile.emit.calls import NamedCall
from archcompile.emit.makers import Names, default, texts
from archcompile.emit.printer import Expr

INPUT = "x"  # the one value that a unit gets
Shared = Mapping[str, frozenset[str]]  # by Keras class: settings that all its layers share, written elsewhere


@dataclass(frozen=True)
class Unit:
    """A unit of a stage, or a use of a block, each with its `place` among those.

    Its calls go by their names without `prefix`; they read one value from outside, `source`. `links` are what each call
    reads: such names, and INPUT.
    """

    part: str
    place: int
    row: str
    prefix: str
    source: str
    calls: Mapping[str, NamedCall]
    links: Mapping[str, tuple[str, ...]]

    @property
    def last(self) -> str:
        return list(self.calls)[-1]

    @property
    def end(self) -> str:
        """The name of its last call, the one that others read."""
        return self.calls[self.last].name


Readers = Mapping[str, set[str]]  # the names of the calls that read each value; the empty name reads outputs


def unit_of(made: Sequence[NamedCall], readers: Readers) -> Unit | None:
    """The unit of a stage that these calls are, if it is one that can be a function."""
    origin = made[0].node.origin
    if origin.unit is None or origin.row is None:
        return None
    prefix = f"{origin.part}_b{origin.unit}"
    if not all(one.name.startswith(f"{prefix}_") for one in made):
        prefix = origin.part
    return closed(made, prefix, origin.row, place=origin.unit, readers=readers)


def closed(made: Sequence[NamedCall], prefix: str, row: str, *, place: int, readers: Readers) -> Unit | None:
    """Calls as a unit, if all names begin with `prefix`, one value is read from outside, and only the end is read there."""
    names = {one.name for one in made}
    if not all(name.isidentifier() for name in names):
        return None
    sources = {source for one in made for source in one.sources} - names
    inside = all(readers[one.name] and readers[one.name] <= names for one in made[:-1])
    if len(sources) != 1 or not inside or not all(name.startswith(f"{prefix}_") for name in names):
        return None
    local = {name: name.removeprefix(f"{prefix}_") for name in names}
    if INPUT in local.values():
        return None
    source = sources.pop()
    local[source] = INPUT
    return Unit(made[0].node.origin.part, place, row, prefix, source, {local[one.name]: one for one in made},
                {local[one.name]: tuple(local[i] for i in one.sources) for one in made})  # fmt: skip


@dataclass(frozen=True)
class Function:
    """One function for `units`, of which `base` has all layers.

    `settings` has an expression for every setting of every layer; `parameters` maps names to values a unit; `flags`
    maps the layers that some units lack to a parameter; `skips` says what such a layer hands on where it is missing.
    """

    name: str
    units: tuple[Unit, ...]
    base: Unit
    settings: Mapping[str, Mapping[str, Expr]]
    parameters: Mapping[str, tuple[Expr, ...]]
    defaults: Mapping[str, Expr]
    flags: Mapping[str, str]
    skips: Mapping[str, str]

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The place of each unit among `units`, by its prefix."""
        return {unit.prefix: place for place, unit in enumerate(self.units)}

    def arguments(self, unit: Unit) -> dict[str, Expr]:
        place = self.places[unit.prefix]
        return {name: values[place] for name, values in self.parameters.items()}


def functions(units: Sequence[Unit], names: Names, shared: Shared) -> list[Function]:
    """As few functions as units allow, in order of their first unit."""
    families: list[tuple[Unit, list[Unit]]] = []  # what they have together, and they themselves
    for unit in units:
        for place, (base, family) in enumerate(families):
            together = _together(base, unit) if base.row == unit.row else None
            if together and all(_fits(one, together, shared) for one in (*(family if together != base else ()), unit)):
                families[place] = together, [*family, unit]
                break
        else:
            families.append((unit, [unit]))
    return [_function(base, family, names, shared) for base, family in families]


def _together(one: Unit, other: Unit) -> Unit | None:
    """A unit with the layers of both, in an order that is that of both; None where there is no such order.

    Where what a layer reads differs, the source that comes last is taken: what lies in front of it can be skipped.
    """
    order = _merged(list(one.calls), list(other.calls))
    if order is None:
        return None
    rank = {local: place for place, local in enumerate([INPUT, *order])}
    links = {}
    for local in order:
        sides = [unit.links[local] for unit in (one, other) if local in unit.links]
        if len({len(side) for side in sides}) != 1:
            return None
        links[local] = tuple(max(sources, key=rank.__getitem__) for sources in zip(*sides, strict=True))
    return replace(one, calls={local: one.calls.get(local) or other.calls[local] for local in order}, links=links)


def _merged(one: Sequence[str], other: Sequence[str]) -> list[str] | None:
    found: list[str] = []
    left, right = list(one), list(other)
    while left and right:
        if left[0] == right[0]:
            found.append(left.pop(0))
            right.pop(0)
        elif left[0] not in right:
            found.append(left.pop(0))
        elif right[0] not in left:
            found.append(right.pop(0))
        else:
            return None
    return [*found, *left, *right]


def _fits(unit: Unit, base: Unit, shared: Shared) -> bool:
    """Whether a unit is the base without some layers."""
    skips = _skips(base, [local for local in base.calls if local not in unit.calls])
    if unit.last != _resolved(base.last, skips):
        return False
    return all(tuple(_resolved(s, skips) for s in base.links[local]) == unit.links[local]
               and _same_kind(unit.calls[local], base.calls[local], shared) for local in unit.calls)  # fmt: skip


def _same_kind(one: NamedCall, other: NamedCall, shared: Shared) -> bool:
    path = one.call.path
    odd = (one.call.kwargs.keys() ^ other.call.kwargs.keys()) - shared.get(path, frozenset())
    return path == other.call.path and all(default(path, key) is not None for key in odd)


def _skips(base: Unit, missing: Sequence[str]) -> dict[str, str]:
    """What stands in for each missing layer: its one source; of several, the first from within the unit."""
    return {local: next((s for s in base.links[local] if s != INPUT), INPUT) for local in missing}


def _resolved(local: str, skips: Mapping[str, str]) -> str:
    while local in skips:
        local = skips[local]
    return local


def _function(base: Unit, units: Sequence[Unit], names: Names, shared: Shared) -> Function:
    presence = {local: tuple(local in unit.calls for unit in units) for local in base.calls}
    optional = [local for local, there in presence.items() if not all(there)]
    skips = _skips(base, optional)
    own = Names({INPUT, "y", *names.taken})
    settings, parameters, defaults = _settings(units, base, own, shared)
    flags: dict[str, str] = {}
    together: dict[tuple[bool, ...], list[list[str]]] = {}
    for there, run in _runs(base, optional, presence):
        together.setdefault(there, []).append(run)
    for there, found in together.items():
        flag = own.new(_flag(base, found))
        parameters[flag], defaults[flag] = tuple(map(repr, there)), "False"
        flags |= {local: flag for run in found for local in run}
    return Function(names.new(base.row), tuple(units), base, settings, parameters, defaults, flags, skips)


def _runs(base: Unit, optional: Sequence[str], presence: Mapping[str, tuple[bool, ...]]) -> Iterator[
    tuple[tuple[bool, ...], list[str]]
]:  # fmt: skip
    """Layers behind one another that are there, or not, together, and in which units they are."""
    for there, run in groupby(base.calls, key=lambda local: presence[local] if local in optional else None):
        if there is not None:
            yield there, list(run)


def _flag(base: Unit, together: Sequence[Sequence[str]]) -> str:
    """What a parameter is called that says whether runs of layers are there: after the shortcut, if one is of a rule."""
    for run in together:
        nodes = [base.calls[local].node for local in run]
        if all(node.origin.rule for node in nodes):
            return "shortcut" if any(node.op.role == "merge" for node in nodes) else "projection"
    return f"with_{'_'.join(_shared_words(together[0])) or together[0][0]}"


def _shared_words(names: Sequence[str]) -> list[str]:
    """The words that all names begin with."""
    columns = zip(*(name.split("_") for name in names), strict=False)
    return [words[0] for words in takewhile(lambda words: len(set(words)) == 1, columns)]


# ---- settings --------------------------------------------------------------------------------------------------------

Vector = tuple[Expr | None, ...]


def _settings(units: Sequence[Unit], base: Unit, own: Names, shared: Shared) -> tuple[
    dict[str, dict[str, Expr]], dict[str, tuple[Expr, ...]], dict[str, Expr]
]:  # fmt: skip
    """The settings of each layer as expressions, and the parameters in them with their values and defaults."""
    settings: dict[str, dict[str, Expr]] = {}
    columns: dict[str, Vector] = {}  # by parameter; None where no layer of the unit has it
    keys: dict[str, tuple[str, str]] = {}
    for local in base.calls:
        settings[local] = {}
        for key, vector in _vectors(units, local).items():
            path = base.calls[local].call.path
            known = {value for value in vector if value is not None}
            name = _known_parameter(key, vector, columns, keys) if None in vector else None
            if name or len(known) == 1:
                settings[local][key] = name or known.pop()
            elif key not in shared.get(path, frozenset()):
                settings[local][key] = _parameter(local, key, path, vector, columns, keys, own)
    defaults: dict[str, Expr] = {}
    parameters: dict[str, tuple[Expr, ...]] = {}
    for name, column in columns.items():
        path, key = keys[name]
        found = default(path, key)
        parameters[name] = _filled(column, found)
        if found is not None and found in parameters[name]:
            defaults[name] = found
    return settings, parameters, defaults


def _filled(column: Vector, default: Expr | None) -> tuple[Expr, ...]:
    """Values for the units that have no such layer: the default, else what the unit before has, or the first that has it."""
    known = next(value for value in column if value is not None)
    found: list[Expr] = []
    for value in column:
        known = known if value is None else value
        found.append(default if value is None and default is not None else known)
    return tuple(found)


def _vectors(units: Sequence[Unit], local: str) -> dict[str, Vector]:
    """The values of each setting of a layer, a unit each; what is left out is Keras' default."""
    found = [texts(unit.calls[local]) if local in unit.calls else None for unit in units]
    path = next(unit.calls[local].call.path for unit in units if local in unit.calls)
    keys = list(dict.fromkeys(key for one in found if one is not None for key in one))
    return {key: tuple(None if one is None else one.get(key, default(path, key)) for one in found) for key in keys}


def _parameter(local: str, key: str, path: str, vector: Vector, columns: dict[str, Vector],
               keys: dict[str, tuple[str, str]], own: Names) -> Expr:  # fmt: skip
    """An expression for a setting that differs from unit to unit: a parameter, or a multiple of one."""
    found = _known_parameter(key, vector, columns, keys)
    if found:
        return found
    for name, column in columns.items():
        factor = _factor(vector, column) if keys[name][1] == key else None
        if factor:
            return f"{factor} * {name}"
    taken = {keys[name][1] for name in columns}
    name = own.new(key if key not in taken else f"{local}_{key}")
    columns[name], keys[name] = vector, (path, key)
    return name


def _known_parameter(key: str, vector: Vector, columns: dict[str, Vector], keys: Mapping[str, tuple[str, str]]) -> str | None:
    """The parameter that has these values where both have one; it takes on those that it lacks."""
    for name, column in columns.items():
        pairs = [(a, b) for a, b in zip(vector, column, strict=True) if a is not None and b is not None]
        if keys[name][1] == key and pairs and all(a == b for a, b in pairs):
            columns[name] = tuple(a if b is None else b for a, b in zip(vector, column, strict=True))
            return name
    return None


def _factor(vector: Vector, column: Vector) -> int | None:
    """By which whole number > 1 a parameter must be multiplied where there is such a layer; None where there is none."""
    factors = set()
    for a, b in zip(vector, column, strict=True):
        if a is None:
            continue
        if not (isinstance(a, str) and isinstance(b, str) and a.isdecimal() and b.isdecimal()):
            return None
        factors.add(int(a) // int(b) if int(b) and not int(a) % int(b) else 0)
    return found if len(factors) == 1 and (found := factors.pop()) > 1 else None
