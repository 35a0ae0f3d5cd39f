"""An attribute that differs from unit to unit: a relation to a known fact, else an argument."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MULTIPLES = range(2, 17)  # beyond, a relation of two numbers is an accident


@dataclass(eq=False, slots=True, kw_only=True)
class Argument:
    """An argument of a block or rule, its value in each unit; named once all are known."""

    attribute: str
    values: tuple[Any, ...]
    branch: str = ""  # of a fork, in which its step lies
    name: str = ""
    # the expression that gives every value, which then is no argument any more
    inline: str | None = None


@dataclass(frozen=True, slots=True)
class Expression:
    """`$name` or `$(…)`: `pattern` with the name of what it is about in place of {}."""

    pattern: str
    about: "Argument | str"

    def __str__(self) -> str:
        if isinstance(self.about, Argument) and self.about.inline is not None:
            return self.about.inline
        name = self.about if isinstance(self.about, str) else self.about.name
        if self.pattern == "{}":
            return f"${name}" if name.isidentifier() else f"$({name})"
        return f"$({self.pattern.format(name if name.isidentifier() else f'({name})')})"


@dataclass(slots=True, kw_only=True)
class Solver:
    """Solves one block's attributes in the order of its steps; `facts` hold a value for each unit.

    `preferred` names the fact that an attribute is, if that holds, even where one number would do.
    """

    facts: Mapping[str, tuple[Any, ...]]
    preferred: Mapping[str, str] = field(default_factory=dict)
    arguments: list[Argument] = field(default_factory=list)
    branch: str = ""

    def solve(self, attribute: str, values: Sequence[Any]) -> Any:
        """A literal, an Expression, or a list of these."""
        fact = self.preferred.get(attribute, "")
        if (
            fact in self.facts
            and self.facts[fact] == tuple(values)
            and len({repr(v) for v in values} | {"1"}) > 1
        ):
            return Expression("{}", fact)
        if all(value == values[0] and type(value) is type(values[0]) for value in values):
            return values[0]
        if (
            all(isinstance(value, list) for value in values)
            and len({len(value) for value in values}) == 1
        ):
            return [self.solve(attribute, column) for column in zip(*values, strict=True)]
        return self.find_relation(values) or self.argument(attribute, tuple(values))

    def find_relation(self, values: Sequence[Any]) -> Expression | None:
        """An expression over a fact or an argument that gives all values, if there is one."""
        for argument in self.arguments:
            if argument.values == tuple(values):
                return Expression("{}", argument)
        if not all(isinstance(value, int) and not isinstance(value, bool) for value in values):
            return None
        known: list[tuple[Argument | str, tuple[Any, ...]]] = [
            *self.facts.items(),
            *((a, a.values) for a in self.arguments),
        ]
        for about, numbers in known:
            if all(isinstance(number, int) for number in numbers):
                pattern = relation(values, numbers)
                if pattern:
                    return Expression(pattern, about)
        return None

    def argument(self, attribute: str, values: tuple[Any, ...]) -> Expression:
        self.arguments.append(Argument(attribute=attribute, values=values, branch=self.branch))
        return Expression("{}", self.arguments[-1])


def relation(values: Sequence[int], numbers: Sequence[int]) -> str | None:
    """How each value follows from the number of its unit: the same, a multiple, a part."""
    if list(values) == list(numbers):
        return "{}"
    for k in MULTIPLES:
        if all(value == k * number for value, number in zip(values, numbers, strict=True)):
            return f"{k} * {{}}"
        if all(k * value == number for value, number in zip(values, numbers, strict=True)):
            return f"{{}} / {k}"
    return None


ONES = ("stride", "groups", "dilation")  # 1 unless given
# Attributes of which a block mostly has several, without a usual value.
WIDTHS = ("filters", "units")
SPOKEN = {"kind": "act", "repeat": "times", "after": "behind"}  # arguments called otherwise


def name_all(arguments: Sequence[Argument]) -> None:
    """Names arguments like their attributes; several widths by branch, or `mid` and `out`."""
    taken: dict[str, int] = {}
    for argument in arguments:
        alike = [each for each in arguments if each.attribute == argument.attribute]
        word = SPOKEN.get(argument.attribute, argument.attribute)
        if argument.attribute in WIDTHS and len(alike) > 1:
            word = argument.branch or ("out" if argument is alike[-1] else "mid")
        taken[word] = taken.get(word, 0) + 1
        argument.name = word if taken[word] == 1 else f"{word}_{taken[word]}"


def usual(argument: Argument) -> Any:
    """The default of an argument: what most units have; None for widths, which callers give.

    One that may be a list must have a list as its default.
    """
    lists = [value for value in argument.values if isinstance(value, list)]
    if lists:
        return lists[0]
    if argument.attribute in WIDTHS:
        return None
    if argument.attribute in ONES and 1 in argument.values:
        return 1
    counts: dict[Any, int] = {}
    for value in argument.values:
        counts[value] = counts.get(value, 0) + 1
    return max(counts, key=lambda value: counts[value])


def defaults_of(arguments: Sequence[Argument]) -> dict[str, Any]:
    usual_values = {argument.name: usual(argument) for argument in arguments}
    return {name: value for name, value in usual_values.items() if value is not None}
