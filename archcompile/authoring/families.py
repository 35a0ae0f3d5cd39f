"""A family of networks: one spec compiled under every combination of a few settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import Any

from archcompile.analyses import depth, layers, totals
from archcompile.api import compile as compile_spec
from archcompile.errors import Diagnostic, SpecError, UsageError
from archcompile.limits import MAX_COMBINATIONS
from archcompile.spec.yaml import Seq, flow, parse, plain

# the codes of errors that lie in the name of a setting, whatever its value
OF_NAMES = {"set-nothing", "set-derived"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One network of a family: the settings that make it, and its figures."""

    settings: Mapping[str, Any]
    depth: int
    params: int
    macs: int
    hash: str


@dataclass(frozen=True, slots=True)
class Family:
    """The networks within the limits, in grid order; the number beyond them; notes."""

    members: tuple[Member, ...]
    dropped: int
    notes: tuple[Diagnostic, ...]


def family(
    spec: str,
    vary: Sequence[str],
    sets: Sequence[str] = (),
    *,
    max_params: int | None = None,
    max_macs: int | None = None,
) -> Family:
    """Compile `spec` under all combinations of `vary` (`K=a,b,c`; the last one changes fastest).

    Raises UsageError (not a list of values, too many combinations) and SpecError with the mistakes
    of all combinations that do not compile, each naming its combination.
    """
    grid = _grid(vary, sets)
    members: list[Member] = []
    problems: list[Diagnostic] = []
    notes: list[Diagnostic] = []
    for values in product(*grid.values()):
        settings = dict(zip(grid, values, strict=True))
        try:
            graph = compile_spec(spec, sets=[*sets, *(_setting(k, v) for k, v in settings.items())])
        except SpecError as error:
            problems += [_name_settings(diagnostic, settings) for diagnostic in error.diagnostics]
            if OF_NAMES & {diagnostic.code for diagnostic in error.diagnostics}:
                break  # so would all others
            continue
        sums = totals(layers(graph))
        members.append(
            Member(
                settings=settings,
                depth=depth(graph),
                params=sums.params,
                macs=sums.macs,
                hash=graph.hash,
            )
        )
        notes += graph.notes
    if problems:
        raise SpecError(problems)
    kept = [m for m in members if m.params <= _limit(max_params) and m.macs <= _limit(max_macs)]
    return Family(tuple(kept), len(members) - len(kept), _merge_notes(notes, len(members)))


def _limit(value: int | None) -> float:
    return float("inf") if value is None else value


def _grid(vary: Sequence[str], sets: Sequence[str]) -> dict[str, list[Any]]:
    """The values of each setting that varies. Raises UsageError."""
    taken = {text.partition("=")[0] for text in sets}
    grid: dict[str, list[Any]] = {}
    for text in vary:
        key, equals, values = text.partition("=")
        if not (key and equals and values.strip()):
            raise UsageError(f"--vary: expected K=a,b,c, got '{text}'")
        if key in grid or key in taken:
            raise UsageError(f"'{key}' is set twice", hint="name all its values in one --vary")
        grid[key] = _values(key, values)
    rows = prod(map(len, grid.values()))
    if rows > MAX_COMBINATIONS:
        raise UsageError(
            f"--vary makes {rows:,} combinations, more than {MAX_COMBINATIONS:,}",
            hint="vary fewer values",
        )
    return grid


def _values(key: str, text: str) -> list[Any]:
    """The values of `a,b,c`, read as a YAML list. Raises UsageError, SpecError."""
    tree = parse(f"[{text}]", f"--vary {key}")
    if not (isinstance(tree, Seq) and tree.items):
        raise UsageError(f"--vary {key}: expected values separated by commas, got '{text}'")
    return [plain(item) for item in tree.items]


def _setting(key: str, value: Any) -> str:
    return f"{key}={flow(value)}"


def _name_settings(diagnostic: Diagnostic, settings: Mapping[str, Any]) -> Diagnostic:
    words = ", ".join(_setting(key, value) for key, value in settings.items())
    return replace(diagnostic, message=f"with {words}: {diagnostic.message}")


def _merge_notes(notes: Sequence[Diagnostic], rows: int) -> tuple[Diagnostic, ...]:
    """One note a place instead of one a row."""
    groups: dict[tuple[Any, str], list[Diagnostic]] = {}
    for note in notes:
        groups.setdefault((note.location, note.code), []).append(note)
    return tuple(_merge_group(group, rows) for group in groups.values())


def _merge_group(group: Sequence[Diagnostic], rows: int) -> Diagnostic:
    first = group[0]
    if len(group) == 1:
        return first
    return replace(first, message=f"{first.message}, and so on in {len(group)} of {rows} rows")
