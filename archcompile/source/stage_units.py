"""Which calls are a unit of a stage that a function can build: one value in, one value out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from archcompile.keras_model import NamedCall

INPUT = "x"  # the one value that a unit gets

# The names of the calls that read each value; the empty name reads outputs.
Readers = Mapping[str, set[str]]


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A unit of a stage, or a use of a block, with its `place` among those.

    Its calls go by their names without `prefix`; they read one value from outside, `source`.
    `links` are what each call reads: such names, and INPUT.
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


def readers_of(calls: Sequence[NamedCall], outputs: Iterable[str]) -> Readers:
    readers: dict[str, set[str]] = defaultdict(set)
    for call in calls:
        for source in call.sources:
            readers[source].add(call.name)
    for name in outputs:
        readers[name].add("")
    return readers


def unit_of(calls: Sequence[NamedCall], readers: Readers) -> Unit | None:
    """The unit of a stage that these calls are; None where a function cannot build it."""
    origin = calls[0].node.origin
    if origin.unit is None or origin.row is None:
        return None
    prefix = f"{origin.part}_b{origin.unit}"
    if not all(call.name.startswith(f"{prefix}_") for call in calls):
        prefix = origin.part
    return closed_unit(calls, prefix, origin.row, place=origin.unit, readers=readers)


def closed_unit(
    calls: Sequence[NamedCall], prefix: str, row: str, *, place: int, readers: Readers
) -> Unit | None:
    """Calls as a unit; None where they are not closed.

    They are closed if all names begin with `prefix`, one value is read from outside, and outside
    only the last call is read.
    """
    names = {call.name for call in calls}
    if not all(name.isidentifier() for name in names):
        return None
    sources = {source for call in calls for source in call.sources} - names
    inside = all(readers[call.name] and readers[call.name] <= names for call in calls[:-1])
    if len(sources) != 1 or not inside or not all(name.startswith(f"{prefix}_") for name in names):
        return None
    local = {name: name.removeprefix(f"{prefix}_") for name in names}
    if INPUT in local.values():
        return None
    source = sources.pop()
    local[source] = INPUT
    return Unit(
        part=calls[0].node.origin.part,
        place=place,
        row=row,
        prefix=prefix,
        source=source,
        calls={local[call.name]: call for call in calls},
        links={local[call.name]: tuple(map(local.__getitem__, call.sources)) for call in calls},
    )
