"""Which variable holds what: few names, used again as soon as their value is no longer needed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

END = 10**9  # later than any step


@dataclass(frozen=True, slots=True)
class Use:
    """A step: what it makes, of what. `over` is the value whose variable it must take, in place or
    as a copy.
    """

    key: str
    sources: tuple[str, ...]
    over: str | None = None


@dataclass(frozen=True)
class Variables:
    """`of` names the variable of every value; `copies` are to be made before a step, by its key:
    (new, old).
    """

    of: Mapping[str, str]
    copies: Mapping[str, tuple[str, str]]


def assign(uses: Sequence[Use], given: Mapping[str, str], kept: Sequence[str] = ()) -> Variables:
    """Variables for steps in order; `given` are values that are there already, `kept` are needed in
    the end.

    A step takes the variable of a source that nothing reads any more (of several, the oldest), else
    a new one.
    """
    last = {
        source: place for place, use in enumerate(uses) for source in use.sources
    } | dict.fromkeys(kept, END)
    of, copies = dict(given), dict[str, tuple[str, str]]()
    live = [key for key in given if last.get(key, -1) >= 0]
    order = [*given.values()]  # variables, oldest first
    for place, use in enumerate(uses):
        live = [key for key in live if last.get(key, -1) >= place]
        held = {of[key] for key in live if last[key] > place}
        free = sorted((of[s] for s in use.sources if of[s] not in held), key=order.index)
        if use.over is not None and of[use.over] not in held:
            of[use.key] = of[use.over]
        elif use.over is not None:
            fresh = next(name for name in _names() if name not in order)
            of[use.key], copies[use.key] = fresh, (fresh, of[use.over])
        else:
            of[use.key] = free[0] if free else next(name for name in _names() if name not in held)
        if of[use.key] not in order:
            order.append(of[use.key])
        live.append(use.key)
    return Variables(of, copies)


def _names() -> Iterator[str]:
    yield from ("x", "y")
    yield from (f"y{number}" for number in range(2, END))
