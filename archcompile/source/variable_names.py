"""Which variable holds which value: few names, reused as soon as a value is no longer needed."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

END = 10**9  # later than any step


@dataclass(frozen=True, slots=True)
class Use:
    """A step: the value that it computes, and those that it reads.

    `over` is the value whose variable it must take, in place or as a copy.
    """

    key: str
    sources: tuple[str, ...]
    over: str | None = None


@dataclass(frozen=True)
class Variables:
    """`of` names the variable of every value.

    `copies` are to be made before a step, by its key: (new, old).
    """

    of: Mapping[str, str]
    copies: Mapping[str, tuple[str, str]]


def assign(uses: Sequence[Use], given: Mapping[str, str], kept: Sequence[str] = ()) -> Variables:
    """Variables for steps in order.

    `given` are values that have one already, `kept` are needed at the end. A step takes the
    variable of a source that nothing reads any more (of several, the oldest), else a new one.
    """
    last = _last_reads(uses) | dict.fromkeys(kept, END)
    of, copies = dict(given), dict[str, tuple[str, str]]()
    live = [*given]
    order = [*given.values()]  # variables, oldest first
    for place, use in enumerate(uses):
        live = [key for key in live if last.get(key, -1) >= place]
        needed = {of[key] for key in live if last[key] > place}
        if use.over is not None and of[use.over] not in needed:
            of[use.key] = of[use.over]
        elif use.over is not None:
            of[use.key] = _new_name(order)
            copies[use.key] = (of[use.key], of[use.over])
        else:
            free = sorted(
                (of[source] for source in use.sources if of[source] not in needed), key=order.index
            )
            of[use.key] = free[0] if free else _new_name(needed)
        if of[use.key] not in order:
            order.append(of[use.key])
        live.append(use.key)
    return Variables(of, copies)


def _last_reads(uses: Sequence[Use]) -> dict[str, int]:
    """The place of the last step that reads each value."""
    return {source: place for place, use in enumerate(uses) for source in use.sources}


def _new_name(taken: Collection[str]) -> str:
    return next(name for name in _names() if name not in taken)


def _names() -> Iterator[str]:
    yield from ("x", "y")
    yield from (f"y{number}" for number in range(2, END))
